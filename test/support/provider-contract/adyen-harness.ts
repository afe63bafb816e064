import { systemRandom } from '../../../src/app/system-random.ts';
import { Adyen } from '../../../src/payment/adyen/adyen.ts';
import { FakeAdyen } from '../fake-adyen.ts';
import { FakeClock } from '../fake-clock.ts';
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
  body: { status: 429 },
};
/** "Invalid card number", with a message that quotes the request. */
const QUOTE: EndpointAct = {
  kind: 'echo',
  status: 422,
  quote: (body) => ({ status: 422, errorCode: '101', message: `Invalid: ${body}`, errorType: 'validation' }),
};

const FAULTS: Partial<Record<Situation, FarEndFault>> = {
  'error-page': { kind: 'refuse', act: PAGE },
  'never-answers': { kind: 'spoil', act: { kind: 'hang' } },
  'wrong-amount': {
    kind: 'change',
    change: (body) => ({ ...body, amount: { value: 4251, currency: 'GBP' } }),
  },
  'wrong-payment': { kind: 'change', change: (body) => ({ ...body, merchantReference: 'att_another' }) },
  garbage: { kind: 'spoil', act: { kind: 'garbage' } },
  huge: { kind: 'spoil', act: { kind: 'huge' } },
  echo: { kind: 'refuse', act: QUOTE },
};
const ONCE: Partial<Record<Situation, FarEndFault>> = {
  'lost-answer': { kind: 'spoil', act: { kind: 'reset' } },
  'busy-once': { kind: 'refuse', act: BUSY },
};
const NUMBERS: Partial<Record<Situation, string>> = {
  decline: '4000000000009995',
  'card-declined': '4000000000000127',
};

export function adyenHarness(tls: boolean): ProviderHarness {
  return { name: `Adyen${tls ? ' over TLS' : ''}`, open: () => openAdyen(tls) };
}

async function openAdyen(tls: boolean): Promise<ProviderSubject> {
  const fake = await FakeAdyen.open({ tls });
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const provider = new Adyen(
    { kind: 'adyen', url: fake.url, apiKey: FakeAdyen.apiKey, merchantAccount: FakeAdyen.merchantAccount },
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
    // "Not enough balance".
    declineCode: '12',
    stage: async (situation) => {
      fake.faults.heal();
      const [fault, once] = [FAULTS[situation], ONCE[situation]];
      if (fault !== undefined) fake.faults.inject('payment', fault);
      if (once !== undefined) fake.faults.inject('payment', once, 1);
      if (situation === 'refused') await fake.close();
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
