import { Worker } from 'node:worker_threads';
import type { Cancel } from '../core/clock.ts';
import { describeError } from '../core/log.ts';
import { JournalError } from './journal-error.ts';
import type { WorkerReply, WorkerRequest, WorkerSettings } from './journal-message.ts';
import type { StoreArguments, StoreMethod, StoreResult } from './journal-work.ts';
import { StoreJournal } from './store-journal.ts';
import type { JournalDependencies } from './store-journal.ts';

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
 * The journal in one SQLite file, written by a thread of its own, because SQLite's calls may wait for a disk or a
 * lock. After the end of the thread a probe starts a new one.
 */
export class SqliteJournal extends StoreJournal {
  readonly #path: string;
  readonly #tellsOthers: boolean;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | null = null;
  #nextId = 0;

  private constructor(path: string, dependencies: JournalDependencies) {
    super(dependencies);
    this.#path = path;
    this.#tellsOthers = dependencies.tellsOthers ?? false;
  }

  /**
   * Opens the file, creates it if needed, and settles what a former process left unfinished. Rejects with a
   * `JournalError`: `CANNOT_OPEN`, `IN_USE`, `DAMAGED` or `NEWER_VERSION`; the file stays as it was.
   */
  static async open(path: string, dependencies: JournalDependencies): Promise<SqliteJournal> {
    const journal = new SqliteJournal(path, dependencies);
    await journal.#start(journal.now());
    return journal;
  }

  protected ask<M extends StoreMethod>(method: M, args: StoreArguments<M>): Promise<StoreResult<M>> {
    return this.#request(method, args) as Promise<StoreResult<M>>;
  }

  protected async reopen(): Promise<void> {
    if (this.#worker === null) await this.#start(null);
  }

  protected async end(): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    await this.#request('close', []).catch(() => worker.terminate());
    await ended;
  }

  protected probePauseMs(): number {
    return PROBE_PAUSE_MS;
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
            this.sayRecovered(reply.recovered);
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
      worker.on('error', (error) => this.logger.error('The journal thread failed', describeError(error)));
      worker.on('exit', () => {
        reject(new JournalError('CANNOT_OPEN'));
        if (this.#worker === worker) this.#lose();
      });
    });
  }

  #request(method: WorkerRequest['method'], args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const worker = this.#worker;
      if (worker === null) {
        reject(new JournalError('UNAVAILABLE'));
        return;
      }
      const id = this.#nextId;
      this.#nextId += 1;
      const stopTimeout = this.clock.after(ANSWER_TIMEOUT_MS, () => {
        this.#refuse(id, new JournalError('UNCLEAR'));
      });
      this.#pending.set(id, { resolve, reject, stopTimeout });
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
    this.doubt(error);
    this.#take(id)?.reject(error);
  }

  /** The thread is gone: what was asked may have been stored or not. */
  #lose(): void {
    this.#worker = null;
    for (const id of this.#pending.keys()) this.#refuse(id, new JournalError('UNCLEAR'));
    this.distrust();
  }
}
