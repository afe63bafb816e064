import { JournalError } from '../journal/journal-error.ts';
import { databaseName, openOperatorStore } from '../journal/open-journal.ts';
import type { OperatorStore } from '../journal/operator-store.ts';
import { BadInput } from './command.ts';

/** For the help texts of the commands that read the journal. */
export const DATABASE_HELP =
  '  --database PATH  the journal, a file or a postgres:// URL; by default TONEWALL_DATABASE, or ./data/tonewall.db';

/** Opens the journal beside the running server, or without one; closes it when `use` has ended. */
export async function withJournal<T>(
  option: string | undefined,
  use: (store: OperatorStore) => Promise<T>,
): Promise<T> {
  const database = option ?? process.env['TONEWALL_DATABASE'] ?? './data/tonewall.db';
  let store: OperatorStore | null = null;
  try {
    store = await openOperatorStore(database);
    return await use(store);
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    throw new BadInput(`${databaseName(database)}: ${error.message}`, { cause: error });
  } finally {
    await store?.close();
  }
}
