import { assert } from '../core/assert.ts';
import { isEnded } from '../core/payment-state.ts';
import { appendAudit } from './audit-log.ts';
import { appendMessage } from './outbox-work.ts';
import { paymentById } from './payment-reads.ts';
import type { Work } from './work.ts';

/** A payment that has changed, and who did what. */
export interface Change {
  readonly paymentId: string;
  readonly actor: string;
  /** See `AuditEntry`. */
  readonly action: string;
  /** ISO 8601. */
  readonly at: string;
  /** Beside what is always told of a payment. */
  readonly detail?: Readonly<Record<string, string | number | null>>;
}

/** Tells of a change, inside its transaction: either all of it is stored, or nothing. */
export type TellChange = (change: Change) => Work<void>;

/** Tells the audit log that a payment has changed, and with `tellsOthers` integrators, by the outbox, how it ended. */
export function changeLog(tellsOthers: boolean): TellChange {
  return function* tell({ paymentId, actor, action, at, detail = {} }) {
    const payment = yield* paymentById(paymentId);
    assert(payment !== null, 'a payment that changed is stored');
    const { state, amountMinor, currency, outcome } = payment;
    const told = {
      state,
      amountMinor,
      currency,
      providerReference: outcome?.providerReference ?? null,
      declineCode: outcome?.declineCode ?? null,
      ...detail,
    };
    yield* appendAudit({ actor, action, subject: paymentId, detail: told }, at);
    if (tellsOthers && isEnded(state)) yield* appendMessage(payment, at);
  };
}
