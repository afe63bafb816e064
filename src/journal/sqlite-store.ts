import { closeSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import type { PaymentState } from '../core/payment-state.ts';
import { lockDatabase } from './database-lock.ts';
import { JournalError } from './journal-error.ts';
import type { AuditEntry, AuditHead } from './audit-chain.ts';
import type { AttemptIntent, Deferral, OutcomeRecord, PaymentRecord, UnknownAttempt } from './journal.ts';
import type { DeliveryRecord, DeliveryUpdate, OutboxState } from './outbox.ts';
import { INSERT_PAYMENT, SELECT_PAYMENT, toParameters, toRecord } from './payment-row.ts';
import { ChangeLog } from './sqlite-change-log.ts';
import { openErrorOf, requestErrorOf } from './sqlite-error.ts';
import { recover } from './sqlite-recovery.ts';
import type { Recovered } from './sqlite-recovery.ts';
import { migrate } from './sqlite-schema.ts';
import {
  BEGIN_PROCESSING,
  DEFER_ATTEMPT,
  END_UNSENT,
  INSERT_ATTEMPT,
  PRUNE,
  SETTLE_ATTEMPT,
  SET_OUTCOME,
  UNKNOWN_ATTEMPTS,
} from './sqlite-statements.ts';

/** How long a statement waits for a lock of another process, such as a backup. */
const BUSY_TIMEOUT_MS = 2000;
const PAYMENTS_OF_CALL_MAX = 200;

/**
 * The journal's SQL, synchronous: it runs in a worker thread. Every method that writes is one transaction and is
 * on disk when it returns. It throws `JournalError`; any other error means that the connection cannot be trusted.
 */
export class SqliteStore {
  /** What the start found unfinished. */
  readonly recovered: Recovered;
  readonly #lock: DatabaseSync;
  readonly #database: DatabaseSync;
  readonly #insertPayment: StatementSync;
  readonly #paymentById: StatementSync;
  readonly #paymentByClientKey: StatementSync;
  readonly #paymentsOfCall: StatementSync;
  readonly #moveState: StatementSync;
  readonly #beginProcessing: StatementSync;
  readonly #insertAttempt: StatementSync;
  readonly #attemptState: StatementSync;
  readonly #settleAttempt: StatementSync;
  readonly #settlePayment: StatementSync;
  readonly #endUnsent: StatementSync;
  readonly #unknownAttempts: StatementSync;
  readonly #deferAttempt: StatementSync;
  readonly #probe: StatementSync;
  readonly #changes: ChangeLog;

  /**
   * Opens the file, creates it and its folder if needed, and settles what a former process left (`recoverAt`: the
   * time to write on it, ISO 8601; null when the process that wrote it still lives). `tellsOthers`: changes go to
   * the outbox too.
   *
   * Nobody else can open it as a store until it is closed.
   *
   * Throws `JournalError` with `CANNOT_OPEN`, `IN_USE`, `DAMAGED` or `NEWER_VERSION`; the file stays as it was.
   */
  constructor(path: string, recoverAt: string | null, tellsOthers = false) {
    this.#lock = lockDatabase(makeFile(path));
    let database: DatabaseSync | null = null;
    try {
      database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
      this.#database = database;
      check(database);
      migrate(database);
      this.#changes = new ChangeLog(database, tellsOthers);
      this.recovered = recoverAt === null ? NOTHING_RECOVERED : recover(database, this.#changes, recoverAt);
      this.#insertPayment = database.prepare(
        `${INSERT_PAYMENT} ON CONFLICT (api_key_name, client_key) DO NOTHING`,
      );
      this.#paymentById = database.prepare(`${SELECT_PAYMENT} WHERE id = ?`);
      this.#paymentByClientKey = database.prepare(
        `${SELECT_PAYMENT} WHERE api_key_name = ? AND client_key = ?`,
      );
      this.#paymentsOfCall = database.prepare(
        `${SELECT_PAYMENT} WHERE call_id = ? ORDER BY rowid DESC LIMIT ${PAYMENTS_OF_CALL_MAX}`,
      );
      this.#moveState = database.prepare(`UPDATE payment SET state = :to, updated_at = :at
        WHERE id = :id AND state IN (SELECT value FROM json_each(:from))`);
      this.#beginProcessing = database.prepare(BEGIN_PROCESSING);
      this.#insertAttempt = database.prepare(INSERT_ATTEMPT);
      this.#attemptState = database.prepare(
        'SELECT state, payment_id AS paymentId FROM attempt WHERE idempotency_key = ?',
      );
      this.#settleAttempt = database.prepare(SETTLE_ATTEMPT);
      this.#settlePayment = database.prepare(
        `${SET_OUTCOME} WHERE id = :id AND state IN ('processing', 'unknown')`,
      );
      this.#endUnsent = database.prepare(END_UNSENT);
      this.#unknownAttempts = database.prepare(UNKNOWN_ATTEMPTS);
      this.#deferAttempt = database.prepare(DEFER_ATTEMPT);
      this.#probe = database.prepare('UPDATE probe SET count = count + 1');
    } catch (error) {
      database?.close();
      this.#lock.close();
      throw openErrorOf(error);
    }
  }

  createPayment(record: PaymentRecord): { readonly created: boolean; readonly payment: PaymentRecord } {
    const created = this.#transaction(() => {
      if (this.#insertPayment.run(toParameters(record)).changes !== 1) return false;
      const { id, apiKeyName, profileId, provider, operation, callId } = record;
      const detail = { callId, profileId, provider, operation };
      this.#changes.append(id, `api:${apiKeyName}`, 'payment-opened', record.createdAt, detail);
      return true;
    });
    if (created) return { created, payment: record };
    const first = this.paymentByClientKey(record.apiKeyName, record.clientKey ?? '');
    if (first === null) throw new JournalError('INVALID');
    return { created, payment: first };
  }

  payment(id: string): PaymentRecord | null {
    const row = this.#paymentById.get(id);
    return row === undefined ? null : toRecord(row);
  }

  paymentByClientKey(apiKeyName: string, clientKey: string): PaymentRecord | null {
    const row = this.#paymentByClientKey.get(apiKeyName, clientKey);
    return row === undefined ? null : toRecord(row);
  }

  paymentsOfCall(callId: string): readonly PaymentRecord[] {
    return this.#paymentsOfCall.all(callId).map(toRecord);
  }

  moveState(id: string, from: readonly PaymentState[], to: PaymentState, actor: string, at: string): boolean {
    return this.#transaction(() => {
      const { changes } = this.#moveState.run({ id, from: JSON.stringify(from), to, at });
      if (changes === 1) this.#changes.append(id, actor, `payment-${to}`, at);
      return changes === 1;
    });
  }

  beginAttempt(intent: AttemptIntent, actor: string, at: string): void {
    this.#transaction(() => {
      const { paymentId, operation, amountMinor, currency, idempotencyKey, token } = intent;
      const order = { paymentId, operation, amountMinor, currency, at };
      if (this.#beginProcessing.run(order).changes !== 1) throw new JournalError('STATE_CONFLICT');
      this.#insertAttempt.run({ ...order, idempotencyKey, token });
      this.#changes.append(paymentId, actor, 'attempt-begun', at, { idempotencyKey });
    });
  }

  hasAttempt(idempotencyKey: string): boolean {
    return this.#attemptState.get(idempotencyKey) !== undefined;
  }

  /** Settling once more in the same way changes nothing and is no error: an answer may have been lost. */
  settleAttempt(key: string, outcome: OutcomeRecord, actor: string, at: string): void {
    const attempt = this.#attemptState.get(key);
    if (attempt === undefined) throw new JournalError('ATTEMPT_NOT_FOUND');
    const { outcome: state, providerReference, declineCode } = outcome;
    this.#transaction(() => {
      const { changes } = this.#settleAttempt.run({
        key,
        outcome: state,
        providerReference,
        declineCode,
        at,
      });
      if (changes === 1) {
        const id = String(attempt['paymentId']);
        this.#settlePayment.run({ id, ...outcome, at });
        this.#changes.append(id, actor, `payment-${state}`, at, { idempotencyKey: key });
      } else if (this.#attemptState.get(key)?.['state'] !== state) throw new JournalError('ATTEMPT_SETTLED');
    });
  }

  /** Ending once more in the same way changes nothing and is no error. */
  endUnsent(id: string, outcome: OutcomeRecord, actor: string, at: string): void {
    this.#transaction(() => {
      const { changes } = this.#endUnsent.run({ id, ...outcome, at });
      if (changes === 1) this.#changes.append(id, actor, `payment-${outcome.outcome}`, at);
      else if (this.payment(id)?.state !== outcome.outcome) throw new JournalError('STATE_CONFLICT');
    });
  }

  unknownAttempts(): readonly UnknownAttempt[] {
    return this.#unknownAttempts.all() as unknown as readonly UnknownAttempt[];
  }

  deferAttempt(key: string, { tries, nextTryAt, escalatedAt }: Deferral, at: string): void {
    this.#write(() => this.#deferAttempt.run({ key, tries, nextTryAt, escalatedAt, at }));
  }

  audit(entry: AuditEntry, at: string): void {
    this.#transaction(() => this.#changes.audit.append(entry, at));
  }

  auditHead(): AuditHead | null {
    return this.#changes.audit.head();
  }

  outbox(at: string): OutboxState {
    return this.#changes.outbox.stateAt(at);
  }

  updateDelivery(seq: number, update: DeliveryUpdate, at: string): void {
    this.#write(() => this.#changes.outbox.update(seq, update, at));
  }

  deliveriesOf(paymentId: string): readonly DeliveryRecord[] {
    return this.#changes.outbox.ofPayment(paymentId);
  }

  redeliver(paymentId: string, actor: string, at: string): number {
    return this.#transaction(() => {
      const count = this.#changes.outbox.requeue(paymentId);
      const entry = { actor, action: 'webhooks-requeued', subject: paymentId, detail: { count } };
      if (count > 0) this.#changes.audit.append(entry, at);
      return count;
    });
  }

  pruneOutbox(before: string): void {
    this.#write(() => this.#changes.outbox.prune(before));
  }

  prune(before: string): void {
    this.#transaction(() => {
      for (const statement of PRUNE) this.#database.prepare(statement).run({ before });
    });
  }

  /** Writes, so that a full or read-only disk is noticed, and its end too. */
  probe(): void {
    this.#write(() => this.#probe.run());
  }

  close(): void {
    this.#database.close();
    this.#lock.close();
  }

  #write<T>(statement: () => T): T {
    try {
      return statement();
    } catch (error) {
      throw requestErrorOf(error);
    }
  }

  #transaction<T>(work: () => T): T {
    return this.#write(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const value = work();
        this.#database.exec('COMMIT');
        return value;
      } finally {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      }
    });
  }
}

const NOTHING_RECOVERED: Recovered = { canceled: 0, failed: 0, unknown: 0 };

/** Makes the file and its folder if needed; returns its one true path, whatever links lead to it. */
function makeFile(path: string): string {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // SQLite gives its side files the rights of the database: for this user alone.
    closeSync(openSync(path, 'a', 0o600));
    return realpathSync(path);
  } catch {
    throw new JournalError('CANNOT_OPEN');
  }
}

/** A commit survives a power cut (WAL with FULL), and deleted rows are overwritten. */
function check(database: DatabaseSync): void {
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;`);
  const verdict = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (verdict !== 'ok') throw new JournalError('DAMAGED');
}
