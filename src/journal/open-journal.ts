import { isPostgresUrl } from '../core/database-url.ts';
import type { Random } from '../core/random.ts';
import type { Journal } from './journal.ts';
import type { OperatorStore } from './operator-store.ts';
import type { JournalDependencies } from './store-journal.ts';

// Each database's code is loaded only where it is used: a journal in a file needs no PostgreSQL client.

/** What `database` may be called in messages: a URL holds a password. */
export function databaseName(database: string): string {
  return isPostgresUrl(database) ? 'the PostgreSQL database' : database;
}

/**
 * Opens the journal in `database`, makes or updates its tables, and settles what a former process left unfinished.
 * Rejects with a `JournalError` if that cannot be done, or while another server has it.
 */
export async function openJournal(
  database: string,
  dependencies: JournalDependencies & { readonly random: Random },
): Promise<Journal> {
  if (isPostgresUrl(database)) {
    const { PostgresJournal } = await import('./postgres-journal.ts');
    return PostgresJournal.open(database, dependencies);
  }
  const { SqliteJournal } = await import('./sqlite-journal.ts');
  return SqliteJournal.open(database, dependencies);
}

/** Opens the journal for an operator's commands. Rejects with a `JournalError`. */
export async function openOperatorStore(database: string): Promise<OperatorStore> {
  if (isPostgresUrl(database)) {
    const { openPostgresOperatorStore } = await import('./postgres-operator-store.ts');
    return openPostgresOperatorStore(database);
  }
  const { openSqliteOperatorStore } = await import('./sqlite-operator-store.ts');
  return openSqliteOperatorStore(database);
}
