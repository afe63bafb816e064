import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { systemRandom } from '../../src/app/system-random.ts';
import type { Journal, LinkRecord, OutcomeRecord } from '../../src/journal/journal.ts';
import { openJournal } from '../../src/journal/open-journal.ts';
import { FakeClock } from './fake-clock.ts';
import { APPROVED } from './payment-record.ts';
import { POSTGRES_MISSING, PostgresServer } from './postgres-server.ts';
import { RecordingLogger } from './recording-logger.ts';
import { RecordingMeter } from './recording-meter.ts';

export const LATER = '2026-11-02T12:00:02.000Z';
export const DECLINED: OutcomeRecord = {
  ...APPROVED,
  outcome: 'declined',
  providerReference: null,
  declineCode: '51',
};
export const FAILED: OutcomeRecord = { ...APPROVED, outcome: 'failed', providerReference: null };
export const UNKNOWN: OutcomeRecord = { ...APPROVED, outcome: 'unknown', providerReference: null };

export const LINK: LinkRecord = {
  paymentId: 'pay_a',
  tokenHash: 'a'.repeat(64),
  to: '+447700900123',
  state: 'sent',
  expiresAt: '2026-11-03T12:00:00.000Z',
  triesLeft: 3,
  links: 1,
  messageId: null,
};

export const errorCode = (code: string): object =>
  expect.objectContaining({ name: 'JournalError', code }) as object;

interface Database {
  /** Names an empty one. */
  readonly make: () => Promise<string>;
  readonly close: () => Promise<void>;
}

function sqliteFiles(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'tonewall-conformance-'));
  let files = 0;
  return Promise.resolve({
    make: async () => join(folder, `journal-${(files += 1)}.db`),
    close: async () => rmSync(folder, { recursive: true }),
  });
}

async function postgresDatabases(): Promise<Database> {
  const server = await PostgresServer.start();
  return { make: () => server.database(), close: () => server.close() };
}

const DATABASES = [
  { name: 'SQLite', missing: null, start: sqliteFiles },
  { name: 'PostgreSQL', missing: POSTGRES_MISSING, start: postgresDatabases },
];

let database: Database;
/** What `TONEWALL_DATABASE` is in this test. */
export let place: string;
/** Stands at `LATER` when a test begins. */
export let clock: FakeClock;
let logger: RecordingLogger;
let journals: Journal[];

/** Opens the journal of this test. */
export async function open(tellsOthers = false): Promise<Journal> {
  logger = new RecordingLogger();
  const shared = { clock, logger, meter: new RecordingMeter(), random: systemRandom };
  const journal = await openJournal(place, { ...shared, tellsOthers });
  journals.push(journal);
  return journal;
}

/** As a new process does after the former one. */
export async function reopen(): Promise<Journal> {
  await journals.pop()?.close();
  return open();
}

/** What the last start settled, as it was logged. */
export function recoveries(): object {
  return Object.fromEntries(logger.lines.map(({ fields }) => [fields?.outcome, fields?.count]));
}

/** Runs the same tests on SQLite and on a real PostgreSQL, each test on an empty database. */
export function onEachDatabase(tests: () => void): void {
  for (const { name, missing, start } of DATABASES) {
    describe.skipIf(missing !== null)(`the journal in ${name} ${missing ?? ''}`, () => {
      beforeAll(async () => void (database = await start()));
      afterAll(() => database.close());
      beforeEach(async () => {
        place = await database.make();
        clock = new FakeClock(Date.parse(LATER));
        journals = [];
      });
      afterEach(async () => {
        for (const journal of journals) await journal.close();
      });
      tests();
    });
  }
}
