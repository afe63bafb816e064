import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/app/system-clock.ts';
import { systemRandom } from '../../src/app/system-random.ts';
import { SqliteJournal } from '../../src/journal/sqlite-journal.ts';
import { GenericPayConnector } from '../../src/payment/generic-pay-connector/generic-pay-connector.ts';
import { runPayment } from '../../src/payment/payment-flow.ts';
import type {
  DirectProvider,
  ProviderRequest,
  ProviderResult,
  Tokenised,
  TokenProvider,
} from '../../src/payment/provider.ts';
import type { CardDetails } from '../../src/vault/card-details.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FaultyJournal } from '../support/faulty-journal.ts';
import type { JournalFault } from '../support/faulty-journal.ts';
import { paymentRecord } from '../support/payment-record.ts';
import { ProviderEndpoint } from '../support/provider-endpoint.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';
import { TestCard } from '../support/test-card.ts';

/**
 * Goal: no payment is lost, doubled or misreported, whatever the journal and the provider do. Method: the real
 * journal on disk behind a wrapper that loses answers, and a provider that says what it saw in the journal.
 */
const NUMBER = '4539578763621486';
const APPROVED: ProviderResult = {
  outcome: 'approved',
  reference: 'ch_1',
  brand: null,
  last4: null,
  declineCode: null,
  message: 'The payment was approved.',
};

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Answers as told, and notes each request with what the journal knew when it came. */
class ScriptedProvider implements DirectProvider {
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

function readAll(path: string, sql: string, ...values: string[]) {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(sql).all(...values);
  } finally {
    database.close();
  }
}

async function setUp() {
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
async function finish<T>(clock: FakeClock, running: Promise<T>): Promise<T> {
  let isDone = false;
  const done = running.finally(() => (isDone = true));
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    if (clock.nextInMs !== null) clock.advance(clock.nextInMs);
  }
  return done;
}

async function until(clock: FakeClock, isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) if (clock.nextInMs !== null) clock.advance(clock.nextInMs);
}

describe('runPayment', () => {
  it('commits the intent before the provider is asked, then the outcome, and wipes the card', async () => {
    const { provider, card, meter, start, stored } = await setUp();
    const outcome = await start();

    expect(outcome).toEqual({
      outcome: 'approved',
      providerReference: 'ch_1',
      brand: 'visa',
      last4: '1486',
      declineCode: null,
      message: 'The payment was approved.',
    });
    expect(provider.requests).toEqual([
      {
        isIntentStored: true,
        digits: 16,
        request: {
          operation: 'charge',
          idempotencyKey: expect.stringMatching(/^att_[a-z]{32}$/) as string,
          amountMinor: 4250,
          currency: 'GBP',
          reference: 'order-17',
          description: 'Two tickets',
        },
      },
    ]);
    expect(await stored()).toEqual({ state: 'approved', outcome, attempts: ['approved'] });
    expect(card.isWiped).toBe(true);
    expect(meter.value('payment_seconds', { provider: 'simulator', step: 'charge' })).toBe(1);
  });

  it.each(['approved', 'declined', 'failed', 'unknown'] as const)('stores and returns %s', async (word) => {
    const { provider, start, stored } = await setUp();
    provider.answer = () =>
      Promise.resolve({ ...APPROVED, outcome: word, brand: 'amex', last4: '0005', declineCode: '51' });
    const outcome = await start();

    expect(outcome).toMatchObject({ outcome: word, brand: 'amex', last4: '0005', declineCode: '51' });
    expect(await stored()).toEqual({ state: word, outcome, attempts: [word] });
  });

  it('is unknown, and the card wiped, when a bug makes the provider reject', async () => {
    const { provider, card, logger, start, stored } = await setUp();
    provider.answer = () => Promise.reject(new Error(NUMBER));

    expect((await start()).outcome).toBe('unknown');
    expect(await stored()).toMatchObject({ state: 'unknown', attempts: ['unknown'] });
    expect(card.isWiped).toBe(true);
    expect(JSON.stringify(logger.lines)).not.toContain(NUMBER);
  });

  it('wipes the card before it waits for the journal', async () => {
    const { journal, card, clock, start } = await setUp();
    const settle = journal.settleAttempt;
    let wasWiped = false;
    journal.settleAttempt = (key, outcome, actor) => {
      wasWiped = card.isWiped;
      return settle(key, outcome, actor);
    };
    await finish(clock, start());

    expect(wasWiped).toBe(true);
  });
});

