import type { PaymentRecord, UnknownAttempt } from './journal.ts';
import { SELECT_PAYMENT, toRecord } from './payment-row.ts';
import { UNKNOWN_ATTEMPTS } from './statements.ts';
import { row, rows } from './work.ts';
import type { Work } from './work.ts';

const PAYMENTS_OF_CALL_MAX = 200;

export function* paymentById(id: string): Work<PaymentRecord | null> {
  const found = yield* row(`${SELECT_PAYMENT} WHERE id = :id`, { id });
  return found === null ? null : toRecord(found);
}

export function* paymentByClientKey(apiKeyName: string, clientKey: string): Work<PaymentRecord | null> {
  const where = 'WHERE api_key_name = :apiKeyName AND client_key = :clientKey';
  const found = yield* row(`${SELECT_PAYMENT} ${where}`, { apiKeyName, clientKey });
  return found === null ? null : toRecord(found);
}

export function* paymentsOfCall(callId: string): Work<readonly PaymentRecord[]> {
  const rest = `WHERE call_id = :callId ORDER BY rowid DESC LIMIT ${PAYMENTS_OF_CALL_MAX}`;
  return (yield* rows(`${SELECT_PAYMENT} ${rest}`, { callId })).map(toRecord);
}

/** What is stored of an attempt under its key. */
export function* attemptByKey(
  key: string,
): Work<{ readonly state: string; readonly paymentId: string } | null> {
  const select = 'SELECT state, payment_id AS "paymentId" FROM attempt WHERE idempotency_key = :key';
  const found = yield* row(select, { key });
  return found === null ? null : { state: String(found['state']), paymentId: String(found['paymentId']) };
}

export function* hasAttempt(idempotencyKey: string): Work<boolean> {
  return (yield* attemptByKey(idempotencyKey)) !== null;
}

export function* unknownAttempts(): Work<readonly UnknownAttempt[]> {
  return (yield* rows(UNKNOWN_ATTEMPTS)) as unknown as readonly UnknownAttempt[];
}
