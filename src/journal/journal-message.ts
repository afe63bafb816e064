import type { JournalErrorCode } from './journal-error.ts';
import type { StoreMethod } from './journal-work.ts';
import type { Recovered } from './recovery.ts';

/** What the worker is started with. */
export interface WorkerSettings {
  readonly path: string;
  /** See `openSqliteStore`. */
  readonly recoverAt: string | null;
  readonly tellsOthers: boolean;
}

/** Runs one method of the store, or closes it; answered by a `WorkerReply` with the same id. */
export interface WorkerRequest {
  readonly id: number;
  readonly method: StoreMethod | 'close';
  readonly args: readonly unknown[];
}

export type WorkerReply =
  | { readonly kind: 'opened'; readonly recovered: Recovered }
  | { readonly kind: 'not-opened'; readonly code: JournalErrorCode }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly code: JournalErrorCode };
