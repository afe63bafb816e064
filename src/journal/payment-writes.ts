import type { PaymentState } from '../core/payment-state.ts';
import { MAIN_CHAIN } from './audit-chain.ts';
import type { TellChange } from './change-log.ts';
import { JournalError } from './journal-error.ts';
import type { AttemptIntent, Deferral, LinkRecord, OutcomeRecord, PaymentRecord } from './journal.ts';
import { saveLink } from './link-work.ts';
import { attemptByKey, paymentByClientKey, paymentById } from './payment-reads.ts';
import { INSERT_PAYMENT, toParameters } from './payment-row.ts';
import {
  BEGIN_PROCESSING,
  DEFER_ATTEMPT,
  END_UNSENT,
  INSERT_ATTEMPT,
  MOVE_AUDIT_BASE,
  OPEN_AGAIN,
  PRUNE_AUDIT,
  PRUNE_PAYMENTS,
  SETTLE_ATTEMPT,
  SET_OUTCOME,
} from './statements.ts';
import { change } from './work.ts';
import type { Work } from './work.ts';

/** See `Journal.createPayment`. */
export function* createPayment(
  tell: TellChange,
  record: PaymentRecord,
  link?: LinkRecord,
): Work<{ readonly created: boolean; readonly payment: PaymentRecord }> {
  const insert = `${INSERT_PAYMENT} ON CONFLICT (api_key_name, client_key) DO NOTHING`;
  const { id, apiKeyName, clientKey, profileId, provider, operation, method, callId } = record;
  if ((yield* change(insert, toParameters(record))) === 1) {
    if (link !== undefined) yield* saveLink(link);
    const detail = { callId, profileId, provider, operation, method };
    const actor = `api:${apiKeyName}`;
    yield* tell({ paymentId: id, actor, action: 'payment-opened', at: record.createdAt, detail });
    return { created: true, payment: record };
  }
  const payment = yield* paymentByClientKey(apiKeyName, clientKey ?? '');
  if (payment === null) throw new JournalError('INVALID');
  return { created: false, payment };
}

/** See `Journal.moveState`. */
export function* moveState(
  tell: TellChange,
  id: string,
  from: readonly PaymentState[],
  to: PaymentState,
  actor: string,
  at: string,
): Work<boolean> {
  if (from.length === 0) return false;
  const names = from.map((_, index) => `from${index}`);
  const list = names.map((name) => `:${name}`).join(', ');
  const values = Object.fromEntries(names.map((name, index) => [name, from[index] ?? null]));
  const update = `UPDATE payment SET state = :to, updated_at = :at WHERE id = :id AND state IN (${list})`;
  if ((yield* change(update, { ...values, id, to, at })) !== 1) return false;
  yield* tell({ paymentId: id, actor, action: `payment-${to}`, at });
  return true;
}

/** See `Journal.beginAttempt`. */
export function* beginAttempt(
  tell: TellChange,
  intent: AttemptIntent,
  actor: string,
  at: string,
): Work<void> {
  const { paymentId, operation, amountMinor, currency, idempotencyKey, token } = intent;
  const order = { paymentId, operation, amountMinor, currency, at };
  if ((yield* change(BEGIN_PROCESSING, order)) !== 1) throw new JournalError('STATE_CONFLICT');
  yield* change(INSERT_ATTEMPT, { ...order, idempotencyKey, token });
  yield* tell({ paymentId, actor, action: 'attempt-begun', at, detail: { idempotencyKey } });
}

/** See `Journal.settleAttempt`: once more in the same way changes nothing, since an answer may have been lost. */
export function* settleAttempt(
  tell: TellChange,
  key: string,
  outcome: OutcomeRecord,
  actor: string,
  at: string,
  isOpenAgain = false,
): Work<void> {
  const attempt = yield* attemptByKey(key);
  if (attempt === null) throw new JournalError('ATTEMPT_NOT_FOUND');
  const { paymentId } = attempt;
  const { outcome: state, providerReference, declineCode } = outcome;
  const settled = { key, outcome: state, providerReference, declineCode, at };
  if ((yield* change(SETTLE_ATTEMPT, settled)) !== 1) {
    if (attempt.state !== state) throw new JournalError('ATTEMPT_SETTLED');
    return;
  }
  if (isOpenAgain) yield* change(OPEN_AGAIN, { id: paymentId, at });
  else {
    const where = `WHERE id = :id AND state IN ('processing', 'unknown')`;
    yield* change(`${SET_OUTCOME} ${where}`, { id: paymentId, ...outcome, at });
  }
  const action = isOpenAgain ? `attempt-${state}` : `payment-${state}`;
  yield* tell({ paymentId, actor, action, at, detail: { idempotencyKey: key } });
}

/** See `Journal.endUnsent`. */
export function* endUnsent(
  tell: TellChange,
  id: string,
  outcome: OutcomeRecord,
  actor: string,
  at: string,
): Work<void> {
  if ((yield* change(END_UNSENT, { id, ...outcome, at })) === 1) {
    yield* tell({ paymentId: id, actor, action: `payment-${outcome.outcome}`, at });
  } else if ((yield* paymentById(id))?.state !== outcome.outcome) throw new JournalError('STATE_CONFLICT');
}

export function* deferAttempt(
  key: string,
  { tries, nextTryAt, escalatedAt }: Deferral,
  at: string,
): Work<void> {
  yield* change(DEFER_ATTEMPT, { key, tries, nextTryAt, escalatedAt, at });
}

/** Forgets some of what is older than `before`; returns whether there may be more. */
export function* prune(before: string): Work<boolean> {
  let payments = 0;
  for (const statement of PRUNE_PAYMENTS) payments = yield* change(statement, { before });
  yield* change(MOVE_AUDIT_BASE, { before, chain: MAIN_CHAIN });
  const entries = yield* change(PRUNE_AUDIT, { chain: MAIN_CHAIN });
  return payments + entries > 0;
}
