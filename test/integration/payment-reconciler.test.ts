import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/app/system-random.ts';
import type { OutcomeRecord } from '../../src/journal/journal.ts';
import { SqliteJournal } from '../../src/journal/sqlite-journal.ts';
import { openSqliteStore } from '../../src/journal/sqlite-store.ts';
import { Reconciler } from '../../src/payment/reconciler.ts';
import type {
  LookUp,
  PaymentProvider,
  ProviderRequest,
  ProviderResult,
  TokenProvider,
} from '../../src/payment/provider.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { paymentRecord } from '../support/payment-record.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';

/**
 * Goal: an unknown outcome ends as what really happened, and a person is asked for when the program cannot know.
 * Method: a journal on disk with an attempt that a crash left, and a provider that answers as told.
 */
const START_MS = Date.UTC(2026, 10, 2, 12);
const APPROVED: ProviderResult = {
  outcome: 'approved',
  reference: 'ch_1',
  brand: 'visa',
  last4: '1486',
  declineCode: null,
  message: 'The payment was approved.',
};
const UNKNOWN: ProviderResult = { ...APPROVED, outcome: 'unknown', reference: null, message: 'Unknown.' };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A provider that answers repeats and look-ups as a test tells it, and counts them. */
class AnsweringProvider implements TokenProvider {
  readonly kind = 'simulator';
  traits: TokenProvider['traits'] = {
    tokenises: true,
    keyLifetimeMs: 3_600_000,
    replays: 'all',
    lookup: 'by-id',
    lookupConsistent: true,
    maxKeyLength: 64,
  };
  readonly asked: string[] = [];
  charged: ProviderResult = UNKNOWN;
  found: LookUp = 'undecided';

  tokenise: TokenProvider['tokenise'] = () => Promise.reject(new Error('nothing is tokenised here'));

  charge: TokenProvider['charge'] = (request, token, isRepeat) => {
    this.asked.push(
      `${isRepeat ? 'repeat' : 'charge'} ${request.idempotencyKey} ${token} ${request.amountMinor}`,
    );
    return Promise.resolve(this.charged);
  };

  lookUp = (request: ProviderRequest): Promise<LookUp> => {
    this.asked.push(`look-up ${request.idempotencyKey}`);
    return Promise.resolve(this.found);
  };

  close = (): Promise<void> => Promise.resolve();
}

async function setUp(
  options: {
    readonly token?: string | null;
    readonly provider?: PaymentProvider | null;
    /** Of payments of their own; one if not given. */
    readonly attempts?: number;
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'tonewall-reconciler-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'journal.db');
  const beganAt = new Date(START_MS).toISOString();
  const crashed = openSqliteStore(path, null);
  const payment = paymentRecord();
  crashed.createPayment(payment);
  const { operation, amountMinor, currency } = payment;
  const token = options.token === undefined ? 'tok_a' : options.token;
  const order = { operation, amountMinor, currency, token };
  crashed.beginAttempt({ idempotencyKey: 'att_a', paymentId: payment.id, ...order }, 'agent', beganAt);
  for (let index = 1; index < (options.attempts ?? 1); index += 1) {
    crashed.createPayment(paymentRecord({ id: `pay_${index}` }));
    const intent = { idempotencyKey: `att_${index}`, paymentId: `pay_${index}`, ...order };
    crashed.beginAttempt(intent, 'agent', beganAt);
  }
  crashed.close();

  const clock = new FakeClock(START_MS);
  const meter = new RecordingMeter();
  const logger = new RecordingLogger();
  const journal = await SqliteJournal.open(path, { clock, meter, logger });
  cleanUps.push(() => journal.close());
  const provider = new AnsweringProvider();
  const told: { readonly id: string; readonly outcome: OutcomeRecord }[] = [];
  const reconciler = new Reconciler({
    journal,
    clock,
    random: systemRandom,
    meter,
    logger,
    providerOf: () => (options.provider === undefined ? provider : options.provider),
    onSettled: (id, outcome) => told.push({ id, outcome }),
  });
  cleanUps.push(() => reconciler.close());
  reconciler.start();
  /** Moves time on in steps of a second until `isTrue`; the journal has a thread of its own. */
  const until = async (isTrue: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await isTrue())) {
      await journal.payment(payment.id);
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1000);
    }
  };
  const escalatedAt = async () => (await journal.unknownAttempts())[0]?.escalatedAt ?? null;
  return { path, clock, meter, logger, journal, provider, told, payment, until, escalatedAt };
}

