import type { JournalErrorCode } from './journal-error.ts';
import type { Recovered } from './sqlite-recovery.ts';
import type { SqliteStore } from './sqlite-store.ts';

/** What the worker is started with. */
export interface WorkerSettings {
  readonly path: string;
  /** See `SqliteStore`. */
  readonly recoverAt: string | null;
  readonly tellsOthers: boolean;
}

export type StoreMethod = {
  [M in keyof SqliteStore]: SqliteStore[M] extends (...args: never) => unknown ? M : never;
}[keyof SqliteStore];

/** Runs one method of the store; answered by a `WorkerReply` with the same id. */
export interface WorkerRequest {
  readonly id: number;
  readonly method: StoreMethod;
  readonly args: readonly unknown[];
}

export type WorkerReply =
  | { readonly kind: 'opened'; readonly recovered: Recovered }
  | { readonly kind: 'not-opened'; readonly code: JournalErrorCode }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly code: JournalErrorCode };
