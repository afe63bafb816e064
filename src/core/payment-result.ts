import type { CardBrand } from './card-brand.ts';
import type { PaymentOutcome } from './payment-state.ts';

/** How a payment ended, as a provider adapter says it and as agents and integrators see it. */
export interface PaymentResult {
  readonly outcome: PaymentOutcome;
  /** The provider's id of the charge or the token. */
  readonly reference: string | null;
  readonly brand: CardBrand | null;
  readonly last4: string | null;
  readonly declineCode: string | null;
  /** Constant text of ours, or the provider's after its digit runs were overwritten. */
  readonly message: string;
}
