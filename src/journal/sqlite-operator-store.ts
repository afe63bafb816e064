import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { JournalError } from './journal-error.ts';
import type { OperatorStore } from './operator-store.ts';
import { openErrorOf } from './sqlite-error.ts';
import { SqliteRunner } from './sqlite-runner.ts';
import { SCHEMA_VERSION } from './sqlite-schema.ts';

/** Like the server's: how long a statement waits for the other's lock. */
const BUSY_TIMEOUT_MS = 5000;

/** Throws `JournalError` with `CANNOT_OPEN`, `DAMAGED`, `OLDER_VERSION` or `NEWER_VERSION`. */
export function openSqliteOperatorStore(path: string): OperatorStore {
  if (!existsSync(path)) throw new JournalError('CANNOT_OPEN');
  let database: DatabaseSync | null = null;
  try {
    const opened = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    database = opened;
    database.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;');
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version > SCHEMA_VERSION) throw new JournalError('NEWER_VERSION');
    if (version < SCHEMA_VERSION) throw new JournalError('OLDER_VERSION');
    const runner = new SqliteRunner(database);
    return {
      read: async (work) => {
        opened.exec('BEGIN');
        const value = runner.read(work);
        opened.exec('COMMIT');
        return value;
      },
      write: async (work) => runner.write(work),
      close: async () => opened.close(),
    };
  } catch (error) {
    database?.close();
    throw openErrorOf(error);
  }
}
