import { Worker } from 'node:worker_threads';
import { assert } from '../core/assert.ts';
import type { Cancel, Clock } from '../core/clock.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { Histogram, Meter } from '../core/meter.ts';
import type { PaymentState } from '../core/payment-state.ts';
import { JournalError } from './journal-error.ts';
import type { StoreMethod, WorkerReply, WorkerRequest, WorkerSettings } from './journal-message.ts';
import type { AuditEntry, AuditHead } from './audit-chain.ts';
import type {
  AttemptIntent,
  Deferral,
  Journal,
  JournalHealth,
  OutcomeRecord,
  PaymentRecord,
  UnknownAttempt,
} from './journal.ts';
import type { DeliveryRecord, DeliveryUpdate, OutboxState } from './outbox.ts';
import type { SqliteStore } from './sqlite-store.ts';

export interface SqliteJournalDependencies {
  readonly clock: Clock;
  readonly meter: Meter;
  readonly logger: Logger;
  /** Changes of payments go to the outbox too; without somebody who empties it, it would grow. */
  readonly tellsOthers?: boolean;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: JournalError) => void;
  readonly stopTimeout: Cancel;
}

/** A disk that needs longer than this is treated as gone; a lock is waited for at most two seconds. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Between two tries to write again after a failure. */
const PROBE_PAUSE_MS = 1000;

/**
 * The journal in one SQLite file, written by a thread of its own. After a write that failed, or the end of the
 * thread, `health` is bad until a probe, one each second, has written again; a new thread is started if needed.
 */
export class SqliteJournal implements Journal {
  readonly #path: string;
  readonly #tellsOthers: boolean;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #commitSeconds: Histogram;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | null = null;
  #nextId = 0;
  #isWritable = true;
  #isClosed = false;

  private constructor(path: string, dependencies: SqliteJournalDependencies) {
    const { clock, meter, logger, tellsOthers } = dependencies;
    this.#path = path;
    this.#tellsOthers = tellsOthers ?? false;
    this.#clock = clock;
    this.#logger = logger;
    this.#commitSeconds = meter.histogram('journal_commit_seconds', {});
  }

  /**
   * Opens the file, creates it if needed, and settles what a former process left unfinished. Rejects with a
   * `JournalError`: `CANNOT_OPEN`, `IN_USE`, `DAMAGED` or `NEWER_VERSION`; the file stays as it was.
   */
  static async open(path: string, dependencies: SqliteJournalDependencies): Promise<SqliteJournal> {
    const journal = new SqliteJournal(path, dependencies);
    await journal.#start(journal.#now());
    return journal;
  }

  createPayment(record: PaymentRecord): ReturnType<Journal['createPayment']> {
    return this.#write('createPayment', record);
  }

  payment(id: string): Promise<PaymentRecord | null> {
    return this.#ask('payment', id);
  }

  paymentByClientKey(apiKeyName: string, clientKey: string): Promise<PaymentRecord | null> {
    return this.#ask('paymentByClientKey', apiKeyName, clientKey);
  }

  paymentsOfCall(callId: string): Promise<readonly PaymentRecord[]> {
    return this.#ask('paymentsOfCall', callId);
  }

  moveState(id: string, from: readonly PaymentState[], to: PaymentState, actor: string): Promise<boolean> {
    return this.#write('moveState', id, from, to, actor, this.#now());
  }

  beginAttempt(intent: AttemptIntent, actor: string): Promise<void> {
    return this.#write('beginAttempt', intent, actor, this.#now());
  }

  hasAttempt(idempotencyKey: string): Promise<boolean> {
    return this.#ask('hasAttempt', idempotencyKey);
  }

  settleAttempt(idempotencyKey: string, outcome: OutcomeRecord, actor: string): Promise<void> {
    return this.#write('settleAttempt', idempotencyKey, outcome, actor, this.#now());
  }

  endUnsent(id: string, outcome: OutcomeRecord, actor: string): Promise<void> {
    assert(
      outcome.outcome === 'failed' || outcome.outcome === 'declined',
      'a payment without an attempt was not charged',
    );
    return this.#write('endUnsent', id, outcome, actor, this.#now());
  }

  unknownAttempts(): Promise<readonly UnknownAttempt[]> {
    return this.#ask('unknownAttempts');
  }

  deferAttempt(idempotencyKey: string, deferral: Deferral): Promise<void> {
    return this.#write('deferAttempt', idempotencyKey, deferral, this.#now());
  }

  audit(entry: AuditEntry): Promise<void> {
    return this.#write('audit', entry, this.#now());
  }

  auditHead(): Promise<AuditHead | null> {
    return this.#ask('auditHead');
  }

