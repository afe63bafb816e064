/** The pieces of payment data a caller can key, in Twilio's words, which the trade knows. */
export const CAPTURE_FIELDS = [
  'payment-card-number',
  'expiration-date',
  'security-code',
  'postal-code',
  'bank-routing-number',
  'bank-account-number',
] as const;

export type CaptureField = (typeof CAPTURE_FIELDS)[number];

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
] as const;

export type RejectionReason = (typeof REJECTION_REASONS)[number];
