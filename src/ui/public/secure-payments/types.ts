/** What the panel reads of the REST API (see the OpenAPI document). A matcher is the same field keyed once more. */

export const FIELDS = [
  'payment-card-number',
  'expiration-date',
  'security-code',
  'postal-code',
  'bank-routing-number',
  'bank-account-number',
  'payment-card-number-matcher',
  'expiration-date-matcher',
  'security-code-matcher',
  'postal-code-matcher',
] as const;

export type FieldName = (typeof FIELDS)[number];

export type FieldState = 'empty' | 'requested' | 'collecting' | 'complete' | 'rejected';

export interface Field {
  readonly field: FieldName;
  readonly state: FieldState;
  readonly length: number;
  /** Asterisks; of a complete card number also the last four digits. */
  readonly masked: string;
  readonly brand: string | null;
  readonly reason: string | null;
  readonly attemptsLeft: number;
}

export type PaymentState =
  | 'connecting'
  | 'capturing'
  | 'ready'
  | 'processing'
  | 'approved'
  | 'declined'
  | 'failed'
  | 'unknown'
  | 'canceled'
  | 'expired';

export type LinkState = 'created' | 'sent' | 'delivered' | 'opened' | 'submitted' | 'expired';

export interface Result {
  readonly outcome: string;
  readonly reference: string | null;
  readonly brand: string | null;
  readonly last4: string | null;
  readonly declineCode: string | null;
}

export interface Payment {
  readonly id: string;
  readonly callId: string | null;
  readonly method: 'guided' | 'self-service';
  readonly operation: 'charge' | 'tokenize';
  readonly state: PaymentState;
  readonly required: readonly FieldName[];
  readonly field: FieldName | null;
  readonly fields: readonly Field[];
  readonly fieldTimer: { readonly remainingMs: number; readonly durationMs: number } | null;
  readonly payee: string | null;
  readonly interactionType: string | null;
  readonly amount: string | null;
  readonly currency: string;
  readonly reference: string | null;
  readonly result: Result | null;
  /** Of a self-service payment; null or missing for others. */
  readonly linkState?: LinkState | null;
  readonly updatedAt: string;
}

export interface Profile {
  readonly id: string;
  readonly name: string;
  readonly method: 'guided' | 'self-service';
  readonly operation: 'charge' | 'tokenize';
  readonly currency: string;
  readonly provider: { readonly kind: string };
}

export interface Call {
  readonly id: string;
  readonly state: 'open' | 'ended';
  readonly legs: Readonly<Record<string, { readonly state: 'waiting' | 'open' | 'closed' }>>;
  readonly masking: 'off' | 'armed' | 'muted';
}

/** One event of the payment's stream. */
export interface FeedEvent {
  readonly id: string;
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What the panel may use: a session for a call, or a token for one payment. */
export interface Credentials {
  readonly kind: 'call' | 'payment';
  readonly id: string;
  readonly token: string;
}

/** What the agent fills in before *Proceed to payment*. */
export interface PaymentDraft {
  readonly profileId: string;
  readonly payee: string;
  readonly interactionType: string;
  readonly amount: string;
  readonly reference: string;
  /** Telephone number for the link of a self-service payment. */
  readonly to: string;
}