describe('runPayment while the journal is away', () => {
  it('is failed after ten seconds with nothing sent, and stores that when the journal is back', async () => {
    const { journal, provider, clock, card, start, stored } = await setUp();
    journal.forever = 'away';
    const run = start().then((outcome) => ({ outcome, endedMs: clock.monotonicMs() }));
    const { outcome, endedMs } = await finish(clock, run);

    expect(outcome.outcome).toBe('failed');
    expect(endedMs).toBeLessThanOrEqual(10_000);
    expect(endedMs).toBeGreaterThan(8000);
    expect(provider.requests).toEqual([]);
    expect(card.isWiped).toBe(true);
    expect(await stored()).toMatchObject({ state: 'connecting', attempts: [] });

    journal.forever = null;
    await until(clock, async () => (await stored()).state === 'failed');
    expect(await stored()).toEqual({ state: 'failed', outcome, attempts: [] });
  });

  it('charges once when the journal is back in time', async () => {
    const { journal, provider, clock, start, stored } = await setUp();
    journal.faults.beginAttempt.push('away', 'away', 'away');

    expect((await finish(clock, start())).outcome).toBe('approved');
    expect(provider.requests).toHaveLength(1);
    expect((await stored()).attempts).toEqual(['approved']);
  });

  it.each<{ faults: JournalFault[] }>([
    { faults: ['away'] },
    { faults: ['lost-before', 'away', 'lost-before', 'away', 'away'] },
    { faults: ['lost-after'] },
  ])(
    'returns the outcome when it is stored, not before, when settling fails by $faults',
    async ({ faults }) => {
      const { journal, provider, clock, start, stored } = await setUp();
      journal.faults.settleAttempt.push(...faults);
      let hasReturned = false;
      const running = start().finally(() => (hasReturned = true));
      await clock.whenPending(1);
      await new Promise((resolve) => setImmediate(resolve));
      expect(hasReturned).toBe(false);
      const outcome = await finish(clock, running);

      expect(outcome.outcome).toBe('approved');
      expect(await stored()).toEqual({ state: 'approved', outcome, attempts: ['approved'] });
      expect(provider.requests).toHaveLength(1);
      expect(clock.pending).toBe(0);
    },
  );
});

describe("runPayment when the answer to the intent's commit is lost", () => {
  it('reads back that it was stored, and charges once', async () => {
    const { journal, provider, clock, start, stored } = await setUp();
    journal.faults.beginAttempt.push('lost-after');

    expect((await finish(clock, start())).outcome).toBe('approved');
    expect(journal.calls).toEqual(['beginAttempt', 'hasAttempt', 'settleAttempt']);
    expect(provider.requests).toHaveLength(1);
    expect(await stored()).toMatchObject({ state: 'approved', attempts: ['approved'] });
  });

  it('reads back that it was not stored, commits it again, and charges once', async () => {
    const { journal, provider, clock, start, stored } = await setUp();
    journal.faults.beginAttempt.push('lost-before');

    expect((await finish(clock, start())).outcome).toBe('approved');
    expect(journal.calls).toEqual(['beginAttempt', 'hasAttempt', 'beginAttempt', 'settleAttempt']);
    expect(provider.requests).toHaveLength(1);
    expect((await stored()).attempts).toEqual(['approved']);
  });

  it('reads back again when that answer is lost too', async () => {
    const { journal, provider, clock, start } = await setUp();
    journal.faults.beginAttempt.push('lost-after');
    journal.faults.hasAttempt.push('lost-before', 'away', 'lost-after');

    expect((await finish(clock, start())).outcome).toBe('approved');
    expect(provider.requests).toHaveLength(1);
  });

  it.each<{ fault: JournalFault; attempts: string[] }>([
    { fault: 'lost-after', attempts: ['failed'] },
    { fault: 'lost-before', attempts: [] },
  ])(
    'is unknown while that cannot be read, and failed later, after $fault',
    async ({ fault, attempts: later }) => {
      const { journal, provider, clock, card, start, stored } = await setUp();
      journal.faults.beginAttempt.push(fault);
      journal.faults.hasAttempt.push(...Array.from({ length: 100 }, () => 'away' as const));
      const outcome = await finish(clock, start());

      expect(outcome).toMatchObject({ outcome: 'unknown', providerReference: null });
      expect(provider.requests).toEqual([]);
      expect(card.isWiped).toBe(true);

      journal.faults.hasAttempt = [];
      await until(clock, async () => (await stored()).state === 'failed');
      expect((await stored()).attempts).toEqual(later);
    },
  );
});

