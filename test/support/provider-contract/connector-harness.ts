import { systemRandom } from '../../../src/app/system-random.ts';
import { GenericPayConnector } from '../../../src/payment/generic-pay-connector/generic-pay-connector.ts';
import type { GenericPayConnectorSettings } from '../../../src/payment/generic-pay-connector/generic-pay-connector.ts';
import type { ProviderDependencies } from '../../../src/payment/provider-dependencies.ts';
import type { PaymentProvider } from '../../../src/payment/provider.ts';
import { FakeClock } from '../fake-clock.ts';
import { ENDPOINT_CERTIFICATE, ProviderEndpoint } from '../provider-endpoint.ts';
import type { EndpointAct } from '../provider-endpoint.ts';
import { RecordingLogger } from '../recording-logger.ts';
import { RecordingMeter } from '../recording-meter.ts';
import { contractCard } from './provider-harness.ts';
import type { ProviderHarness, ProviderSubject, Situation } from './provider-harness.ts';

type MakeProvider = (url: string, dependencies: ProviderDependencies) => PaymentProvider;

/** What a processor does instead of charging. */
const ACTS: Partial<Record<Situation, EndpointAct>> = {
  decline: { kind: 'json', status: 402, body: { charge_id: null, error_code: 'insufficient_funds' } },
  'card-declined': { kind: 'json', body: { charge_id: null, error_code: 'card_declined' } },
  'error-page': { kind: 'text', status: 500, type: 'text/html', body: '<html>Oops</html>' },
  'never-answers': { kind: 'hang' },
  garbage: { kind: 'garbage' },
  huge: { kind: 'huge' },
  echo: { kind: 'echo' },
};
/** Members of an approval that is not for this request. */
const WRONG: Partial<Record<Situation, object>> = {
  'wrong-amount': { amount: '42.51' },
  'wrong-payment': { transaction_id: 'att_another' },
};

export function connectorHarness(
  settings: Pick<GenericPayConnectorSettings, 'dialect' | 'idempotent'>,
  tls: boolean,
): ProviderHarness {
  const words = [settings.dialect, tls ? 'over TLS' : 'plain', settings.idempotent ? 'with keys' : 'without'];
  return processorHarness(`Generic Pay Connector, ${words.join(', ')}`, {
    tls,
    recognisesKeys: settings.idempotent,
    makeProvider: (url, dependencies) =>
      new GenericPayConnector(
        { kind: 'generic-pay-connector', url, username: 'u', password: 'p', ...settings },
        dependencies,
      ),
  });
}

/** Any adapter that speaks the connector's protocol to a processor, which may give repeats their first answer. */
export function processorHarness(
  name: string,
  options: { readonly tls: boolean; readonly recognisesKeys: boolean; readonly makeProvider: MakeProvider },
): ProviderHarness {
  return {
    name,
    without: { situations: ['no-token'], because: 'the card goes with the charge' },
    open: () => openProcessor(options),
  };
}

async function openProcessor({
  tls,
  recognisesKeys,
  makeProvider,
}: Parameters<typeof processorHarness>[1]): Promise<ProviderSubject> {
  const endpoint = await ProviderEndpoint.open({ tls });
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const provider = makeProvider(endpoint.url, {
    clock,
    logger,
    meter: new RecordingMeter(),
    random: systemRandom,
    trustedCertificates: tls ? ENDPOINT_CERTIFICATE : undefined,
  });
  const charges: string[] = [];
  let situation: Situation = 'approve';
  let isFirst = true;
  endpoint.decide = ({ body }) => {
    const order = JSON.parse(body) as { readonly transaction_id: string; readonly method?: string };
    const wasFirst = isFirst;
    isFirst = false;
    const act = ACTS[situation];
    if (act !== undefined) return act;
    if (situation === 'busy-once' && wasFirst) return { kind: 'json', status: 429, body: {} };
    const known = recognisesKeys ? charges.indexOf(order.transaction_id) : -1;
    const index = known === -1 ? charges.push(order.transaction_id) - 1 : known;
    if (situation === 'lost-answer' && wasFirst) return { kind: 'reset' };
    const id = `id_${'abcdefghijklmnopqrstuvwxyz'[index]}`;
    const answer = { error_code: null, ...WRONG[situation] };
    return { kind: 'json', body: { charge_id: id, token_id: id, ...answer } };
  };
  return {
    provider,
    clock,
    stage: async (next) => {
      situation = next;
      isFirst = true;
      if (next === 'refused') await endpoint.close();
      return contractCard();
    },
    said: () => JSON.stringify(logger.lines),
    charges: () => charges.length,
    isHolding: () => endpoint.held > 0,
    close: async () => {
      await provider.close();
      await endpoint.close();
    },
  };
}
