import type { RejectionReason } from './capture-field.ts';
import type { CardBrand } from './card-brand.ts';

/**
 * `partial`: more digits are needed. `may-be-complete`: it could end here, a longer one is possible too.
 * `complete`, `rejected`: decided. `full`: decided before, so the last key was dropped.
 */
export type FieldStatus = 'partial' | 'may-be-complete' | 'complete' | 'rejected' | 'full';

/** What the vault tells of a field: counts, asterisks and words, so it may be logged and shown. */
export interface FieldVerdict {
  /** Digits held for the field. */
  readonly length: number;
  /** One `*` per digit; the last four digits in clear only for a complete card number. */
  readonly masked: string;
  readonly status: FieldStatus;
  /** Of a card number, as soon as its first digits tell; null for every other field. */
  readonly brand: CardBrand | null;
  /** Set when the field was rejected. */
  readonly reason: RejectionReason | null;
  /** A complete card number whose brand shows that the security code keyed before has the wrong length. */
  readonly refutesSecurityCode: boolean;
}
