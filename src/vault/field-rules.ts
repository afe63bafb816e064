import type { CaptureField, EntryField, RejectionReason } from '../core/capture-field.ts';
import type { CardBrand } from '../core/card-brand.ts';
import { brandRulesOf } from './card-brand-rules.ts';
import { passesAbaChecksum, passesLuhn } from './checksums.ts';
import { isExpiryValid } from './expiry-date.ts';

/** What the rules need to know besides the field's own digits. */
export interface FieldContext {
  readonly acceptedBrands: readonly CardBrand[];
  readonly minPostalCodeLength: number;
  /** By the card's brand; null while there is no complete card number. */
  readonly securityCodeLength: number | null;
  readonly nowMs: number;
  /** The first entry of the field, if it is keyed a second time; null while that is not complete. */
  readonly firstEntry: Uint8Array | null;
}

/** Most digits a field can have. */
export const FIELD_CAPACITY: Readonly<Record<CaptureField, number>> = {
  'payment-card-number': 19,
  'expiration-date': 4,
  'security-code': 4,
  'postal-code': 10,
  'bank-routing-number': 9,
  'bank-account-number': 17,
  'payment-card-number-matcher': 19,
  'expiration-date-matcher': 4,
  'security-code-matcher': 4,
  'postal-code-matcher': 10,
};

/** ISO/IEC 7812-1 allows up to 19 digits; no brand has fewer than 12. */
const MIN_CARD_NUMBER_LENGTH = 12;

/** Of a number whose first digits fit no brand. */
const USUAL_CARD_NUMBER_LENGTH = 16;

/** The least that the processors of ACH debits take. */
const MIN_ACCOUNT_NUMBER_LENGTH = 4;

const INVALID: Readonly<Record<EntryField, RejectionReason>> = {
  'payment-card-number': 'invalid-card-number',
  'expiration-date': 'invalid-date',
  'security-code': 'invalid-security-code',
  'postal-code': 'invalid-postal-code',
  'bank-routing-number': 'invalid-bank-routing-number',
  'bank-account-number': 'invalid-bank-account-number',
};

/** How many digits the field may have, ascending, as far as the digits held (ASCII) tell. */
export function allowedLengths(
  field: CaptureField,
  digits: Uint8Array,
  context: FieldContext,
): readonly number[] {
  switch (field) {
    case 'payment-card-number':
      return brandRulesOf(digits)?.lengths ?? range(MIN_CARD_NUMBER_LENGTH, FIELD_CAPACITY[field]);
    case 'security-code':
      // Without a card both lengths pass; the code is looked at again when the card is known.
      return context.securityCodeLength === null ? [3, 4] : [context.securityCodeLength];
    case 'postal-code':
      return range(context.minPostalCodeLength, FIELD_CAPACITY[field]);
    case 'bank-account-number':
      return range(MIN_ACCOUNT_NUMBER_LENGTH, FIELD_CAPACITY[field]);
    case 'expiration-date':
    case 'bank-routing-number':
      return [FIELD_CAPACITY[field]];
    case 'payment-card-number-matcher':
    case 'expiration-date-matcher':
    case 'security-code-matcher':
    case 'postal-code-matcher':
      return [context.firstEntry?.length ?? FIELD_CAPACITY[field]];
  }
}

/**
 * Whether a caller who pauses at one of several allowed lengths has probably finished. A postal code or an
 * account number gives no sign of it, so only `#` or the full time between digits ends them. So it is with a card
 * number shorter than its brand's usual ones: one in ten longer numbers passes the Luhn check there by chance.
 */
export function mayEndHere(field: CaptureField, digits: Uint8Array): boolean {
  if (field !== 'payment-card-number') return field === 'security-code';
  const usualLength = brandRulesOf(digits)?.usualLength ?? USUAL_CARD_NUMBER_LENGTH;
  return digits.length >= usualLength && passesLuhn(digits);
}

/**
 * Whether the digits are a whole card number of a brand whose numbers end here but for a few. Those few are keyed again
 * after the field was cleared, and then every pause is waited for.
 */
export function endsHere(field: CaptureField, digits: Uint8Array): boolean {
  const rules = field === 'payment-card-number' ? brandRulesOf(digits) : null;
  return rules !== null && rules.isUsuallyLast && digits.length === rules.usualLength && passesLuhn(digits);
}

/** Why the digits, which are all there will be, are refused; null when they are right. */
export function faultOf(
  field: CaptureField,
  digits: Uint8Array,
  context: FieldContext,
): RejectionReason | null {
  const isLengthRight = allowedLengths(field, digits, context).includes(digits.length);
  switch (field) {
    case 'payment-card-number':
      return isLengthRight ? faultOfCardNumber(digits, context.acceptedBrands) : INVALID[field];
    case 'expiration-date':
      return isLengthRight && isExpiryValid(digits, context.nowMs) ? null : INVALID[field];
    case 'bank-routing-number':
      return isLengthRight && passesAbaChecksum(digits) ? null : INVALID[field];
    case 'security-code':
    case 'postal-code':
    case 'bank-account-number':
      return isLengthRight ? null : INVALID[field];
    case 'payment-card-number-matcher':
    case 'expiration-date-matcher':
    case 'security-code-matcher':
    case 'postal-code-matcher':
      return isSame(digits, context.firstEntry) ? null : 'input-matching-failed';
  }
}

/** Compared to the end, so that the time taken tells nothing. */
function isSame(digits: Uint8Array, firstEntry: Uint8Array | null): boolean {
  if (firstEntry === null || firstEntry.length !== digits.length) return false;
  let difference = 0;
  for (const [index, code] of digits.entries()) difference |= code ^ (firstEntry[index] ?? 0);
  return difference === 0;
}

/** A wrong check digit comes first: a number keyed wrongly says nothing about its brand. */
function faultOfCardNumber(digits: Uint8Array, acceptedBrands: readonly CardBrand[]): RejectionReason | null {
  if (!passesLuhn(digits)) return 'invalid-card-number';
  const rules = brandRulesOf(digits);
  return rules !== null && acceptedBrands.includes(rules.brand) ? null : 'invalid-card-type';
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
