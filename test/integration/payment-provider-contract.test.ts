import { afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/app/system-random.ts';
import { GenericPayConnector } from '../../src/payment/generic-pay-connector/generic-pay-connector.ts';
import type { GenericPayConnectorDialect } from '../../src/payment/generic-pay-connector/generic-pay-connector-request.ts';
import type { PaymentProvider, ProviderRequest, ProviderResult } from '../../src/payment/provider.ts';
import { Simulator } from '../../src/payment/simulator/simulator.ts';
import { executePayment } from '../support/execute-payment.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { ENDPOINT_CERTIFICATE, ProviderEndpoint } from '../support/provider-endpoint.ts';
import type { EndpointAct } from '../support/provider-endpoint.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';
import { TestCard } from '../support/test-card.ts';

/**
 * Goal: every provider adapter keeps the same promises. Method: one list of situations, run against each adapter
 * over real HTTP; a harness knows how its provider is brought into each situation.
 */
const SITUATIONS = ['approve', 'decline', 'no-decision', 'never-answers', 'lost-answer'] as const;
type Situation = (typeof SITUATIONS)[number];

interface Harness {
  readonly provider: PaymentProvider;
  readonly clock: FakeClock;
  /** Everything that the adapter told anyone. */
  readonly said: () => string;
  /** The card that brings about the situation. */
  readonly cardFor: (situation: Situation) => TestCard;
  /** How often money moved. */
  readonly charges: () => number;
  readonly close: () => Promise<void>;
}

const REQUEST: ProviderRequest = {
  operation: 'charge',
  idempotencyKey: 'att_abcdefghjkmnpqrsabcdefghjkmnpqrs',
  amountMinor: 4250,
  currency: 'GBP',
  reference: 'order-17',
  description: 'Two tickets',
};
const EXPECTED: Record<Situation, { safe: ProviderResult['outcome']; unsafe: ProviderResult['outcome'] }> = {
  approve: { safe: 'approved', unsafe: 'approved' },
  decline: { safe: 'declined', unsafe: 'declined' },
  'no-decision': { safe: 'unknown', unsafe: 'unknown' },
  'never-answers': { safe: 'unknown', unsafe: 'unknown' },
  // Where the far end recognises the key, the repeat brings the first answer.
  'lost-answer': { safe: 'approved', unsafe: 'unknown' },
};

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const card = (number: string): TestCard =>
  new TestCard({ 'payment-card-number': number, 'expiration-date': '1229', 'security-code': '927' });

async function connector(
  dialect: GenericPayConnectorDialect,
  tls: boolean,
  idempotent: boolean,
): Promise<Harness> {
  const endpoint = await ProviderEndpoint.open({ tls });
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const meter = new RecordingMeter();
  const provider = new GenericPayConnector(
    { kind: 'generic-pay-connector', url: endpoint.url, username: 'u', password: 'p', dialect, idempotent },
    { clock, logger, meter, random: systemRandom, trustedCertificates: ENDPOINT_CERTIFICATE },
  );
  const approval: EndpointAct = { kind: 'json', body: { charge_id: 'ch_1', error_code: null } };
  const acts: Record<Situation, EndpointAct[]> = {
    approve: [approval],
    decline: [{ kind: 'json', status: 402, body: { charge_id: null, error_code: 'insufficient_funds' } }],
    'no-decision': [{ kind: 'text', status: 500, type: 'text/html', body: '<html>Oops</html>' }],
    'never-answers': [{ kind: 'hang' }],
    'lost-answer': [{ kind: 'reset' }, approval],
  };
  return {
    provider,
    clock,
    said: () => JSON.stringify(logger.lines),
    cardFor: (situation) => {
      endpoint.acts = acts[situation];
      return card('4539578763621486');
    },
    charges: () => endpoint.requests.length,
    close: async () => {
      await provider.close();
      await endpoint.close();
    },
  };
}

function simulator(): Promise<Harness> {
  const clock = new FakeClock();
  const provider = new Simulator({
    clock,
    random: systemRandom,
    meter: new RecordingMeter(),
    logger: new RecordingLogger(),
  });
  const numbers: Record<Situation, string> = {
    approve: '4539578763621486',
    decline: '4000000000009995',
    'no-decision': '4000000000000119',
    'never-answers': '4000000000000408',
    'lost-answer': '4000000000000093',
  };
  return Promise.resolve({
    provider,
    clock,
    said: () => JSON.stringify(provider.ledger),
    cardFor: (situation) => card(numbers[situation]),
    charges: () => provider.ledger.length,
    close: () => provider.close(),
  });
}

/** Pauses between repeats are at most this long; the wait for one answer is longer. */
const PAUSE_MS_MAX = 4000;

/**
 * Runs to the end. Sockets take the time they need; the clock is moved over pauses between repeats, and, when the
 * far end never answers, over the wait for it as soon as it has the request.
 */
async function finish(
  { provider, clock, charges }: Harness,
  situation: Situation,
  used: TestCard,
): Promise<ProviderResult> {
  let isDone = false;
  const done = executePayment(provider, REQUEST, used).finally(() => (isDone = true));
  while (!isDone) {
    await turn();
    const nextInMs = clock.nextInMs ?? Infinity;
    const isWaitingInVain = situation === 'never-answers' && charges() > 0;
    if (nextInMs <= PAUSE_MS_MAX || (isWaitingInVain && nextInMs < Infinity)) clock.advance(nextInMs);
  }
  return done;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe.each<{ name: string; isSafe: boolean; open: () => Promise<Harness> }>([
  {
    name: 'Twilio dialect over TLS, repeats safe',
    isSafe: true,
    open: () => connector('twilio', true, true),
  },
  { name: 'Twilio dialect, repeats not safe', isSafe: false, open: () => connector('twilio', false, false) },
  {
    name: 'SignalWire dialect over TLS, repeats not safe',
    isSafe: false,
    open: () => connector('signalwire', true, false),
  },
  {
    name: 'SignalWire dialect, repeats safe',
    isSafe: true,
    open: () => connector('signalwire', false, true),
  },
  { name: 'simulator', isSafe: true, open: simulator },
])('provider contract: $name', ({ isSafe, open }) => {
  const openHarness = async (): Promise<Harness> => {
    const harness = await open();
    cleanUps.push(harness.close);
    return harness;
  };

  it.each(SITUATIONS)(
    'ends with the right outcome and no digit left when the far end does: %s',
    async (situation) => {
      const harness = await openHarness();
      const used = harness.cardFor(situation);
      const result = await finish(harness, situation, used);

      expect(result.outcome).toBe(EXPECTED[situation][isSafe ? 'safe' : 'unsafe']);
      expect(result.reference !== null).toBe(result.outcome === 'approved');
      expect(result.declineCode).toBe(situation === 'decline' ? 'insufficient_funds' : null);
      expect(result.message).toMatch(/^[A-Z].*\.$/);
      expect(used.buffers.size).toBeGreaterThan(0);
      expect(used.isZeroEverywhere).toBe(true);
      expect(used.isWiped).toBe(false);
      expect(JSON.stringify(result) + harness.said()).not.toMatch(/\d{7,}|927|1229/);
      expect(harness.clock.pending).toBe(0);
    },
  );

  it('declares how long its key lives if and only if it recognises repeats', async () => {
    const { traits } = (await openHarness()).provider;

    expect(traits.keyLifetimeMs > 0).toBe(isSafe);
    expect(traits.replays === 'none').toBe(!isSafe);
    expect(traits.maxKeyLength).toBeGreaterThanOrEqual(REQUEST.idempotencyKey.length);
  });

  it('ends a request that is under way as unknown when it is closed', async () => {
    const harness = await openHarness();
    const used = harness.cardFor('never-answers');
    const running = executePayment(harness.provider, REQUEST, used);
    await harness.clock.whenPending(1);
    while (harness.charges() === 0) await turn();
    await harness.provider.close();

    expect((await running).outcome).toBe('unknown');
    expect(used.isZeroEverywhere).toBe(true);
  });

  it('is failed, with nothing sent, when it was closed before', async () => {
    const harness = await openHarness();
    await harness.provider.close();

    const result = await executePayment(harness.provider, REQUEST, harness.cardFor('approve'));
    expect(result.outcome).toBe('failed');
    expect(harness.charges()).toBe(0);
  });

  it('charges once for each of many payments at the same time', async () => {
    const harness = await openHarness();
    const running = Array.from({ length: 30 }, (_, index) =>
      executePayment(
        harness.provider,
        { ...REQUEST, idempotencyKey: `att_${index}` },
        harness.cardFor('approve'),
      ),
    );
    const outcomes = await Promise.all(running);

    expect(outcomes.every(({ outcome }) => outcome === 'approved')).toBe(true);
    expect(harness.charges()).toBe(30);
  });
});
