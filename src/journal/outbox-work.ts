import type { PaymentRecord } from './journal.ts';
import type { DeliveryRecord, DeliveryUpdate, OutboxMessage, OutboxState } from './outbox.ts';
import { change, row, rows } from './work.ts';
import type { Work } from './work.ts';

const DUE_MAX = 64;

const INSERT = `INSERT INTO outbox (payment_id, state, payment, status, tries, created_at)
  VALUES (:paymentId, :state, :payment, 'pending', 0, :at)`;

/** The oldest of each payment: a later one waits for it, so that states arrive in their order. */
const DUE = `SELECT seq, payment_id AS "paymentId", created_at AS "createdAt", payment, tries,
    next_try_at AS "nextTryAt" FROM outbox
  WHERE seq IN (SELECT min(seq) FROM outbox WHERE status = 'pending' GROUP BY payment_id)
    AND coalesce(next_try_at, '') <= :at
  ORDER BY coalesce(next_try_at, ''), seq LIMIT ${DUE_MAX}`;

const BACKLOG = `SELECT count(*) AS undelivered, min(created_at) AS "oldestAt" FROM outbox WHERE status = 'pending'`;

const OF_PAYMENT = `SELECT seq, state, status, tries, last_http_status AS "lastHttpStatus", created_at AS "createdAt",
    next_try_at AS "nextTryAt", settled_at AS "settledAt"
  FROM outbox WHERE payment_id = :paymentId ORDER BY seq`;

const UPDATE = `UPDATE outbox SET status = :status, tries = tries + 1, last_http_status = :lastHttpStatus,
    next_try_at = :nextTryAt, settled_at = :settledAt
  WHERE seq = :seq AND status = 'pending'`;

const REQUEUE = `UPDATE outbox SET status = 'pending', tries = 0, last_http_status = NULL, settled_at = NULL
  WHERE payment_id = :paymentId AND status = 'given-up'
    AND seq > (SELECT coalesce(max(seq), 0) FROM outbox WHERE payment_id = :paymentId AND status = 'delivered')
    AND NOT EXISTS (SELECT 1 FROM outbox WHERE payment_id = :paymentId AND status = 'pending')`;

const PRUNE = `DELETE FROM outbox WHERE status <> 'pending' AND settled_at < :before`;

/** A message for integrators, to be written in the transaction that changed the payment. */
export function* appendMessage(payment: PaymentRecord, at: string): Work<void> {
  const { id: paymentId, state } = payment;
  yield* change(INSERT, { paymentId, state, payment: JSON.stringify(payment), at });
}

/** What is due at `at`, ISO 8601, and how much waits in all. */
export function* outboxAt(at: string): Work<OutboxState> {
  const backlog = (yield* row(BACKLOG)) as unknown as Omit<OutboxState, 'due'>;
  const due = (yield* rows(DUE, { at })).map((message) => ({
    ...(message as unknown as Omit<OutboxMessage, 'payment'>),
    payment: JSON.parse(message['payment'] as string) as PaymentRecord,
  }));
  return { ...backlog, due };
}

export function* deliveriesOf(paymentId: string): Work<readonly DeliveryRecord[]> {
  return (yield* rows(OF_PAYMENT, { paymentId })) as unknown as readonly DeliveryRecord[];
}

export function* updateDelivery(seq: number, update: DeliveryUpdate, at: string): Work<void> {
  const isPending = update.status === 'pending';
  yield* change(UPDATE, {
    seq,
    status: update.status,
    lastHttpStatus: update.lastHttpStatus,
    nextTryAt: isPending ? update.nextTryAt : null,
    settledAt: isPending ? null : at,
  });
}

/** See `Journal.redeliver`. */
export function* requeue(paymentId: string): Work<number> {
  return yield* change(REQUEUE, { paymentId });
}

/** Forgets what was settled before `before`, ISO 8601. */
export function* pruneOutbox(before: string): Work<void> {
  yield* change(PRUNE, { before });
}
