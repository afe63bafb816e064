import type { CaptureField, RejectionReason } from '../core/capture-field.ts';
import type { CardBrand } from '../core/card-brand.ts';
import type { PaymentOperation } from '../core/payment-profile.ts';
import type { PaymentResult } from '../core/payment-result.ts';
import type { PaymentState } from '../core/payment-state.ts';

/** A payment as its payer may see it. */
export interface PayerView {
  readonly state: PaymentState;
  readonly operation: PaymentOperation;
  /** Decimal string; null when only a token is made. */
  readonly amount: string | null;
  readonly currency: string;
  readonly payee: string | null;
  readonly reference: string | null;
  readonly description: string | null;
  /** In the order of the form; of the fields refused last, why. */
  readonly fields: readonly { readonly field: CaptureField; readonly reason: RejectionReason | null }[];
  readonly brands: readonly CardBrand[];
  readonly minPostalCodeLength: number;
  readonly triesLeft: number;
  readonly result: PaymentResult | null;
}

/** What the payer's page does with the payment that its link leads to. */
export interface PayLink {
  view(): PayerView;
  /** A person looks at the page. */
  opened(): void;
  /** The browser tells how many digits a field has now; what does not fit is ignored. */
  typed(field: CaptureField, length: number): void;
  /**
   * The form, the bytes of each field as they were typed: their digits are taken over before this returns, so that the
   * caller can wipe them, and they may be changed. While another card is being charged these are not looked at. Resolves when the outcome is known or after 15 s.
   */
  submit(entries: ReadonlyMap<CaptureField, Uint8Array>): Promise<void>;
}

/** The port of the pay page. */
export interface PayLinks {
  /**
   * The payment behind a link; null for a wrong one, one that has expired or was replaced, and for a payment that was
   * canceled. Rejects with `JOURNAL_UNAVAILABLE`.
   */
  find(token: string): Promise<PayLink | null>;
}
