import type { ProviderSettings } from '../../core/payment-profile.ts';
import type { CardDetails } from '../../vault/card-details.ts';
import { NO_CARD } from '../../vault/card-details.ts';
import type { BodyPart } from '../card-body.ts';
import { CardHttpClient } from '../card-http-client.ts';
import { deliver, deliverUntil } from '../deliver.ts';
import type { DeliveryRules, Reply } from '../deliver.ts';
import type { ProviderDependencies } from '../provider-dependencies.ts';
import { NOT_TOKENISED } from '../provider-result.ts';
import type { LookUp, ProviderRequest, ProviderResult, Tokenised, TokenProvider } from '../provider.ts';
import { chargeRequest, findRequest, storeRequest, tokeniseRequest } from './braintree-request.ts';
import { mapBraintreeLookUp, mapBraintreeOutcome } from './map-braintree-outcome.ts';
import { mapBraintreeStored, mapBraintreeToken } from './map-braintree-token.ts';

export type BraintreeSettings = Extract<ProviderSettings, { kind: 'braintree' }>;

/** No money moves, so that a token may be asked for again; one that is not used expires. */
const TOKEN_RULES: DeliveryRules = { attemptTimeoutMs: 5000, connectWindowMs: 5000, repeatsMax: 1 };
/** Storing uses the token up, so that a repeat would be refused. */
const STORE_RULES: DeliveryRules = { attemptTimeoutMs: 10_000, connectWindowMs: 5000, repeatsMax: 0 };
/** What stays open goes to the reconciler, which repeats for much longer. */
const CHARGE_RULES: DeliveryRules = { attemptTimeoutMs: 10_000, connectWindowMs: 5000, repeatsMax: 2 };
const LOOK_UP_TIMEOUT_MS = 10_000;

const DAY_MS = 86_400_000;

/** The version of the GraphQL API that its documentation names in its examples. */
const VERSION = '2019-01-01';

/**
 * Braintree, GraphQL API. The card becomes a payment method for one use, and that is charged.
 *
 * A charge may be repeated for two reasons, each of them enough: Braintree returns the first transaction for the same
 * `apiRequestKey`, for 30 days ("At-Most-Once Processing"), and a payment method for one use cannot be charged twice.
 * Should the former not be there for an account, its repeats get errors, and its charges are found by search.
 */
export class Braintree implements TokenProvider {
  readonly kind = 'braintree';
  readonly traits = {
    tokenises: true,
    keyLifetimeMs: 30 * DAY_MS,
    // Every transaction is returned, declined ones too; a request that was refused is not remembered.
    replays: 'success',
    lookup: 'by-reference',
    // A search; nothing says how soon it finds a new transaction.
    lookupConsistent: false,
    // What the order id may have.
    maxKeyLength: 255,
  } as const;
  readonly #merchantAccountId: string;
  readonly #dependencies: ProviderDependencies;
  readonly #client: CardHttpClient;

  /** Throws `ProviderSettingsError` when card data may not go to the URL. */
  constructor(settings: BraintreeSettings, dependencies: ProviderDependencies) {
    const { url, publicKey, privateKey, merchantAccountId } = settings;
    this.#merchantAccountId = merchantAccountId;
    this.#dependencies = dependencies;
    this.#client = new CardHttpClient({
      url: `${url}/graphql`,
      clock: dependencies.clock,
      headers: {
        authorization: `Basic ${Buffer.from(`${publicKey}:${privateKey}`).toString('base64')}`,
        'braintree-version': VERSION,
      },
      replyHeaders: ['retry-after'],
      trustedCertificates: dependencies.trustedCertificates,
    });
  }

  async tokenise({ operation }: ProviderRequest, card: CardDetails): Promise<Tokenised> {
    const single = await this.#token(TOKEN_RULES, tokeniseRequest(card), card, mapBraintreeToken);
    if (operation === 'charge' || single.kind === 'ended') return single;
    const parts = storeRequest(this.#merchantAccountId, single.token);
    return this.#token(STORE_RULES, parts, NO_CARD, mapBraintreeStored);
  }

  async charge(request: ProviderRequest, token: string, isRepeat: boolean): Promise<ProviderResult> {
    const parts = chargeRequest(this.#merchantAccountId, request, token);
    const result = await deliver(
      CHARGE_RULES,
      this.#dependencies,
      (timeoutMs) => this.#client.send({ parts, card: NO_CARD, timeoutMs }),
      (reply, repeated) => mapBraintreeOutcome(request, reply, repeated),
      isRepeat,
    );
    if (!isRepeat || result.outcome !== 'unknown') return result;
    const found = await this.lookUp(request);
    return found === 'undecided' ? result : found;
  }

  async lookUp(request: ProviderRequest): Promise<LookUp> {
    const parts = findRequest(request);
    const result = await this.#client.send({ parts, card: NO_CARD, timeoutMs: LOOK_UP_TIMEOUT_MS });
    return result.kind === 'reply' ? mapBraintreeLookUp(request, result) : 'undecided';
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  async #token(
    rules: DeliveryRules,
    parts: readonly BodyPart[],
    card: CardDetails,
    read: (reply: Reply) => Tokenised | null,
  ): Promise<Tokenised> {
    const send = (timeoutMs: number) => this.#client.send({ parts, card, timeoutMs });
    const result = await deliverUntil(rules, this.#dependencies, send, read);
    return typeof result === 'string' ? NOT_TOKENISED : result;
  }
}
