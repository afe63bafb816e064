import type { ProviderSettings } from '../../core/payment-profile.ts';
import { NO_CARD } from '../../vault/card-details.ts';
import type { CardDetails } from '../../vault/card-details.ts';
import { CardHttpClient } from '../card-http-client.ts';
import type { CardRequest, WireResult } from '../card-http-client.ts';
import { deliver, deliverUntil } from '../deliver.ts';
import type { DeliveryRules, Reading, Reply } from '../deliver.ts';
import type { ProviderDependencies } from '../provider-dependencies.ts';
import { NOT_SENT, NOT_TOKENISED, UNKNOWN } from '../provider-result.ts';
import type { LookUp, ProviderRequest, ProviderResult, Tokenised, TokenProvider } from '../provider.ts';
import {
  ASKED_FOR_PAYER,
  mapStripeConfirmation,
  mapStripeIntent,
  mapStripeMethod,
  mapStripeNewIntent,
} from './map-stripe-outcome.ts';
import type { Ended, IntentState, StripeIntent, StripeMethod } from './map-stripe-outcome.ts';
import {
  cancelRequest,
  confirmRequest,
  formatStripeToken,
  parseStripeToken,
  paymentIntentRequest,
  paymentMethodRequest,
} from './stripe-request.ts';

export type StripeSettings = Extract<ProviderSettings, { kind: 'stripe' }>;

/** The version whose shapes this adapter speaks; Stripe goes on answering in it when the account's default moves on. */
const API_VERSION = '2026-10-28.endive';

/** A confirmation takes some seconds; three answers are waited for, and the PaymentIntent is asked after that. */
const CHARGE_RULES: DeliveryRules = { attemptTimeoutMs: 8000, connectWindowMs: 10_000, repeatsMax: 2 };
/** No money moves: one repeat, and then the card is keyed again. */
const TOKEN_RULES: DeliveryRules = { attemptTimeoutMs: 8000, connectWindowMs: 10_000, repeatsMax: 1 };
const LOOK_UP_TIMEOUT_MS = 5000;

/** Stripe, "Idempotent requests": keys may go after they are at least 24 hours old, and have 255 characters at most. */
const KEY_LIFETIME_MS = 24 * 3_600_000;
const KEY_CHARACTERS_MAX = 255;
/** Each request of a payment that makes something has a key of its own. */
const KEY_SUFFIXES = { method: '-pm', intent: '-pi', confirm: '' } as const;

/**
 * Stripe: the card becomes a PaymentMethod, a PaymentIntent is made without it, and confirming the one with the other
 * charges. So the charge has an id before any money moves, by which it can be looked up for ever.
 */
export class Stripe implements TokenProvider {
  readonly kind = 'stripe';
  readonly traits = {
    tokenises: true,
    keyLifetimeMs: KEY_LIFETIME_MS,
    // Also a 500: so a repeat never settles one, and the PaymentIntent is asked.
    replays: 'all',
    lookup: 'by-id',
    lookupConsistent: true,
    maxKeyLength: KEY_CHARACTERS_MAX - KEY_SUFFIXES.method.length,
  } as const;
  readonly #dependencies: ProviderDependencies;
  readonly #client: CardHttpClient;

