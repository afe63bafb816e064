import { systemRandom } from '../../../src/app/system-random.ts';
import { Braintree } from '../../../src/payment/braintree/braintree.ts';
import { FakeBraintree } from '../fake-braintree.ts';
import { FakeClock } from '../fake-clock.ts';
import type { FarEndFault } from '../far-end-fault.ts';
import { ENDPOINT_CERTIFICATE } from '../provider-endpoint.ts';
import type { EndpointAct } from '../provider-endpoint.ts';
import { RecordingLogger } from '../recording-logger.ts';
import { RecordingMeter } from '../recording-meter.ts';
import { contractCard } from './provider-harness.ts';
import type { ProviderHarness, ProviderSubject, Situation } from './provider-harness.ts';

const PAGE: EndpointAct = { kind: 'text', status: 500, type: 'text/html', body: '<html>Oops</html>' };
const BUSY: EndpointAct = { kind: 'json', status: 429, headers: { 'retry-after': '1' }, body: {} };
const QUOTE: EndpointAct = {
  kind: 'echo',
  quote: (body) => ({
    data: { tokenizeCreditCard: null },
    errors: [{ message: `No: ${body}`, extensions: { errorClass: 'VALIDATION', legacyCode: '81715' } }],
  }),
};

/** Changes every text of an answer; ids and amounts are texts there. */
const replacing = (pattern: RegExp, text: string): FarEndFault => ({
  kind: 'change',
  change: (body) => JSON.parse(JSON.stringify(body).replace(pattern, text)) as object,
});

/** What happens to everything that is asked about a charge from now on. */
const FAULTS: Partial<Record<Situation, FarEndFault>> = {
  'error-page': { kind: 'refuse', act: PAGE },
  'never-answers': { kind: 'spoil', act: { kind: 'hang' } },
  'wrong-amount': replacing(/42\.50/g, '42.51'),
  'wrong-payment': replacing(/"orderId":"[^"]*"/g, '"orderId":"att_another"'),
  garbage: { kind: 'spoil', act: { kind: 'garbage' } },
  huge: { kind: 'spoil', act: { kind: 'huge' } },
};

export function braintreeHarness(tls: boolean): ProviderHarness {
  return {
    name: `Braintree${tls ? ' over TLS' : ''}`,
    without: {
      situations: ['card-declined'],
      because: 'a single-use token is made of any card that is well formed; the charge declines it',
    },
    open: () => openBraintree(tls),
  };
}

async function openBraintree(tls: boolean): Promise<ProviderSubject> {
  const fake = await FakeBraintree.open({ tls });
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const { publicKey, privateKey, merchantAccountId } = FakeBraintree;
  const provider = new Braintree(
    { kind: 'braintree', url: fake.endpoint.origin, publicKey, privateKey, merchantAccountId },
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
    // "Insufficient Funds".
    declineCode: '2001',
    stage: async (situation) => {
      await stage(fake, situation);
      return contractCard(situation === 'decline' ? '4000000000009995' : undefined);
    },
    said: () => JSON.stringify(logger.lines),
    charges: () => fake.charges,
    isHolding: () => fake.endpoint.held > 0,
    close: async () => {
      await provider.close();
      await fake.close();
    },
  };
}

async function stage({ faults, endpoint }: FakeBraintree, situation: Situation): Promise<void> {
  faults.heal();
  const fault = FAULTS[situation];
  if (fault !== undefined) for (const step of ['charge', 'find'] as const) faults.inject(step, fault);
  if (situation === 'lost-answer') faults.inject('charge', { kind: 'spoil', act: { kind: 'reset' } }, 1);
  if (situation === 'busy-once') faults.inject('charge', { kind: 'refuse', act: BUSY }, 1);
  if (situation === 'no-token') faults.inject('tokenise', { kind: 'refuse', act: PAGE });
  if (situation === 'echo') faults.inject('tokenise', { kind: 'refuse', act: QUOTE });
  if (situation === 'refused') await endpoint.close();
}
