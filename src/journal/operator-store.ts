import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { GENESIS_HASH, MAIN_CHAIN } from './audit-chain.ts';
import type { AuditHead } from './audit-chain.ts';
import { verifyAudit } from './audit-verification.ts';
import type { AuditVerdict, HashedAuditRow } from './audit-verification.ts';
import { JournalError } from './journal-error.ts';
import type { OutcomeRecord, PaymentRecord } from './journal.ts';
import { SELECT_PAYMENT, toRecord } from './payment-row.ts';
import { ChangeLog } from './sqlite-change-log.ts';
import { openErrorOf, requestErrorOf } from './sqlite-error.ts';
import { SCHEMA_VERSION } from './sqlite-schema.ts';
import { SETTLE_ATTEMPT, SET_OUTCOME } from './sqlite-statements.ts';

/** Like the server's: how long a statement waits for the other's lock. */
const BUSY_TIMEOUT_MS = 5000;

/** A payment as an operator's list shows it. */
export interface ListedPayment extends PaymentRecord {
  /** Since when a person is asked for; null if none is. */
  readonly escalatedAt: string | null;
  /** The key under which the provider knows it; null if nothing was sent. */
  readonly idempotencyKey: string | null;
}

/**
 * An operator's hand on the journal, beside the running server or without one: a second connection, which changes
 * one thing only, an outcome that is unknown. Throws `JournalError`.
 */
export class OperatorStore {
  readonly #database: DatabaseSync;
  readonly #changes: ChangeLog;

  constructor(path: string) {
    if (!existsSync(path)) throw new JournalError('CANNOT_OPEN');
    try {
      this.#database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
      this.#database.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;');
      const version = Number(this.#database.prepare('PRAGMA user_version').get()?.['user_version']);
      if (version > SCHEMA_VERSION) throw new JournalError('NEWER_VERSION');
      if (version < SCHEMA_VERSION) throw new JournalError('OLDER_VERSION');
      this.#changes = new ChangeLog(this.#database, true);
    } catch (error) {
      throw openErrorOf(error);
    }
  }

  /** Newest first; `onlyUnknown`: those whose outcome is unknown, oldest first. */
  payments(onlyUnknown: boolean, limit: number): readonly ListedPayment[] {
    const attempt = `SELECT idempotency_key FROM attempt WHERE payment_id = payment.id ORDER BY rowid DESC LIMIT 1`;
    const escalated = `SELECT escalated_at FROM attempt WHERE payment_id = payment.id AND state = 'unknown'`;
    const select = SELECT_PAYMENT.replace(
      'SELECT ',
      `SELECT (${escalated}) AS escalatedAt, (${attempt}) AS idempotencyKey, `,
    );
    const filter = onlyUnknown ? `WHERE state = 'unknown' ORDER BY rowid` : 'ORDER BY rowid DESC';
    return this.#database
      .prepare(`${select} ${filter} LIMIT ?`)
      .all(limit)
      .map((row) => toRecord(row) as ListedPayment);
  }

  payment(id: string): PaymentRecord | null {
    const row = this.#database.prepare(`${SELECT_PAYMENT} WHERE id = ?`).get(id);
    return row === undefined ? null : toRecord(row);
  }

  /**
   * Settles a payment whose outcome is unknown, on a person's word. Throws `ATTEMPT_NOT_FOUND` if there is no such
   * payment or its outcome is not unknown. A running server notices within seconds and tells who watches.
   */
  settle(id: string, outcome: OutcomeRecord, actor: string, evidence: string, at: string): void {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const attempt = this.#database
        .prepare(`SELECT idempotency_key AS key FROM attempt WHERE payment_id = ? AND state = 'unknown'`)
        .get(id);
      if (attempt === undefined) throw new JournalError('ATTEMPT_NOT_FOUND');
      const { outcome: state, providerReference, declineCode } = outcome;
      const key = String(attempt['key']);
      this.#database.prepare(SETTLE_ATTEMPT).run({ key, outcome: state, providerReference, declineCode, at });
      this.#database
        .prepare(`${SET_OUTCOME} WHERE id = :id AND state = 'unknown'`)
        .run({ id, ...outcome, at });
      this.#changes.append(id, actor, `payment-${state}-by-hand`, at, { idempotencyKey: key, evidence });
      this.#database.exec('COMMIT');
    } catch (error) {
      throw requestErrorOf(error);
    } finally {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    }
  }

  verifyAudit(anchors: readonly AuditHead[]): AuditVerdict {
    const base = this.#database.prepare('SELECT seq, hash FROM audit_base WHERE chain = ?').get(MAIN_CHAIN);
    const rows = this.#database
      .prepare(
        `SELECT chain, seq, at, actor, action, subject, detail, prev_hash AS previous, hash
         FROM audit WHERE chain = ? ORDER BY seq`,
      )
      .iterate(MAIN_CHAIN) as Iterable<unknown> as Iterable<HashedAuditRow>;
    const start = { seq: Number(base?.['seq'] ?? 0), hash: (base?.['hash'] as Uint8Array) ?? GENESIS_HASH };
    return verifyAudit(rows, start, anchors);
  }

  close(): void {
    this.#database.close();
  }
}
