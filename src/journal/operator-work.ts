import { changeLog } from './change-log.ts';
import { JournalError } from './journal-error.ts';
import type { OutcomeRecord, PaymentRecord } from './journal.ts';
import { SELECT_PAYMENT, toRecord } from './payment-row.ts';
import { SETTLE_ATTEMPT, SET_OUTCOME } from './statements.ts';
import { change, row, rows } from './work.ts';
import type { Work } from './work.ts';

/** A payment as an operator's list shows it. */
export interface ListedPayment extends PaymentRecord {
  /** Since when a person is asked for; null if none is. */
  readonly escalatedAt: string | null;
  /** The key under which the provider knows it; null if nothing was sent. */
  readonly idempotencyKey: string | null;
}

const ESCALATED = `SELECT escalated_at FROM attempt WHERE payment_id = payment.id AND state = 'unknown'`;
const LAST_KEY = `SELECT idempotency_key FROM attempt WHERE payment_id = payment.id ORDER BY rowid DESC LIMIT 1`;
const SELECT_LISTED = SELECT_PAYMENT.replace(
  'SELECT ',
  `SELECT (${ESCALATED}) AS "escalatedAt", (${LAST_KEY}) AS "idempotencyKey", `,
);

const OPEN_ATTEMPT = `SELECT idempotency_key AS "key" FROM attempt WHERE payment_id = :id AND state = 'unknown'`;

/** Newest first; `onlyUnknown`: those whose outcome is unknown, oldest first. */
export function* listPayments(onlyUnknown: boolean, limit: number): Work<readonly ListedPayment[]> {
  const order = onlyUnknown ? `WHERE state = 'unknown' ORDER BY rowid` : 'ORDER BY rowid DESC';
  const found = yield* rows(`${SELECT_LISTED} ${order} LIMIT :limit`, { limit });
  return found.map((listed) => toRecord(listed) as ListedPayment);
}

/**
 * Settles a payment whose outcome is unknown, on a person's word. Throws `ATTEMPT_NOT_FOUND` if there is no such
 * payment or its outcome is not unknown. A running server notices within seconds and tells who watches.
 */
export function* settleByHand(
  id: string,
  outcome: OutcomeRecord,
  actor: string,
  evidence: string,
  at: string,
): Work<void> {
  const attempt = yield* row(OPEN_ATTEMPT, { id });
  if (attempt === null) throw new JournalError('ATTEMPT_NOT_FOUND');
  const key = String(attempt['key']);
  const { outcome: state, providerReference, declineCode } = outcome;
  yield* change(SETTLE_ATTEMPT, { key, outcome: state, providerReference, declineCode, at });
  yield* change(`${SET_OUTCOME} WHERE id = :id AND state = 'unknown'`, { id, ...outcome, at });
  const action = `payment-${state}-by-hand`;
  yield* tell({ paymentId: id, actor, action, at, detail: { idempotencyKey: key, evidence } });
}

/** Integrators are told too, if a server sends to them; without one, the messages end with the payment. */
const tell = changeLog(true);
