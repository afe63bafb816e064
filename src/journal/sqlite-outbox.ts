import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { PaymentRecord } from './journal.ts';
import type { DeliveryRecord, DeliveryUpdate, OutboxMessage, OutboxState } from './outbox.ts';

const DUE_MAX = 64;

/** Messages for integrators, written in the transaction of the change that they tell. */
export class SqliteOutbox {
  readonly #insert: StatementSync;
  readonly #due: StatementSync;
  readonly #backlog: StatementSync;
  readonly #ofPayment: StatementSync;
  readonly #update: StatementSync;
  readonly #requeue: StatementSync;
  readonly #prune: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert =
      database.prepare(`INSERT INTO outbox (payment_id, state, payment, status, tries, created_at)
      VALUES (:paymentId, :state, :payment, 'pending', 0, :at)`);
    // The oldest of each payment: a later one waits for it, so that states arrive in their order.
    this.#due =
      database.prepare(`SELECT seq, payment_id AS paymentId, created_at AS createdAt, payment, tries,
      next_try_at AS nextTryAt FROM outbox
      WHERE seq IN (SELECT min(seq) FROM outbox WHERE status = 'pending' GROUP BY payment_id)
        AND coalesce(next_try_at, '') <= ?
      ORDER BY coalesce(next_try_at, ''), seq LIMIT ${DUE_MAX}`);
    this.#backlog = database.prepare(`SELECT count(*) AS undelivered, min(created_at) AS oldestAt
      FROM outbox WHERE status = 'pending'`);
    this.#ofPayment = database.prepare(`SELECT seq, state, status, tries, last_http_status AS lastHttpStatus,
      created_at AS createdAt, next_try_at AS nextTryAt, settled_at AS settledAt
      FROM outbox WHERE payment_id = ? ORDER BY seq`);
    this.#update = database.prepare(`UPDATE outbox SET status = :status, tries = tries + 1,
      last_http_status = :lastHttpStatus, next_try_at = :nextTryAt, settled_at = :settledAt
      WHERE seq = :seq AND status = 'pending'`);
    this.#requeue = database.prepare(`UPDATE outbox
      SET status = 'pending', tries = 0, last_http_status = NULL, settled_at = NULL
      WHERE payment_id = :paymentId AND status = 'given-up'
        AND seq > (SELECT coalesce(max(seq), 0) FROM outbox WHERE payment_id = :paymentId AND status = 'delivered')
        AND NOT EXISTS (SELECT 1 FROM outbox WHERE payment_id = :paymentId AND status = 'pending')`);
    this.#prune = database.prepare(`DELETE FROM outbox WHERE status <> 'pending' AND settled_at < ?`);
  }

  /** To be called inside the transaction that changed the payment. */
  append(payment: PaymentRecord, at: string): void {
    this.#insert.run({
      paymentId: payment.id,
      state: payment.state,
      payment: JSON.stringify(payment),
      at,
    });
  }

  /** What is due at `at`, ISO 8601, and how much waits in all. */
  stateAt(at: string): OutboxState {
    const backlog = this.#backlog.get() as unknown as Omit<OutboxState, 'due'>;
    const due = this.#due.all(at).map((row) => ({
      ...(row as unknown as Omit<OutboxMessage, 'payment'>),
      payment: JSON.parse(row['payment'] as string) as PaymentRecord,
    }));
    return { ...backlog, due };
  }

  ofPayment(paymentId: string): readonly DeliveryRecord[] {
    return this.#ofPayment.all(paymentId) as unknown as readonly DeliveryRecord[];
  }

  update(seq: number, update: DeliveryUpdate, at: string): void {
    const isPending = update.status === 'pending';
    this.#update.run({
      seq,
      status: update.status,
      lastHttpStatus: update.lastHttpStatus,
      nextTryAt: isPending ? update.nextTryAt : null,
      settledAt: isPending ? null : at,
    });
  }

  /** See `Journal.redeliver`. */
  requeue(paymentId: string): number {
    return Number(this.#requeue.run({ paymentId }).changes);
  }

  /** Forgets what was settled before `before`, ISO 8601. */
  prune(before: string): void {
    this.#prune.run(before);
  }
}
