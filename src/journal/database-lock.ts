import { DatabaseSync } from 'node:sqlite';
import { JournalError } from './journal-error.ts';
import { isBusy } from './sqlite-error.ts';

/** A thread or process that is just ending gets this long to let go. */
const WAIT_MS = 2000;

/**
 * Makes this connection the only owner of a journal until it is closed. Two servers on one file would each take the
 * other's payments for those of a dead process. The lock is SQLite's own exclusive lock on an empty database beside
 * the journal: the system releases it when the process dies, however it dies, and backups of the journal still work.
 *
 * Throws `JournalError` with `IN_USE` or `CANNOT_OPEN`.
 */
export function lockDatabase(path: string): DatabaseSync {
  let lock: DatabaseSync | null = null;
  try {
    // Left to SQLite alone: closing any other descriptor of the file would release this process's lock on it.
    lock = new DatabaseSync(`${path}.lock`, { timeout: WAIT_MS });
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    throw new JournalError(isBusy(error) ? 'IN_USE' : 'CANNOT_OPEN');
  }
}
