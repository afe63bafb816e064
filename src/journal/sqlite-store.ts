import { closeSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { changeLog } from './change-log.ts';
import { lockDatabase } from './database-lock.ts';
import { JournalError } from './journal-error.ts';
import { JOURNAL_READS, journalWrites } from './journal-work.ts';
import type { StoreArguments, StoreMethod, StoreResult } from './journal-work.ts';
import { NOTHING_RECOVERED, recover } from './recovery.ts';
import type { Recovered } from './recovery.ts';
import { openErrorOf } from './sqlite-error.ts';
import { SqliteRunner } from './sqlite-runner.ts';
import { migrate } from './sqlite-schema.ts';
import type { Work } from './work.ts';

/** How long a statement waits for a lock of another process, such as a backup. */
const BUSY_TIMEOUT_MS = 2000;

/**
 * The journal in a SQLite file, synchronous: it runs in a worker thread. Every method that writes is one transaction
 * and is on disk when it returns. It throws `JournalError`; any other error means that the connection cannot be
 * trusted.
 */
export type SqliteStore = {
  readonly [M in StoreMethod]: (...args: StoreArguments<M>) => StoreResult<M>;
} & {
  /** What the start found unfinished. */
  readonly recovered: Recovered;
  readonly close: () => void;
};

/**
 * Opens the file, creates it and its folder if needed, and settles what a former process left (`recoverAt`: the
 * time to write on it, ISO 8601; null when the process that wrote it still lives). `tellsOthers`: changes go to
 * the outbox too.
 *
 * Nobody else can open it as a store until it is closed.
 *
 * Throws `JournalError` with `CANNOT_OPEN`, `IN_USE`, `DAMAGED` or `NEWER_VERSION`; the file stays as it was.
 */
export function openSqliteStore(path: string, recoverAt: string | null, tellsOthers = false): SqliteStore {
  const lock = lockDatabase(makeFile(path));
  let database: DatabaseSync | null = null;
  const close = (): void => {
    database?.close();
    lock.close();
  };
  try {
    database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    check(database);
    migrate(database);
    const runner = new SqliteRunner(database);
    const tell = changeLog(tellsOthers);
    const recovered = recoverAt === null ? NOTHING_RECOVERED : runner.write(recover(tell, recoverAt));
    const methods = {
      ...runBy(JOURNAL_READS, (work) => runner.read(work)),
      ...runBy(journalWrites(tell), (work) => runner.write(work)),
    };
    return { ...methods, recovered, close } as SqliteStore;
  } catch (error) {
    close();
    throw openErrorOf(error);
  }
}

type Works = Readonly<Record<string, (...args: never) => Work<unknown>>>;

/** Each work as a method that runs it to its end. */
function runBy(works: Works, run: (work: Work<unknown>) => unknown): Record<string, unknown> {
  const methods = Object.entries(works).map(([name, work]) => [name, (...args: never) => run(work(...args))]);
  return Object.fromEntries(methods) as Record<string, unknown>;
}

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
