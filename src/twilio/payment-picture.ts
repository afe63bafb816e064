import { matcherOf } from '../core/capture-field.ts';
import type { CaptureField, RejectionReason } from '../core/capture-field.ts';
import type { CardBrand } from '../core/card-brand.ts';
import type { PaymentResult } from '../core/payment-result.ts';
import type { AgentEvent } from '../events/agent-event.ts';
import { maskedCardNumber, maskedDigits } from './masked-digits.ts';

/** Errors that only this façade finds, in Twilio's words. */
type OwnErrorType = 'invalid-card-number-security-code-capture-sequence';

/** What a client has been told of a payment: masks, counts and words. */
export interface PaymentPicture {
  /** The field asked for last. */
  readonly field: CaptureField | null;
  readonly required: readonly CaptureField[];
  /** What is shown of each field that holds digits. */
  readonly shown: Readonly<Partial<Record<CaptureField, string>>>;
  readonly brand: CardBrand | null;
}

/** What a client is to be told, and when. */
export type Notice =
  | {
      readonly type: 'capture';
      readonly field: CaptureField;
      /** Digits still come. */
      readonly isPartial: boolean;
      readonly error: RejectionReason | OwnErrorType | null;
    }
  | { readonly type: 'result'; readonly result: PaymentResult }
  | { readonly type: 'ended'; readonly state: 'canceled' | 'expired' };

/** A picture, and what its change makes worth telling. */
export interface Told {
  readonly picture: PaymentPicture;
  readonly notice: Notice | null;
}

export const BLANK_PICTURE: PaymentPicture = { field: null, required: [], shown: {}, brand: null };

/** The client asked for a field: what it held is gone. `required`: what is missing from now on. */
export function afterRequest(
  picture: PaymentPicture,
  field: CaptureField,
  required: readonly CaptureField[],
): Told {
  const emptied = [field, matcherOf(field), picture.field].filter((each) => each !== null);
  const kept = emptied.filter((each) => each === field || required.includes(each));
  const cleared = kept.reduce((changed, each) => show(changed, each, ''), picture);
  return {
    picture: { ...cleared, field, required },
    notice: { type: 'capture', field, isPartial: true, error: null },
  };
}

/** The client asked for a field that cannot be captured yet. */
export function afterRefusal(
  picture: PaymentPicture,
  field: CaptureField,
  error: RejectionReason | OwnErrorType,
): Told {
  return { picture, notice: { type: 'capture', field, isPartial: false, error } };
}

export function afterEvent(picture: PaymentPicture, event: AgentEvent): Told {
  switch (event.type) {
    case 'payment-state': {
      const { state, required } = event;
      const isEnd = state === 'canceled' || state === 'expired';
      return { picture: { ...picture, required }, notice: isEnd ? { type: 'ended', state } : null };
    }
    case 'field-progress': {
      const { field, length } = event;
      const text =
        field === 'payment-card-number' ? maskedCardNumber('*'.repeat(length)) : maskedDigits(length);
      const isNews = text !== (picture.shown[field] ?? '');
      return {
        picture: show(picture, field, text),
        notice: isNews ? { type: 'capture', field, isPartial: true, error: null } : null,
      };
    }
    case 'field-complete': {
      const { field, masked, brand } = event;
      const isCard = field === 'payment-card-number';
      const text = isCard ? maskedCardNumber(masked) : maskedDigits(masked.length);
      const completed = show(picture, field, text);
      return {
        picture: {
          ...completed,
          brand: isCard ? brand : picture.brand,
          required: picture.required.filter((each) => each !== field),
        },
        notice: { type: 'capture', field, isPartial: false, error: null },
      };
    }
    case 'field-rejected': {
      const { field, reason } = event;
      const emptied = show(picture, field, '');
      const required = picture.required.includes(field) ? picture.required : [...picture.required, field];
      return {
        picture: { ...emptied, required },
        notice: { type: 'capture', field, isPartial: false, error: reason },
      };
    }
    case 'payment-result': {
      const { type: _type, ...result } = event;
      return { picture, notice: { type: 'result', result } };
    }
    case 'masking-alarm':
      return { picture, notice: null };
  }
}

function show(picture: PaymentPicture, field: CaptureField, text: string): PaymentPicture {
  const brand = field === 'payment-card-number' && text === '' ? null : picture.brand;
  return { ...picture, brand, shown: { ...picture.shown, [field]: text } };
}
