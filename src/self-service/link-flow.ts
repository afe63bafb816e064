import type { CaptureField, RejectionReason } from '../core/capture-field.ts';
import type { CardBrand } from '../core/card-brand.ts';
import type { LinkState } from '../core/link-state.ts';
import { isEnded } from '../core/payment-state.ts';
import type { PaymentState } from '../core/payment-state.ts';

/** How far one field of the payer's form is: counts and words only. */
export interface FormField {
  readonly field: CaptureField;
  readonly status: 'empty' | 'collecting' | 'complete' | 'rejected';
  readonly length: number;
  readonly masked: string;
  /** Of a complete card number. */
  readonly brand: CardBrand | null;
  readonly reason: RejectionReason | null;
}

/** A self-service payment: no digits and no token, so it may be logged and shown. */
export interface LinkFlow {
  /** `connecting` until the payer opens the page, `capturing` while he types. */
  readonly payment: PaymentState;
  readonly link: LinkState;
  /** Cards that may still be tried. */
  readonly triesLeft: number;
  /** The link's time ran out while a card was being charged. */
  readonly isOverdue: boolean;
  /** One per field of the profile, in its order. */
  readonly fields: readonly FormField[];
}

export function newLinkFlow(fields: readonly CaptureField[], triesLeft: number): LinkFlow {
  return { payment: 'connecting', link: 'created', triesLeft, isOverdue: false, fields: emptyFields(fields) };
}

export function emptyFields(fields: readonly CaptureField[]): readonly FormField[] {
  return fields.map((field) => ({
    field,
    status: 'empty',
    length: 0,
    masked: '',
    brand: null,
    reason: null,
  }));
}

/** The fields that are not accepted yet. A payment that is processed or has ended misses none. */
export function missingFields({ payment, fields }: LinkFlow): readonly CaptureField[] {
  if (payment === 'processing' || isEnded(payment)) return [];
  return fields.filter(({ status }) => status !== 'complete').map(({ field }) => field);
}

/** Whether the payer may try another card, should this one not be charged. */
export function mayTryAgain({ triesLeft, isOverdue }: LinkFlow): boolean {
  return triesLeft > 0 && !isOverdue;
}
