import type { CaptureField } from './capture-field.ts';
import type { CardBrand } from './card-brand.ts';

/** `charge` moves money, `tokenize` only gets a token for later. */
export type PaymentOperation = 'charge' | 'tokenize';

export type PaymentMethod = 'guided' | 'self-service';

/** Which payment provider, and what it needs. Secrets were read from the environment already. */
export type ProviderSettings =
  | { readonly kind: 'simulator' }
  | {
      readonly kind: 'generic-pay-connector';
      readonly url: string;
      readonly username: string;
      readonly password: string;
      readonly dialect: 'twilio' | 'signalwire';
      /** The far end returns the first result for a repeated transaction id, so a repeat is safe. */
      readonly idempotent: boolean;
    }
  | {
      readonly kind: 'stripe';
      /** Origin of the API, without a slash at the end. */
      readonly url: string;
      readonly apiKey: string;
    }
  | {
      readonly kind: 'adyen';
      /** Base of the Checkout API with its version, without a slash at the end. */
      readonly url: string;
      readonly apiKey: string;
      readonly merchantAccount: string;
    }
  | {
      readonly kind: 'braintree';
      /** Base of the GraphQL API, without a slash at the end. */
      readonly url: string;
      readonly publicKey: string;
      readonly privateKey: string;
      /** It decides the currency. */
      readonly merchantAccountId: string;
    };

/** One way of taking a payment that an agent can pick (contract, section 4). */
export interface PaymentProfile {
  readonly id: string;
  readonly name: string;
  readonly method: PaymentMethod;
  readonly operation: PaymentOperation;
  /** ISO 4217, upper case. */
  readonly currency: string;
  /** In the order in which the caller keys them. */
  readonly fields: readonly CaptureField[];
  readonly brands: readonly CardBrand[];
  readonly firstDigitTimeoutSeconds: number;
  readonly interDigitTimeoutSeconds: number;
  readonly maxAttempts: number;
  /** Fewest digits of a postal code. */
  readonly minPostalCodeLength: number;
  /** No field starts by itself: each waits until it is asked for. */
  readonly capturesOnRequest?: boolean;
  readonly provider: ProviderSettings;
}

/** What one payment may change of its profile. */
export type ProfileAdjustments = Partial<
  Pick<
    PaymentProfile,
    'fields' | 'brands' | 'interDigitTimeoutSeconds' | 'minPostalCodeLength' | 'capturesOnRequest'
  >
>;