describe('Reconciler', () => {
  it('repeats the charge with the stored token under the stored key, stores the answer, and tells it once', async () => {
    const { provider, told, journal, payment, until, meter } = await setUp();
    provider.charged = APPROVED;
    await until(() => told.length > 0);

    expect(provider.asked).toEqual(['repeat att_a tok_a 4250']);
    expect(told).toEqual([
      {
        id: payment.id,
        outcome: expect.objectContaining({ outcome: 'approved', providerReference: 'ch_1' }),
      },
    ]);
    expect(await journal.payment(payment.id)).toMatchObject({ state: 'approved' });
    await until(() => meter.value('payments_unknown') === 0);
    expect(told).toHaveLength(1);
  });

  it('goes on repeating while the answer is unknown, with the same key, and ends when it comes', async () => {
    const { provider, told, until } = await setUp();
    await until(() => provider.asked.length >= 3);
    expect(told).toEqual([]);
    provider.charged = { ...APPROVED, outcome: 'declined', declineCode: 'card_declined' };
    await until(() => told.length > 0);

    expect(told[0]?.outcome).toMatchObject({ outcome: 'declined', declineCode: 'card_declined' });
    expect(new Set(provider.asked)).toEqual(new Set(['repeat att_a tok_a 4250']));
  });

  it('only looks up when the key is too old to repeat, asks for a person, and goes on looking', async () => {
    const { provider, told, until, clock, escalatedAt, meter } = await setUp();
    clock.advance(3_600_000);
    await until(async () => (await escalatedAt()) !== null);
    await until(() => meter.value('payments_escalated') === 1);
    const asked = provider.asked.slice(-1);
    expect(asked).toEqual(['look-up att_a']);
    provider.found = APPROVED;
    await until(() => told.length > 0);

    expect(told[0]?.outcome.outcome).toBe('approved');
  });

  it('asks for a person at once when there is neither a token nor a look-up', async () => {
    const { provider, told, until, escalatedAt, logger } = await setUp({ token: null });
    provider.traits = { ...provider.traits, lookup: 'none' };
    await until(async () => (await escalatedAt()) !== null);

    expect(provider.asked).toEqual([]);
    expect(told).toEqual([]);
    expect(logger.lines.some(({ message }) => message.includes('needs a person'))).toBe(true);
  });

  it('asks for a person when the profile is not configured any more', async () => {
    const { until, escalatedAt } = await setUp({ provider: null });
    await until(async () => (await escalatedAt()) !== null);

    expect(await escalatedAt()).not.toBeNull();
  });

  it('asks about each of a crowd before it asks about any a second time', async () => {
    const crowd = 40;
    const { provider, until } = await setUp({ attempts: crowd });
    await until(() => provider.asked.length >= 2 * crowd);

    expect(new Set(provider.asked.slice(0, crowd)).size).toBe(crowd);
  });

  it('notices and tells what somebody else settled', async () => {
    const { journal, told, until, meter, payment } = await setUp();
    await until(() => meter.value('payments_unknown') === 1);
    const outcome: OutcomeRecord = {
      outcome: 'declined',
      providerReference: null,
      brand: null,
      last4: null,
      declineCode: null,
      message: 'Settled by hand.',
    };
    await journal.settleAttempt('att_a', outcome, 'operator:jo');
    await until(() => told.length > 0);

    expect(told).toEqual([{ id: payment.id, outcome }]);
  });
});
