import type { CaptureField, RejectionReason } from './capture-field.ts';
import type { CardBrand } from './card-brand.ts';
import type { PaymentState } from './payment-state.ts';

/**
 * What a capture tells the agent. No member has a place for a digit: asterisks are made from a count, and only
 * `field-complete` of a card number has its last four.
 */
export type CaptureAnnouncement =
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
    };