describe('runPayment when the journal refuses', () => {
  it('is unknown and sends nothing while another attempt is open', async () => {
    const { real, provider, payment, start, stored } = await setUp();
    const { operation, amountMinor, currency } = payment;
    const order = { paymentId: payment.id, operation, amountMinor, currency, token: null };
    await real.beginAttempt({ idempotencyKey: 'att_other', ...order }, 'agent');

    expect((await start()).outcome).toBe('unknown');
    expect(provider.requests).toEqual([]);
    expect(await stored()).toMatchObject({ state: 'processing', attempts: ['intent'] });
  });

  it('is unknown and sends nothing when the payment has ended', async () => {
    const { real, provider, payment, logger, start, stored } = await setUp();
    await real.moveState(payment.id, ['connecting'], 'canceled', 'agent');

    expect((await start()).outcome).toBe('unknown');
    expect(provider.requests).toEqual([]);
    expect(await stored()).toMatchObject({ state: 'canceled', attempts: [] });
    expect(logger.lines.at(-1)).toEqual({
      level: 'error',
      message: 'The journal refused a payment attempt',
      fields: { paymentId: payment.id },
    });
  });

  it('lets one of many runs of a payment reach the provider', async () => {
    const { provider, dependencies, payment, stored } = await setUp();
    const runs = Array.from({ length: 50 }, () =>
      runPayment(dependencies, payment, new TestCard({ 'payment-card-number': NUMBER }), 'agent'),
    );
    const outcomes = (await Promise.all(runs)).map(({ outcome }) => outcome);

    expect(outcomes.filter((outcome) => outcome === 'approved')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'unknown')).toHaveLength(49);
    expect(provider.requests).toHaveLength(1);
    expect(await stored()).toMatchObject({ state: 'approved', attempts: ['approved'] });
  });
});

/** Makes a token, and notes what the journal knew at each step. */
class TokenisingProvider implements TokenProvider {
  readonly kind = 'simulator';
  readonly traits = {
    tokenises: true,
    keyLifetimeMs: 3_600_000,
    replays: 'all',
    lookup: 'none',
    lookupConsistent: false,
    maxKeyLength: 64,
  } as const;
  readonly steps: unknown[] = [];
  tokenised: Tokenised = { kind: 'token', token: 'tok_a', brand: 'visa', last4: '1486' };
  readonly #database: string;
  readonly #card: TestCard;

  constructor(database: string, card: TestCard) {
    this.#database = database;
    this.#card = card;
  }

