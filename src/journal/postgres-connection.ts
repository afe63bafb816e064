import { hostname } from 'node:os';
import { Client, types } from 'pg';
import { assert } from '../core/assert.ts';
import { JournalError } from './journal-error.ts';
import { statementErrorOf } from './postgres-error.ts';
import { StatementCache } from './postgres-statement.ts';
import { NO_ANSWER } from './work.ts';
import type { Answer, Row, Statement, Work } from './work.ts';

const CONNECT_MS = 5000;
/** After this the server is treated as gone; it gives a statement up itself a little earlier, which is cleaner. */
const ANSWER_MS = 5000;
const STATEMENT_MS = 4000;
/** How long a lock of another session is waited for, such as that of an operator's command. */
const LOCK_MS = 2000;
/** A process that stops in the middle of a transaction does not hold up others for longer. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/**
 * A commit is on disk before it is answered, whatever the database's default; a stronger default stays. The server
 * notices within 25 s that a client's machine is gone, and lets go of its locks.
 */
const SETTINGS = `
  SET statement_timeout = ${STATEMENT_MS}; SET lock_timeout = ${LOCK_MS};
  SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS};
  SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
  SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')`;

/**
 * Whoever writes has this row's lock until the end of the transaction, so that the audit log grows in one line;
 * and sees who owns the journal.
 */
const BEGIN = 'BEGIN; SELECT epoch FROM journal FOR UPDATE';

const INT8 = 20;
/** 64-bit integers as numbers: amounts in minor units, counts and sequence numbers stay far below 2^53. */
const TYPES = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 && format !== 'binary'
      ? Number
      : (types.getTypeParser(oid, format) as (text: string) => unknown),
};

/**
 * One connection to PostgreSQL, used by one caller at a time. It is never mended: after an error that is not a
 * `JournalError` it is lost, and another one is opened.
 */
export class PostgresConnection {
  /** Resolves when the connection is no more, with what ended it; null: it was closed. */
  readonly lost: Promise<unknown>;
  readonly #lose: (cause: unknown) => void;
  readonly #client: Client;
  readonly #statements = new StatementCache();
  #isLost = false;

  private constructor(client: Client) {
    this.#client = client;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.lost = promise;
    this.#lose = (cause) => {
      this.#isLost = true;
      resolve(cause);
    };
    client.on('error', (error) => this.#lose(error));
    client.on('end', () => this.#lose(null));
  }

  /** Rejects with what the server, the system or TLS said. */
  static async open(url: string): Promise<PostgresConnection> {
    const client = new Client({
      connectionString: url,
      application_name: `tonewall ${hostname()} ${process.pid}`,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      types: TYPES,
    });
    const connection = new PostgresConnection(client);
    try {
      await client.connect();
      await client.query(SETTINGS);
      return connection;
    } catch (error) {
      connection.drop(error);
      throw error;
    }
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** The first row that one or more statements without parameters gave; null when none did. */
  async first(sql: string): Promise<Row | null> {
    const answer: unknown = await this.#client.query(sql);
    const results = (Array.isArray(answer) ? answer : [answer]) as readonly {
      readonly rows: readonly Row[];
    }[];
    return results.flatMap(({ rows }) => rows)[0] ?? null;
  }

  /** Rejects with `JournalError`. */
  async read<T>(work: Work<T>): Promise<T> {
    try {
      return await this.#run(work);
    } catch (error) {
      throw this.#failureOf(error);
    }
  }

  /**
   * Runs work in one transaction, which is durable when this resolves. Rejects with `UNAVAILABLE` as long as no
   * commit was asked for, with `UNCLEAR` when its answer was lost. `epoch`: what the journal's must be; null: any.
   */
  async write<T>(work: Work<T>, epoch: number | null): Promise<T> {
    const value = await this.#uncommitted(work, epoch);
    try {
      const { command } = await this.#client.query('COMMIT');
      assert(command === 'COMMIT', 'a transaction without an error is committed');
      return value;
    } catch (error) {
      this.drop(error);
      throw new JournalError('UNCLEAR');
    }
  }

  /** Ends the connection at once; whatever is under way rejects. */
  drop(cause: unknown): void {
    this.#lose(cause);
    this.#client.end().catch(() => undefined);
  }

  /** Ends the connection when the server has taken leave. */
  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }

  async #uncommitted<T>(work: Work<T>, epoch: number | null): Promise<T> {
    try {
      const journal = await this.first(BEGIN);
      if (epoch !== null && journal?.['epoch'] !== epoch) throw new SupersededError();
      return await this.#run(work);
    } catch (error) {
      const failure = this.#failureOf(error);
      if (!this.#isLost) await this.#client.query('ROLLBACK').catch((lost) => this.drop(lost));
      throw failure;
    }
  }

  async #run<T>(work: Work<T>): Promise<T> {
    let step = work.next(NO_ANSWER);
    while (step.done !== true) step = work.next(await this.#answer(step.value));
    return step.value;
  }

  async #answer(statement: Statement): Promise<Answer> {
    const query = this.#statements.queryOf(statement);
    const { rows, rowCount } = await this.#client.query<Row>({ ...query, values: [...query.values] });
    return { rows, changes: rowCount ?? 0 };
  }

  #failureOf(error: unknown): JournalError {
    const meaning = statementErrorOf(error);
    if (meaning instanceof JournalError) return meaning;
    this.drop(error);
    return new JournalError('UNAVAILABLE');
  }
}

/** Another server has taken the journal over. */
class SupersededError extends Error {
  override readonly name = 'SupersededError';
}
