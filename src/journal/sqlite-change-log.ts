import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { assert } from '../core/assert.ts';
import { isEnded } from '../core/payment-state.ts';
import { SELECT_PAYMENT, toRecord } from './payment-row.ts';
import { SqliteAudit } from './sqlite-audit.ts';
import { SqliteOutbox } from './sqlite-outbox.ts';

/**
 * Tells the audit log that a payment has changed, and integrators, by the outbox, how it ended. To be called inside the
 * transaction of the change: either all of it is stored, or nothing.
 */
export class ChangeLog {
  readonly audit: SqliteAudit;
  readonly outbox: SqliteOutbox;
  readonly #tellsOthers: boolean;
  readonly #payment: StatementSync;

  constructor(database: DatabaseSync, tellsOthers: boolean) {
    this.audit = new SqliteAudit(database);
    this.outbox = new SqliteOutbox(database);
    this.#tellsOthers = tellsOthers;
    this.#payment = database.prepare(`${SELECT_PAYMENT} WHERE id = ?`);
  }

  append(paymentId: string, actor: string, action: string, at: string, more: Detail = {}): void {
    const row = this.#payment.get(paymentId);
    assert(row !== undefined, 'a payment that changed is stored');
    const payment = toRecord(row);
    const { state, amountMinor, currency, outcome } = payment;
    const detail = {
      state,
      amountMinor,
      currency,
      providerReference: outcome?.providerReference ?? null,
      declineCode: outcome?.declineCode ?? null,
      ...more,
    };
    this.audit.append({ actor, action, subject: paymentId, detail }, at);
    if (this.#tellsOthers && isEnded(state)) this.outbox.append(payment, at);
  }
}

type Detail = Readonly<Record<string, string | number | null>>;
