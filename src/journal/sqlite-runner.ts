import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { requestErrorOf } from './sqlite-error.ts';
import { NO_ANSWER } from './work.ts';
import type { Answer, Row, Statement, Work } from './work.ts';

/** Runs work on a SQLite database, at once. Throws `JournalError`; any other error ends the trust in the connection. */
export class SqliteRunner {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  read<T>(work: Work<T>): T {
    try {
      return this.#run(work);
    } catch (error) {
      throw requestErrorOf(error);
    }
  }

  /** In one transaction, which is on disk when this returns. */
  write<T>(work: Work<T>): T {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const value = this.#run(work);
      this.#database.exec('COMMIT');
      return value;
    } catch (error) {
      throw requestErrorOf(error);
    } finally {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    }
  }

  #run<T>(work: Work<T>): T {
    let step = work.next(NO_ANSWER);
    while (step.done !== true) step = work.next(this.#answer(step.value));
    return step.value;
  }

  #answer({ kind, sql, values }: Statement): Answer {
    const statement = this.#prepared(sql);
    if (kind === 'rows') return { rows: statement.all(values) as readonly Row[], changes: 0 };
    return { rows: [], changes: Number(statement.run(values).changes) };
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
