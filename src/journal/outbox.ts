import type { PaymentRecord } from './journal.ts';

/** One message that an integrator has not confirmed yet: what a payment was when it changed. */
export interface OutboxMessage {
  /** Rises with time, over all payments. */
  readonly seq: number;
  readonly paymentId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly payment: PaymentRecord;
  /** Deliveries that failed so far. */
  readonly tries: number;
  /** ISO 8601; null: at once. */
  readonly nextTryAt: string | null;
}

/** What integrators have not confirmed yet. */
export interface OutboxState {
  /** Messages to be sent now: the oldest of each payment, those never tried first, at most 64. */
  readonly due: readonly OutboxMessage[];
  /** All messages that are not settled, due or not. */
  readonly undelivered: number;
  /** When the oldest of them was written, ISO 8601; null when there is none. */
  readonly oldestAt: string | null;
}

/** How the delivery of one message stands. */
export interface DeliveryRecord {
  readonly seq: number;
  /** The payment's state that it tells. */
  readonly state: string;
  readonly status: 'pending' | 'delivered' | 'given-up';
  readonly tries: number;
  /** Of the last answer; null when there was none. */
  readonly lastHttpStatus: number | null;
  readonly createdAt: string;
  readonly nextTryAt: string | null;
  readonly settledAt: string | null;
}

/** What became of one try. */
export type DeliveryUpdate =
  | { readonly status: 'delivered' | 'given-up'; readonly lastHttpStatus: number | null }
  | { readonly status: 'pending'; readonly lastHttpStatus: number | null; readonly nextTryAt: string };
