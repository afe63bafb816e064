import { createHash } from 'node:crypto';

/** The chain of a single node. Several nodes on one database would have a chain each. */
export const MAIN_CHAIN = 'main';

/** How many letters a hash is written in. */
export const HASH_LETTERS = 64;

/** What comes before the first row. */
export const GENESIS_HASH: Uint8Array = new Uint8Array(32);

/** What was done to what, and by whom: never a digit of a card. */
export interface AuditEntry {
  /** `api:NAME`, `agent`, `operator:NAME`, or a part of the program such as `reconciler`. */
  readonly actor: string;
  /** A word of ours, such as `payment-opened`. */
  readonly action: string;
  /** The id of what it was done to. */
  readonly subject: string;
  /** Words, ids, amounts in minor units; null for what is not known. */
  readonly detail: Readonly<Record<string, string | number | null>>;
}

/** One row as it is hashed. `detail` is text already, so that what is hashed is what is stored. */
export interface AuditRow {
  readonly chain: string;
  /** From 1, without gaps. */
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
}

/** Where the chain ends; what an operator keeps elsewhere, to notice a tail that was cut off or written anew. */
export interface AuditHead {
  readonly seq: number;
  /** The row's hash in 64 letters: digits in a log line could be taken for a card number. */
  readonly hash: string;
}

/** SHA-256 of the hash before and the row as canonical JSON: members sorted by name, UTF-8, no spaces. */
export function auditHash(previous: Uint8Array, row: AuditRow): Uint8Array {
  const { chain, seq, at, actor, action, subject, detail } = row;
  return createHash('sha256')
    .update(previous)
    .update(canonicalJson({ chain, seq, at, actor, action, subject, detail }))
    .digest();
}

/** JSON of a flat object with its members sorted by name. */
export function canonicalJson(object: Readonly<Record<string, string | number | null>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1))));
}
