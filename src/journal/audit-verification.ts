import { inLetters } from '../core/random.ts';
import { auditHash } from './audit-chain.ts';
import type { AuditHead, AuditRow } from './audit-chain.ts';

/** A row with the hashes that are stored beside it. */
export interface HashedAuditRow extends AuditRow {
  readonly previous: Uint8Array;
  readonly hash: Uint8Array;
}

/** Where the rows that are still there begin: what retention deleted ended with this. */
export interface AuditBase {
  readonly seq: number;
  readonly hash: Uint8Array;
}

export type AuditVerdict =
  | { readonly isIntact: true; readonly rows: number; readonly head: AuditHead | null }
  /** `seq`: the first row that is not as it should be, or is not there. */
  | { readonly isIntact: false; readonly seq: number; readonly reason: string };

/**
 * Checks a chain: numbers without a gap, each row's hash, each link to the row before, and every anchor, which is a
 * head that was written down somewhere else at the time. Without anchors nobody can tell that the tail was cut off,
 * or that everything was written anew. Anchors before the base are too old to be checked.
 */
export class AuditCheck {
  readonly #expected: Map<number, string>;
  #seq: number;
  #previous: Uint8Array;
  #count = 0;

  constructor({ seq, hash }: AuditBase, anchors: readonly AuditHead[]) {
    this.#expected = new Map(anchors.map((anchor) => [anchor.seq, anchor.hash]));
    this.#seq = seq;
    this.#previous = hash;
  }

  /** Takes the next row; the verdict if it is not as it should be. */
  take(row: HashedAuditRow): AuditVerdict | null {
    this.#seq += 1;
    const seq = this.#seq;
    if (row.seq !== seq) return broken(seq, 'it is missing');
    if (!isEqual(row.previous, this.#previous)) return broken(seq, 'it does not follow the entry before');
    if (!isEqual(row.hash, auditHash(this.#previous, row))) return broken(seq, 'it was changed');
    const anchored = this.#expected.get(seq);
    if (anchored !== undefined && anchored !== inLetters(row.hash)) return broken(seq, 'an anchor differs');
    this.#expected.delete(seq);
    this.#previous = row.hash;
    this.#count += 1;
    return null;
  }

  /** The verdict when there are no more rows. */
  end(): AuditVerdict {
    const seq = this.#seq;
    const lost = [...this.#expected.keys()].filter((anchor) => anchor > seq);
    if (lost.length > 0) return broken(seq + 1, 'it is missing: an anchor names a later entry');
    const head = seq === 0 ? null : { seq, hash: inLetters(this.#previous) };
    return { isIntact: true, rows: this.#count, head };
  }
}

function broken(seq: number, reason: string): AuditVerdict {
  return { isIntact: false, seq, reason };
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
