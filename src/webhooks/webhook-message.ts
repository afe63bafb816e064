import { NO_LIVE_DETAILS, paymentViewOf } from '../call/payment-view.ts';
import type { DeliveryRecord, OutboxMessage } from '../journal/outbox.ts';

/** What a message is called, by the state of the payment that it tells, such as `payment.approved`. */
export function webhookTypeOf(state: string): string {
  return `payment.${state}`;
}

/**
 * The `webhook-id`: the same in every try, and different for every message of every installation, so that a receiver
 * knows a repeat.
 */
export function webhookIdOf({ seq }: Pick<DeliveryRecord, 'seq'>, paymentId: string): string {
  return `${paymentId}_${seq}`;
}

/** The body as JSON: the payment as `GET /v1/payments/{id}` shows one that has ended, as it was at that time. */
export function webhookBodyOf({ payment }: OutboxMessage): string {
  return JSON.stringify({
    type: webhookTypeOf(payment.state),
    timestamp: payment.updatedAt,
    data: paymentViewOf(payment, NO_LIVE_DETAILS, payment.outcome),
  });
}