  outbox(): Promise<OutboxState> {
    return this.#ask('outbox', this.#now());
  }

  updateDelivery(seq: number, update: DeliveryUpdate): Promise<void> {
    return this.#write('updateDelivery', seq, update, this.#now());
  }

  deliveriesOf(paymentId: string): Promise<readonly DeliveryRecord[]> {
    return this.#ask('deliveriesOf', paymentId);
  }

  prune(before: string): Promise<void> {
    return this.#write('prune', before);
  }

  redeliver(paymentId: string, actor: string): Promise<number> {
    return this.#write('redeliver', paymentId, actor, this.#now());
  }

  pruneOutbox(before: string): Promise<void> {
    return this.#write('pruneOutbox', before);
  }

  health(): JournalHealth {
    return { writable: this.#isWritable };
  }

  /** Finishes what was asked before, closes the file and ends the thread. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#end();
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    await this.#ask('close').catch(() => worker.terminate());
    await ended;
  }

  #now(): string {
    return new Date(this.#clock.wallMs()).toISOString();
  }

  /** Resolves when the thread has opened the file. */
  #start(recoverAt: string | null): Promise<void> {
    const settings: WorkerSettings = { path: this.#path, recoverAt, tellsOthers: this.#tellsOthers };
    const worker = new Worker(new URL('./sqlite-journal-worker.ts', import.meta.url), {
      name: 'journal',
      workerData: settings,
    });
    return new Promise((resolve, reject) => {
      worker.on('message', (reply: WorkerReply) => {
        switch (reply.kind) {
          case 'opened':
            this.#worker = worker;
            for (const [outcome, count] of Object.entries(reply.recovered)) {
              if (count > 0) this.#logger.warn('Payments of a former run were settled', { outcome, count });
            }
            resolve();
            break;
          case 'not-opened':
            reject(new JournalError(reply.code));
            break;
          case 'done':
            this.#take(reply.id)?.resolve(reply.value);
            break;
          case 'refused':
            this.#refuse(reply.id, new JournalError(reply.code));
            break;
        }
      });
      worker.on('error', (error) => this.#logger.error('The journal thread failed', describeError(error)));
      worker.on('exit', () => {
        reject(new JournalError('CANNOT_OPEN'));
        if (this.#worker === worker) this.#lose();
      });
    });
  }

  async #write<M extends StoreMethod>(method: M, ...args: Parameters<SqliteStore[M]>) {
    const startedMs = this.#clock.monotonicMs();
    const value = await this.#ask(method, ...args);
    this.#commitSeconds.observe((this.#clock.monotonicMs() - startedMs) / 1000);
    return value;
  }

  #ask<M extends StoreMethod>(method: M, ...args: Parameters<SqliteStore[M]>) {
    return new Promise<ReturnType<SqliteStore[M]>>((resolve, reject) => {
      const worker = this.#worker;
      if (worker === null || (this.#isClosed && method !== 'close')) {
        reject(new JournalError('UNAVAILABLE'));
        return;
      }
      const id = this.#nextId;
      this.#nextId += 1;
      const stopTimeout = this.#clock.after(ANSWER_TIMEOUT_MS, () => {
        this.#refuse(id, new JournalError('UNCLEAR'));
      });
      this.#pending.set(id, { resolve: resolve as Pending['resolve'], reject, stopTimeout });
      const request: WorkerRequest = { id, method, args };
      worker.postMessage(request);
    });
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    pending?.stopTimeout();
    this.#pending.delete(id);
    return pending;
  }

  #refuse(id: number, error: JournalError): void {
    if (error.code === 'UNAVAILABLE' || error.code === 'UNCLEAR') this.#distrust();
    this.#take(id)?.reject(error);
  }

  /** The thread is gone: what was asked may have been stored or not. */
  #lose(): void {
    this.#worker = null;
    for (const id of this.#pending.keys()) this.#refuse(id, new JournalError('UNCLEAR'));
    if (!this.#isClosed) this.#distrust();
  }

  #distrust(): void {
    if (!this.#isWritable || this.#isClosed) return;
    this.#isWritable = false;
    this.#logger.error('The journal cannot be written');
    this.#clock.after(PROBE_PAUSE_MS, () => void this.#probe());
  }

  async #probe(): Promise<void> {
    if (this.#isClosed) return;
    try {
      if (this.#worker === null) await this.#start(null);
      if (this.#isClosed) await this.#end();
      await this.#ask('probe');
      this.#isWritable = true;
      this.#logger.info('The journal can be written again');
    } catch {
      this.#clock.after(PROBE_PAUSE_MS, () => void this.#probe());
    }
  }
}
