import type { Work } from './work.ts';

/**
 * An operator's hand on the journal, beside the running server or without one: a second connection, for the work of
 * `operator-work.ts`. Rejects with a `JournalError`.
 */
export interface OperatorStore {
  /** Sees one moment of the journal. */
  read<T>(work: Work<T>): Promise<T>;
  /** In one transaction. */
  write<T>(work: Work<T>): Promise<T>;
  close(): Promise<void>;
}
