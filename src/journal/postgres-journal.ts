import { backOffMs, pause } from '../core/back-off.ts';
import type { Cancel } from '../core/clock.ts';
import { describeError } from '../core/log.ts';
import type { Random } from '../core/random.ts';
import { changeLog } from './change-log.ts';
import type { TellChange } from './change-log.ts';
import { JournalError } from './journal-error.ts';
import { JOURNAL_READS, journalWrites } from './journal-work.ts';
import type {
  JournalReads,
  JournalWrites,
  StoreArguments,
  StoreMethod,
  StoreResult,
} from './journal-work.ts';
import { connectErrorOf, errorCodeOf, placeOf } from './postgres-error.ts';
import { takeOwnership } from './postgres-owner.ts';
import type { Owner } from './postgres-owner.ts';
import { StoreJournal } from './store-journal.ts';
import type { JournalDependencies } from './store-journal.ts';
import type { Work } from './work.ts';

export interface PostgresJournalDependencies extends JournalDependencies {
  readonly random: Random;
}

/** A request waits no longer for those before it, and takes no longer itself: ten seconds in all. */
const WAIT_MS = 5000;
const RUN_MS = 5000;

/** How long a server may take to say goodbye. */
const CLOSE_MS = 2000;

/** Pauses before a lost connection is opened again. */
const BACK_OFF = { firstMs: 250, maxMs: 5000 };

/**
 * The journal in a PostgreSQL database, over one connection that owns it (see `takeOwnership`). Requests run one
 * after another, so that what is read back was asked for after a lost commit, and is answered after it. While the
 * connection is lost everything is refused at once.
 */
export class PostgresJournal extends StoreJournal {
  readonly #url: string;
  readonly #random: Random;
  readonly #tell: TellChange;
  readonly #works: JournalReads & JournalWrites;
  /** The last owner, lost or not. */
  #owner: Owner | null = null;
  /** Ends when everything that was asked has been answered. */
  #turn: Promise<void> = Promise.resolve();

  private constructor(url: string, dependencies: PostgresJournalDependencies) {
    super(dependencies);
    this.#url = url;
    this.#random = dependencies.random;
    this.#tell = changeLog(dependencies.tellsOthers ?? false);
    this.#works = { ...JOURNAL_READS, ...journalWrites(this.#tell) };
  }

  /**
   * Connects, makes or updates the tables, and settles what a former process left unfinished. Rejects with a
   * `JournalError`: `CANNOT_CONNECT`, `IN_USE` or `NEWER_VERSION`; the message names no password.
   */
  static async open(url: string, dependencies: PostgresJournalDependencies): Promise<PostgresJournal> {
    const journal = new PostgresJournal(url, dependencies);
    try {
      await journal.reopen();
      return journal;
    } catch (error) {
      throw connectErrorOf(error, placeOf(url));
    }
  }

  protected ask<M extends StoreMethod>(method: M, args: StoreArguments<M>): Promise<StoreResult<M>> {
    return new Promise((resolve, reject) => {
      let isGivenUp = false;
      const refuse = (error: unknown): void => {
        this.doubt(error);
        reject(error as JournalError);
      };
      const stopWaiting = this.clock.after(WAIT_MS, () => {
        isGivenUp = true;
        refuse(new JournalError('UNAVAILABLE'));
      });
      this.#turn = this.#turn.then(async () => {
        stopWaiting();
        if (!isGivenUp) await this.#run(method, args).then(resolve, refuse);
      });
    });
  }

  protected async reopen(): Promise<void> {
    if (this.#owner !== null && !this.#owner.connection.isLost) return;
    const owner = await takeOwnership(this.#url, this.#owner, this.#tell, this.now());
    this.#owner = owner;
    this.sayRecovered(owner.recovered);
    void owner.connection.lost.then((cause) => {
      if (this.isClosed) return;
      const code = errorCodeOf(cause);
      const fields = code === null ? {} : { code };
      this.logger.error('The connection to the journal database is lost', {
        ...describeError(cause),
        ...fields,
      });
      this.distrust();
    });
  }

  protected async end(): Promise<void> {
    await this.#turn;
    const connection = this.#owner?.connection;
    await Promise.race([connection?.close(), pause(this.clock, CLOSE_MS)]);
    connection?.drop(null);
  }

  protected probePauseMs(tries: number): number {
    return backOffMs(BACK_OFF, tries, this.#random);
  }

  async #run<M extends StoreMethod>(method: M, args: StoreArguments<M>): Promise<StoreResult<M>> {
    const owner = this.#owner;
    if (owner === null || owner.connection.isLost) throw new JournalError('UNAVAILABLE');
    const stopRunning: Cancel = this.clock.after(RUN_MS, () => owner.connection.drop(new SlowError()));
    try {
      const work = this.#workOf(method, args) as Work<StoreResult<M>>;
      const isRead = method in JOURNAL_READS;
      return await (isRead ? owner.connection.read(work) : owner.connection.write(work, owner.epoch));
    } finally {
      stopRunning();
    }
  }

  #workOf<M extends StoreMethod>(method: M, args: StoreArguments<M>): Work<unknown> {
    return Reflect.apply(this.#works[method] as (...args: unknown[]) => Work<unknown>, null, args);
  }
}

/** The server did not answer in time. */
class SlowError extends Error {
  override readonly name = 'SlowError';
}
