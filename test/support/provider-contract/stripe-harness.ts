import { systemRandom } from '../../../src/app/system-random.ts';
import { Stripe } from '../../../src/payment/stripe/stripe.ts';
import { FakeClock } from '../fake-clock.ts';
import { FakeStripe, STRIPE_QUOTE } from '../fake-stripe.ts';
import type { FarEndFault } from '../far-end-fault.ts';
import { ENDPOINT_CERTIFICATE } from '../provider-endpoint.ts';
import type { EndpointAct } from '../provider-endpoint.ts';
import { RecordingLogger } from '../recording-logger.ts';
import { RecordingMeter } from '../recording-meter.ts';
import { contractCard } from './provider-harness.ts';
import type { ProviderHarness, ProviderSubject, Situation } from './provider-harness.ts';

const PAGE: EndpointAct = { kind: 'text', status: 500, type: 'text/html', body: '<html>Oops</html>' };
const BUSY: EndpointAct = {
  kind: 'json',
  status: 429,
  headers: { 'retry-after': '1' },
  body: { error: { type: 'invalid_request_error', code: 'rate_limit' } },
};

/** Everything that is asked about a charge from now on. */
const EVERYTHING = ['confirm', 'retrieve', 'cancel'] as const;
const FAULTS: Partial<Record<Situation, FarEndFault>> = {
  'error-page': { kind: 'refuse', act: PAGE },
  'never-answers': { kind: 'spoil', act: { kind: 'hang' } },
  'wrong-amount': changed({ amount: 4251, amount_received: 4251 }),
  'wrong-payment': changed({ id: 'pi_another' }),
  garbage: { kind: 'spoil', act: { kind: 'garbage' } },
  huge: { kind: 'spoil', act: { kind: 'huge' } },
};
const NUMBERS: Partial<Record<Situation, string>> = {
  decline: '4000000000009995',
  'card-declined': '4242424242424241',
};

export function stripeHarness(tls: boolean): ProviderHarness {
  return { name: `Stripe${tls ? ' over TLS' : ''}`, open: () => openStripe(tls) };
}

async function openStripe(tls: boolean): Promise<ProviderSubject> {
  const fake = await FakeStripe.open({ tls });
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const provider = new Stripe(
    { kind: 'stripe', apiKey: FakeStripe.apiKey, url: fake.endpoint.origin },
    {
      clock,
      logger,
      meter: new RecordingMeter(),
      random: systemRandom,
      trustedCertificates: tls ? ENDPOINT_CERTIFICATE : undefined,
    },
  );
  return {
    provider,
    clock,
    stage: async (situation) => {
      await stage(fake, situation);
      return contractCard(NUMBERS[situation]);
    },
    said: () => JSON.stringify(logger.lines),
    charges: () => fake.ledger.length,
    isHolding: () => fake.endpoint.held > 0,
    close: async () => {
      await provider.close();
      await fake.close();
      if (fake.problems.length > 0) throw new Error(fake.problems.join('\n'));
    },
  };
}

async function stage(fake: FakeStripe, situation: Situation): Promise<void> {
  fake.faults.heal();
  const fault = FAULTS[situation];
  if (fault !== undefined) for (const step of EVERYTHING) fake.faults.inject(step, fault);
  if (situation === 'lost-answer')
    fake.faults.inject('confirm', { kind: 'spoil', act: { kind: 'reset' } }, 1);
  if (situation === 'busy-once') fake.faults.inject('confirm', { kind: 'refuse', act: BUSY }, 1);
  if (situation === 'no-token') fake.faults.inject('method', { kind: 'refuse', act: PAGE });
  if (situation === 'echo') fake.faults.inject('method', { kind: 'refuse', act: STRIPE_QUOTE });
  if (situation === 'refused') await fake.close();
}

function changed(members: object): FarEndFault {
  return { kind: 'change', change: (body) => ({ ...body, ...members }) };
}