  /** Throws `ProviderSettingsError` when card data may not go to the URL. */
  constructor({ apiKey, url }: StripeSettings, dependencies: ProviderDependencies) {
    this.#dependencies = dependencies;
    this.#client = new CardHttpClient({
      url,
      clock: dependencies.clock,
      headers: {
        authorization: `Bearer ${apiKey}`,
        'stripe-version': API_VERSION,
        'content-type': 'application/x-www-form-urlencoded',
      },
      replyHeaders: ['retry-after', 'stripe-should-retry'],
      trustedCertificates: dependencies.trustedCertificates,
    });
  }

  /** The card first: one that is declined leaves no PaymentIntent behind. */
  async tokenise(request: ProviderRequest, card: CardDetails): Promise<Tokenised> {
    const method = await this.#makeMethod(request, card);
    if (method.kind === 'ended') return method;
    const { id, brand, last4 } = method;
    if (request.operation === 'tokenize') return { kind: 'token', token: id, brand, last4 };
    const intent = await this.#makeIntent(request);
    if (intent.kind === 'ended') return intent;
    return { kind: 'token', token: formatStripeToken({ intent: intent.id, method: id }), brand, last4 };
  }

  async charge(request: ProviderRequest, token: string, isRepeat: boolean): Promise<ProviderResult> {
    const ids = parseStripeToken(token);
    if (ids === null) return isRepeat ? UNKNOWN : NOT_SENT;
    const result = await deliver(
      CHARGE_RULES,
      this.#dependencies,
      (timeoutMs) =>
        this.#post(request, 'confirm', {
          path: `/v1/payment_intents/${ids.intent}/confirm`,
          parts: confirmRequest(ids),
          timeoutMs,
        }),
      (reply, repeated) => mapStripeConfirmation(request, ids.intent, reply, repeated),
      isRepeat,
    );
    if (result.outcome !== 'unknown') return result;
    const state = await this.#stateOf(request, ids.intent);
    // The key lives: what was not charged yet may still be, by a repeat.
    const found = state === 'chargeable' ? 'undecided' : await this.#settle(request, ids.intent, state);
    return found === 'undecided' ? UNKNOWN : found;
  }

  /**
   * Asked when the key may be dead, so that nothing is repeated any more: a PaymentIntent that was not charged is
   * canceled, and only that proves that it never will be.
   */
  async lookUp(request: ProviderRequest, token: string | null): Promise<LookUp> {
    const ids = parseStripeToken(token);
    if (ids === null) return 'undecided';
    return this.#settle(request, ids.intent, await this.#stateOf(request, ids.intent));
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  #makeMethod(request: ProviderRequest, card: CardDetails): Promise<StripeMethod | Ended> {
    const parts = paymentMethodRequest(card);
    const path = '/v1/payment_methods';
    return this.#step(
      (timeoutMs) => this.#post(request, 'method', { path, parts, card, timeoutMs }),
      mapStripeMethod,
    );
  }

  #makeIntent(request: ProviderRequest): Promise<StripeIntent | Ended> {
    const parts = paymentIntentRequest(request);
    const path = '/v1/payment_intents';
    return this.#step(
      (timeoutMs) => this.#post(request, 'intent', { path, parts, timeoutMs }),
      (reply) => mapStripeNewIntent(request, reply),
    );
  }

  /** A step in which no money moves: without an answer it has failed. */
  async #step<T extends object>(
    send: (timeoutMs: number) => Promise<WireResult>,
    read: (reply: Reply) => Reading<T | Ended>,
  ): Promise<T | Ended> {
    const result = await deliverUntil<T | Ended>(TOKEN_RULES, this.#dependencies, send, read);
    if (result === 'nothing-done') return { kind: 'ended', result: { ...NOT_SENT, outcome: 'failed' } };
    return result === 'unclear' ? NOT_TOKENISED : result;
  }

  async #stateOf(request: ProviderRequest, intentId: string): Promise<IntentState> {
    const result = await this.#client.send({
      method: 'GET',
      path: `/v1/payment_intents/${intentId}`,
      parts: [],
      card: NO_CARD,
      timeoutMs: LOOK_UP_TIMEOUT_MS,
    });
    return readState(request, intentId, result);
  }

  async #settle(request: ProviderRequest, intentId: string, state: IntentState): Promise<LookUp> {
    if (state === null) return 'undecided';
    if (typeof state !== 'string') return state;
    // Without a key: canceling twice is canceling, and under a key a refusal of today would be tomorrow's answer too.
    const result = await this.#client.send({
      path: `/v1/payment_intents/${intentId}/cancel`,
      parts: cancelRequest(),
      card: NO_CARD,
      timeoutMs: LOOK_UP_TIMEOUT_MS,
    });
    const canceled = readState(request, intentId, result);
    if (canceled === null || typeof canceled === 'string') return 'undecided';
    return state === 'asks-payer' ? ASKED_FOR_PAYER : canceled;
  }

  #post(
    { idempotencyKey }: ProviderRequest,
    step: keyof typeof KEY_SUFFIXES,
    request: Pick<CardRequest, 'path' | 'parts' | 'timeoutMs'> & Partial<Pick<CardRequest, 'card'>>,
  ): Promise<WireResult> {
    const headers = { 'idempotency-key': `${idempotencyKey}${KEY_SUFFIXES[step]}` };
    return this.#client.send({ card: NO_CARD, ...request, headers });
  }
}

function readState(request: ProviderRequest, intentId: string, result: WireResult): IntentState {
  if (result.kind !== 'reply' || result.status !== 200) return null;
  return mapStripeIntent(request, intentId, result.body);
}