  tokenise(): Promise<Tokenised> {
    this.steps.push({ step: 'tokenise', ...this.#stored(), isWiped: this.#card.isWiped });
    return Promise.resolve(this.tokenised);
  }

  charge(_request: ProviderRequest, token: string, isRepeat: boolean): Promise<ProviderResult> {
    this.steps.push({ step: 'charge', token, isRepeat, ...this.#stored(), isWiped: this.#card.isWiped });
    return Promise.resolve(APPROVED);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #stored() {
    const [payment] = readAll(this.#database, 'SELECT state FROM payment');
    const [attempt] = readAll(this.#database, 'SELECT state, token FROM attempt');
    return { payment: payment?.['state'], attempt: attempt?.['state'], stored: attempt?.['token'] };
  }
}

describe('runPayment with a provider that makes tokens', () => {
  async function setUpTokens() {
    const world = await setUp();
    const tokens = new TokenisingProvider(world.path, world.card);
    const dependencies = { ...world.dependencies, provider: tokens };
    const pay = () => runPayment(dependencies, world.payment, world.card, 'agent');
    return { ...world, tokens, pay };
  }

  it('tokenises, wipes the card, commits the intent with the token, and charges the token', async () => {
    const { tokens, pay, stored } = await setUpTokens();
    const outcome = await pay();

    expect(outcome).toMatchObject({ outcome: 'approved', providerReference: 'ch_1', last4: '1486' });
    expect(tokens.steps).toEqual([
      { step: 'tokenise', payment: 'processing', isWiped: false },
      {
        step: 'charge',
        token: 'tok_a',
        isRepeat: false,
        payment: 'processing',
        attempt: 'intent',
        stored: 'tok_a',
        isWiped: true,
      },
    ]);
    expect(await stored()).toMatchObject({ state: 'approved', attempts: ['approved'] });
  });

  it('charges nothing when the card gives no token, and stores that before it is told', async () => {
    const { tokens, pay, stored, card } = await setUpTokens();
    const refused = {
      ...APPROVED,
      outcome: 'declined',
      reference: null,
      declineCode: 'expired_card',
    } as const;
    tokens.tokenised = { kind: 'ended', result: refused };

    expect(await pay()).toMatchObject({ outcome: 'declined', declineCode: 'expired_card' });
    expect(tokens.steps).toHaveLength(1);
    expect(await stored()).toMatchObject({ state: 'declined', attempts: [] });
    expect(card.isWiped).toBe(true);
  });

  it('has the token as its result when a token is all that is wanted', async () => {
    const { real, tokens, dependencies, card } = await setUpTokens();
    const payment = paymentRecord({ id: 'pay_t', operation: 'tokenize', amountMinor: null });
    await real.createPayment(payment);

    const outcome = await runPayment({ ...dependencies, provider: tokens }, payment, card, 'agent');
    expect(outcome).toMatchObject({ outcome: 'approved', providerReference: 'tok_a' });
    expect(tokens.steps).toHaveLength(1);
  });

  it('sends nothing to the provider when `processing` cannot be stored', async () => {
    const { journal, tokens, clock, pay, card } = await setUpTokens();
    journal.forever = 'away';

    expect((await finish(clock, pay())).outcome).toBe('failed');
    expect(tokens.steps).toEqual([]);
    expect(card.isWiped).toBe(true);
  });

  it('does not charge the token when the intent cannot be stored', async () => {
    const { journal, tokens, clock, pay, stored } = await setUpTokens();
    journal.faults.beginAttempt.push(...Array.from({ length: 100 }, () => 'away' as const));

    expect((await finish(clock, pay())).outcome).toBe('failed');
    expect(tokens.steps).toHaveLength(1);
    await until(clock, async () => (await stored()).state === 'failed');
  });
});

describe('runPayment with a connector', () => {
  it('sends the stored key and leaves no digit in the database', async () => {
    const { path, dependencies, payment, card, real } = await setUp();
    const endpoint = await ProviderEndpoint.open({ acts: [{ kind: 'echo' }] });
    cleanUps.push(() => endpoint.close());
    const connector = new GenericPayConnector(
      {
        kind: 'generic-pay-connector',
        url: endpoint.url,
        username: 'u',
        password: 'p',
        dialect: 'twilio',
        idempotent: true,
      },
      dependencies,
    );
    cleanUps.push(() => connector.close());
    const outcome = await runPayment({ ...dependencies, provider: connector }, payment, card, 'agent');

    expect(outcome).toMatchObject({ outcome: 'declined', declineCode: 'invalid_request' });
    const [attempt] = readAll(path, 'SELECT * FROM attempt');
    const sent = JSON.parse(endpoint.requests[0]?.body ?? '') as Record<string, unknown>;
    expect(sent).toMatchObject({ cardnumber: NUMBER, transaction_id: attempt?.['idempotency_key'] });
    expect(card.isZeroEverywhere).toBe(true);
    const everything = JSON.stringify([await real.payment(payment.id), attempt, outcome]);
    expect(everything).not.toMatch(/\d{7,}/);
    expect(everything).toContain('"1486"');
  });
});
