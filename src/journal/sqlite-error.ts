import { JournalError } from './journal-error.ts';

// Primary result codes of SQLite ("Result and Error Codes"); extended codes hold them in their low byte.
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CONSTRAINT = 19;
const NOTADB = 26;
/** Extended code of a violated UNIQUE; of all statements only `beginAttempt` can meet one, in `one_open`. */
const CONSTRAINT_UNIQUE = 2067;

/**
 * What a failed request means. Errors after which SQLite has rolled back and the connection is sound become
 * `JournalError`; any other of SQLite's, above all an I/O error, comes back as it is: whether its commit is on disk
 * can only be known by opening the file anew. An error that is not SQLite's comes from values of the wrong form.
 */
export function requestErrorOf(error: unknown): unknown {
  if (error instanceof JournalError) return error;
  const code = sqliteCodeOf(error);
  if (code === CONSTRAINT_UNIQUE) return new JournalError('ATTEMPT_OPEN');
  switch (code === null ? CONSTRAINT : primary(code)) {
    case CONSTRAINT:
      return new JournalError('INVALID');
    case BUSY:
    case LOCKED:
    case READONLY:
    case FULL:
      return new JournalError('UNAVAILABLE');
    default:
      return error;
  }
}

/** Why the database could not be opened. */
export function openErrorOf(error: unknown): JournalError {
  if (error instanceof JournalError) return error;
  const code = primary(sqliteCodeOf(error) ?? 0);
  return new JournalError(code === CORRUPT || code === NOTADB ? 'DAMAGED' : 'CANNOT_OPEN');
}

/** Whether another connection holds a lock. */
export function isBusy(error: unknown): boolean {
  return primary(sqliteCodeOf(error) ?? 0) === BUSY;
}

function sqliteCodeOf(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) : null;
}

function primary(code: number): number {
  return code & 0xff;
}
