/** The pieces of payment data a caller can key, in Twilio's words, which the trade knows. */
export const ENTRY_FIELDS = [
  'payment-card-number',
  'expiration-date',
  'security-code',
  'postal-code',
  'bank-routing-number',
  'bank-account-number',
] as const;

/** Second entries: the caller keys the same again, and both must be equal. */
export const MATCHER_FIELDS = [
  'payment-card-number-matcher',
  'expiration-date-matcher',
  'security-code-matcher',
  'postal-code-matcher',
] as const;

/** Everything that can be captured. */
export const CAPTURE_FIELDS = [...ENTRY_FIELDS, ...MATCHER_FIELDS] as const;

export type EntryField = (typeof ENTRY_FIELDS)[number];
export type MatcherField = (typeof MATCHER_FIELDS)[number];
export type CaptureField = EntryField | MatcherField;

const ENTRY_OF: ReadonlyMap<CaptureField, EntryField> = new Map([
  ['payment-card-number-matcher', 'payment-card-number'],
  ['expiration-date-matcher', 'expiration-date'],
  ['security-code-matcher', 'security-code'],
  ['postal-code-matcher', 'postal-code'],
]);

/** The field that a second entry must be equal to; null for every other field. */
export function entryOf(field: CaptureField): EntryField | null {
  return ENTRY_OF.get(field) ?? null;
}

/** The field for the second entry of `field`; null if it has none. */
export function matcherOf(field: CaptureField): MatcherField | null {
  return MATCHER_FIELDS.find((matcher) => entryOf(matcher) === field) ?? null;
}

/** Why a field was refused; the agent sees it as it stands. */
export const REJECTION_REASONS = [
  'input-timeout',
  'invalid-card-number',
  'invalid-card-type',
  'invalid-date',
  'invalid-security-code',
  'invalid-postal-code',
  'invalid-bank-routing-number',
  'invalid-bank-account-number',
  'input-matching-failed',
] as const;

export type RejectionReason = (typeof REJECTION_REASONS)[number];
