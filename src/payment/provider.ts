import type { PaymentOperation, ProviderSettings } from '../core/payment-profile.ts';
import type { PaymentResult } from '../core/payment-result.ts';
import type { CardDetails } from '../vault/card-details.ts';

/**
 * What an adapter must declare about repeats and look-ups: the facts by which an `unknown` outcome can be settled
 * later without charging twice. The provider contract test holds each adapter to them.
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

/** What tokenising came to. No money has moved, whatever it says. */
export type Tokenised =
  | {
      readonly kind: 'token';
      /**
       * The adapter's own text, which finds the token again after a restart; for the operation `tokenize` it is the
       * provider's token itself, which is the payment's result. At most 512 characters.
       */
      readonly token: string;
      readonly brand: PaymentResult['brand'];
      readonly last4: string | null;
    }
  /** `declined`: the provider does not take this card. `failed`: anything else, so that the card has to be keyed again. */
  | { readonly kind: 'ended'; readonly result: ProviderResult & { readonly outcome: 'declined' | 'failed' } };

/**
 * What a look-up came to. `undecided`: the provider has an answer, but not the last word, or none could be had;
 * that is also what "not found" means, unless the adapter can prove that the charge can no longer happen.
 */
export type LookUp = ProviderResult | 'undecided';

interface CommonProvider {
  readonly kind: ProviderSettings['kind'];
  readonly traits: ProviderTraits;
  /** Ends what is under way, each request with its own result; later ones are `failed`, with nothing sent. */
  close(): Promise<void>;
}

interface LookingUp {
  /**
   * Asks what became of a request that was charged under its key; never rejects, moves no money. Present if and only
   * if `traits.lookup` is not `none`.
   */
  lookUp?(request: ProviderRequest, token: string | null): Promise<LookUp>;
}

/**
 * A provider that takes the card with the charge. `execute` never rejects: whatever happens on the wire becomes an
 * outcome, `failed` only with proof that nothing was done, `unknown` whenever the request may have been acted on.
 *
 * The card's bytes are read from `card` once per request body and every copy is zeroed before `execute` resolves.
 * The caller wipes `card` itself.
 */
export interface DirectProvider extends CommonProvider, LookingUp {
  readonly traits: ProviderTraits & { readonly tokenises: false };
  execute(request: ProviderRequest, card: CardDetails): Promise<ProviderResult>;
}

/**
 * A provider that makes a token of the card first. Neither method rejects.
 *
 * `tokenise` sends the card, with the same care for its bytes as `DirectProvider.execute`. `charge` moves money, by
 * token, under the request's key: the same rules for its outcome. It may be called again with the same request and
 * token for as long as the key lives, also after a restart; `isRepeat` then says that an earlier call may have been
 * acted on, so that "not sent" and "refused" prove nothing and the outcome is `unknown`.
 */
export interface TokenProvider extends CommonProvider, LookingUp {
  readonly traits: ProviderTraits & { readonly tokenises: true };
  tokenise(request: ProviderRequest, card: CardDetails): Promise<Tokenised>;
  charge(request: ProviderRequest, token: string, isRepeat: boolean): Promise<ProviderResult>;
}

/** A payment provider. */
export type PaymentProvider = DirectProvider | TokenProvider;

export function makesTokens(provider: PaymentProvider): provider is TokenProvider {
  return provider.traits.tokenises;
}
