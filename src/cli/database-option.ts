import { JournalError } from '../journal/journal-error.ts';
import { OperatorStore } from '../journal/operator-store.ts';
import { BadInput } from './command.ts';

/** For the help texts of the commands that read the journal. */
export const DATABASE_HELP =
  '  --database PATH  the journal; by default TONEWALL_DATABASE, or ./data/tonewall.db';

/** Opens the journal beside the running server, or without one; closes it when `use` has ended. */
export function withJournal<T>(path: string | undefined, use: (store: OperatorStore) => T): T {
  const file = path ?? process.env['TONEWALL_DATABASE'] ?? './data/tonewall.db';
  let store: OperatorStore | null = null;
  try {
    store = new OperatorStore(file);
    return use(store);
  } catch (error) {
    if (error instanceof JournalError) throw new BadInput(`${file}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    store?.close();
  }
}
