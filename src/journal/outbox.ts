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
