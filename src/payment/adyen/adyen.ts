import type { ProviderSettings } from '../../core/payment-profile.ts';
import type { CardDetails } from '../../vault/card-details.ts';
import { CardHttpClient } from '../card-http-client.ts';
import { deliver } from '../deliver.ts';
import type { DeliveryRules } from '../deliver.ts';
import type { ProviderDependencies } from '../provider-dependencies.ts';
import { NO_DETAILS, NOT_TOKENISED } from '../provider-result.ts';
import type { DirectProvider, ProviderRequest, ProviderResult } from '../provider.ts';
import { adyenAmount } from './adyen-amount.ts';
import { adyenPaymentRequest } from './adyen-request.ts';
import { mapAdyenOutcome } from './map-adyen-outcome.ts';

export type AdyenSettings = Extract<ProviderSettings, { kind: 'adyen' }>;

/**
 * An answer takes a second or two. The card is held while a request is repeated: for a good minute at most, as long as
 * with a connector.
 */
const RULES: DeliveryRules = { attemptTimeoutMs: 10_000, connectWindowMs: 10_000, repeatsMax: 5 };

const DAY_MS = 86_400_000;

const NO_SUCH_AMOUNT: ProviderResult = {
  ...NO_DETAILS,
  outcome: 'failed',
  message: 'The payment provider takes whole units of this currency only. Nothing was charged.',
};

/**
 * Adyen, Checkout API, with the card in the request that charges.
 *
 * It could make a token first, by storing the card with an authorisation of zero, and charge that. We do not:
 * a card may be stored with its holder's consent only and stays stored; the security code would be checked by the
 * authorisation of zero and be missing from the charge; the issuer would see two authorisations; and the charge would
 * count as one with a card on file, not as a telephone order. The price is that a charge whose answer is lost for
 * longer than its repeats last, or in a crash, is settled by a person, by its reference in the Customer Area: Adyen has
 * no request that finds a payment.
 *
 * The operation `tokenize` is that authorisation of zero. As it moves no money, no answer means `failed`.
 */
export class Adyen implements DirectProvider {
  readonly kind = 'adyen';
  readonly traits = {
    tokenises: false,
    // "At least 7 days after first submission" (Adyen, "API idempotency").
    keyLifetimeMs: 7 * DAY_MS,
    replays: 'all',
    lookup: 'none',
    lookupConsistent: false,
    maxKeyLength: 64,
  } as const;
  readonly #merchantAccount: string;
  readonly #dependencies: ProviderDependencies;
  readonly #client: CardHttpClient;

  /** Throws `ProviderSettingsError` when card data may not go to the URL. */
  constructor({ url, apiKey, merchantAccount }: AdyenSettings, dependencies: ProviderDependencies) {
    this.#merchantAccount = merchantAccount;
    this.#dependencies = dependencies;
    this.#client = new CardHttpClient({
      url: `${url}/payments`,
      clock: dependencies.clock,
      headers: { 'x-api-key': apiKey },
      replyHeaders: ['retry-after'],
      trustedCertificates: dependencies.trustedCertificates,
    });
  }

  async execute(request: ProviderRequest, card: CardDetails): Promise<ProviderResult> {
    const isCharge = request.operation === 'charge';
    const value = isCharge ? adyenAmount(request.amountMinor ?? 0, request.currency) : 0;
    if (value === null) return NO_SUCH_AMOUNT;
    const parts = adyenPaymentRequest(this.#merchantAccount, value, request, card);
    const headers = { 'idempotency-key': request.idempotencyKey };
    const result = await deliver(
      RULES,
      this.#dependencies,
      (timeoutMs) => this.#client.send({ parts, card, timeoutMs, headers }),
      (reply, repeated) => mapAdyenOutcome(request, value, reply, repeated),
    );
    return !isCharge && result.outcome === 'unknown' ? NOT_TOKENISED.result : result;
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }
}
