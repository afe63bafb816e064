import type { CaptureField, RejectionReason } from '../core/capture-field.ts';
import type { CardBrand } from '../core/card-brand.ts';
import type { MaskingAlarmCause } from '../core/masking.ts';
import type { PaymentOutcome, PaymentState } from '../core/payment-state.ts';

/**
 * Everything an agent's screen may ever be told (contract, section 5). The union is closed, and no member has
 * a place for a digit: asterisks are made from a count, and only `field-complete` has four real digits.
 */
export type AgentEvent =
  | {
      readonly type: 'payment-state';
      readonly state: PaymentState;
      readonly required: readonly CaptureField[];
      readonly field: CaptureField | null;
    }
  | {
      readonly type: 'field-progress';
      readonly field: CaptureField;
      readonly length: number;
      readonly masked: string;
    }
  | {
      readonly type: 'field-complete';
      readonly field: CaptureField;
      readonly masked: string;
      readonly brand: CardBrand | null;
    }
  | {
      readonly type: 'field-rejected';
      readonly field: CaptureField;
      readonly reason: RejectionReason;
      readonly attemptsLeft: number;
    }
  | { readonly type: 'masking-alarm'; readonly cause: MaskingAlarmCause }
  | {
      readonly type: 'payment-result';
      readonly outcome: PaymentOutcome;
      readonly reference: string | null;
      readonly brand: CardBrand | null;
      readonly last4: string | null;
      readonly declineCode: string | null;
      readonly message: string;
    };

/** An event as it was published: `seq` counts from 1 without gaps per payment, `at` is ISO 8601. */
export interface PublishedEvent {
  readonly paymentId: string;
  readonly seq: number;
  readonly at: string;
  readonly event: AgentEvent;
}
