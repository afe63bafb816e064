import type { ProviderSettings } from '../../core/payment-profile.ts';
import type { CardDetails } from '../../vault/card-details.ts';
import { CardHttpClient } from '../card-http-client.ts';
import { deliver } from '../deliver.ts';
import type { DeliveryRules } from '../deliver.ts';
import type { ProviderDependencies } from '../provider-dependencies.ts';
import type { DirectProvider, ProviderRequest, ProviderResult } from '../provider.ts';
import { genericPayConnectorRequest } from './generic-pay-connector-request.ts';
import type { GenericPayConnectorDialect } from './generic-pay-connector-request.ts';
import { mapGenericPayConnectorOutcome } from './map-generic-pay-connector-outcome.ts';

export type GenericPayConnectorSettings = Extract<ProviderSettings, { kind: 'generic-pay-connector' }>;

/** Twilio, "Generic Pay Connector": no answer within 10 s, then up to five repeats with the same transaction id. */
const ANSWER_TIMEOUT_MS = 10_000;
const REPEATS_MAX = 5;
/** Leaves time for a first answer within the 15 s that an agent waits. */
const CONNECT_WINDOW_MS = 10_000;

/** Any payment processor behind a shim that speaks Twilio's or SignalWire's connector protocol. */
export class GenericPayConnector implements DirectProvider {
  readonly kind = 'generic-pay-connector';
  readonly traits: DirectProvider['traits'];
  readonly #dialect: GenericPayConnectorDialect;
  readonly #dependencies: ProviderDependencies;
  readonly #client: CardHttpClient;
  readonly #rules: DeliveryRules;

  /** Throws `ProviderSettingsError` when card data may not go to the URL. */
  constructor(settings: GenericPayConnectorSettings, dependencies: ProviderDependencies) {
    const { idempotent, username, password } = settings;
    this.#dialect = settings.dialect;
    this.#dependencies = dependencies;
    this.#rules = {
      attemptTimeoutMs: ANSWER_TIMEOUT_MS,
      connectWindowMs: CONNECT_WINDOW_MS,
      repeatsMax: idempotent ? REPEATS_MAX : 0,
    };
    this.#client = new CardHttpClient({
      url: settings.url,
      clock: dependencies.clock,
      headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
      trustedCertificates: dependencies.trustedCertificates,
    });
    this.traits = {
      tokenises: false,
      keyLifetimeMs: idempotent ? ANSWER_TIMEOUT_MS * (1 + REPEATS_MAX) : 0,
      replays: idempotent ? 'all' : 'none',
      lookup: 'none',
      lookupConsistent: false,
      // The protocol's examples are UUIDs; it states no length.
      maxKeyLength: 36,
    };
  }

  async execute(request: ProviderRequest, card: CardDetails): Promise<ProviderResult> {
    const parts = genericPayConnectorRequest(this.#dialect, request, card);
    return deliver(
      this.#rules,
      this.#dependencies,
      (timeoutMs) => this.#client.send({ parts, card, timeoutMs }),
      (reply, repeated) => mapGenericPayConnectorOutcome(request, reply, repeated),
    );
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }
}
