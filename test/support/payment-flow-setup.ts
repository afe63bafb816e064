import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach } from 'vitest';
import { systemClock } from '../../src/app/system-clock.ts';
import { systemRandom } from '../../src/app/system-random.ts';
import { SqliteJournal } from '../../src/journal/sqlite-journal.ts';
import { runPayment } from '../../src/payment/payment-flow.ts';
import type { DirectProvider, ProviderRequest, ProviderResult } from '../../src/payment/provider.ts';
import type { CardDetails } from '../../src/vault/card-details.ts';
import { FakeClock } from './fake-clock.ts';
import { FaultyJournal } from './faulty-journal.ts';
import { paymentRecord } from './payment-record.ts';
import { RecordingLogger } from './recording-logger.ts';
import { RecordingMeter } from './recording-meter.ts';
import { TestCard } from './test-card.ts';

export const NUMBER = '4539578763621486';
export const APPROVED: ProviderResult = {
  outcome: 'approved',
  reference: 'ch_1',
  brand: null,
  last4: null,
  declineCode: null,
  message: 'The payment was approved.',
};

/** What a test has to undo; the last first. */
export const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Answers as told, and notes each request with what the journal knew when it came. */
export class ScriptedProvider implements DirectProvider {
  readonly kind = 'simulator';
  readonly traits = {
    tokenises: false,
    keyLifetimeMs: 0,
    replays: 'none',
    lookup: 'none',
    lookupConsistent: false,
    maxKeyLength: 36,
  } as const;
  readonly requests: {
    readonly request: ProviderRequest;
    readonly isIntentStored: boolean;
    readonly digits: number;
  }[] = [];
  answer: () => Promise<ProviderResult> = () => Promise.resolve(APPROVED);
  readonly #database: string;

  constructor(database: string) {
    this.#database = database;
  }

  execute(request: ProviderRequest, card: CardDetails): Promise<ProviderResult> {
    const intents = readAll(
      this.#database,
      'SELECT state FROM attempt WHERE idempotency_key = ?',
      request.idempotencyKey,
    );
    const isIntentStored = intents[0]?.['state'] === 'intent';
    this.requests.push({ request, isIntentStored, digits: card.length('payment-card-number') });
    return this.answer();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Rows of a journal file, read beside the process that writes it. */
export function readAll(path: string, sql: string, ...values: string[]) {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(sql).all(...values);
  } finally {
    database.close();
  }
}

/** A real journal on disk behind one that fails as told, a scripted provider, and a payment that was just opened. */
export async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'tonewall-flow-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'journal.db');
  const logger = new RecordingLogger();
  const meter = new RecordingMeter();
  const real = await SqliteJournal.open(path, { clock: systemClock, logger, meter });
  cleanUps.push(() => real.close());
  const journal = new FaultyJournal(real);
  const provider = new ScriptedProvider(path);
  const clock = new FakeClock();
  const card = new TestCard({ 'payment-card-number': NUMBER });
  const payment = paymentRecord();
  await real.createPayment(payment);
  const dependencies = { journal, provider, clock, meter, logger, random: systemRandom };
  const start = () => runPayment(dependencies, payment, card, 'agent');
  const stored = async () => {
    const record = await real.payment(payment.id);
    return { state: record?.state, outcome: record?.outcome, attempts: attempts(path) };
  };
  return { path, real, journal, provider, clock, card, payment, meter, logger, start, stored, dependencies };
}

/** The states of all attempts, oldest first. */
function attempts(path: string): unknown[] {
  return readAll(path, 'SELECT state FROM attempt ORDER BY rowid').map((row) => row['state']);
}

/** Moves the clock over the flow's pauses, and only over those: the journal and the provider have other clocks. */
export async function finish<T>(clock: FakeClock, running: Promise<T>): Promise<T> {
  let isDone = false;
  const done = running.finally(() => (isDone = true));
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    if (clock.nextInMs !== null) clock.advance(clock.nextInMs);
  }
  return done;
}

/** Moves the clock on until it is true. */
export async function until(clock: FakeClock, isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) if (clock.nextInMs !== null) clock.advance(clock.nextInMs);
}
