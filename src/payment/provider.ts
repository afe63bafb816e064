import type { PaymentOperation, ProviderSettings } from '../core/payment-profile.ts';
import type { PaymentResult } from '../core/payment-result.ts';
import type { CardDetails } from '../vault/card-details.ts';

/**
 * What an adapter must declare about repeats and look-ups: the facts by which an `unknown` outcome can be settled
 * later without charging twice. The provider contract test holds each adapter's key to `maxKeyLength`.
 */
export interface ProviderTraits {
  /** It can turn a card into a token first, and charge the token. */
  readonly tokenises: boolean;
  /** How long the far end recognises an idempotency key; 0: not at all. */
  readonly keyLifetimeMs: number;
  /** Which first answers a repeat under the same key gets back. */
  readonly replays: 'all' | 'success' | 'none';
  readonly lookup: 'by-id' | 'by-reference' | 'none';
  /** A look-up right after a charge sees it. */
  readonly lookupConsistent: boolean;
  /** Characters an idempotency key may have. */
  readonly maxKeyLength: number;
}

/** What is asked of a provider, without the card. */
export interface ProviderRequest {
  readonly operation: PaymentOperation;
  /** The same for every repeat. */
  readonly idempotencyKey: string;
  readonly amountMinor: number | null;
  readonly currency: string;
  readonly reference: string | null;
  readonly description: string | null;
}

/** A provider's explicit answer, or the proven absence of one. */
export type ProviderResult = PaymentResult;

/**
 * A payment provider. `execute` never rejects: whatever happens on the wire becomes an outcome, `failed` only
 * with proof that nothing was done, `unknown` whenever the request may have been acted on.
 *
 * The card's bytes are read from `card` once per request body and every copy is zeroed before `execute` resolves.
 * The caller wipes `card` itself.
 */
export interface PaymentProvider {
  readonly kind: ProviderSettings['kind'];
  readonly traits: ProviderTraits;
  execute(request: ProviderRequest, card: CardDetails): Promise<ProviderResult>;
  close(): Promise<void>;
}
