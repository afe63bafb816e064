import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { inLetters } from '../core/random.ts';
import { auditHash, canonicalJson, GENESIS_HASH, MAIN_CHAIN } from './audit-chain.ts';
import type { AuditEntry, AuditHead } from './audit-chain.ts';

/** Appends to the audit log, inside the transaction of what it tells. */
export class SqliteAudit {
  readonly #head: StatementSync;
  readonly #insert: StatementSync;

  constructor(database: DatabaseSync) {
    this.#head = database.prepare('SELECT seq, hash FROM audit WHERE chain = ? ORDER BY seq DESC LIMIT 1');
    this.#insert =
      database.prepare(`INSERT INTO audit (chain, seq, at, actor, action, subject, detail, prev_hash, hash)
      VALUES (:chain, :seq, :at, :actor, :action, :subject, :detail, :previous, :hash)`);
  }

  /** To be called inside a transaction that has the write lock. */
  append({ actor, action, subject, detail }: AuditEntry, at: string): void {
    const last = this.#head.get(MAIN_CHAIN);
    const previous = (last?.['hash'] as Uint8Array | undefined) ?? GENESIS_HASH;
    const seq = Number(last?.['seq'] ?? 0) + 1;
    const row = { chain: MAIN_CHAIN, seq, at, actor, action, subject, detail: canonicalJson(detail) };
    this.#insert.run({ ...row, previous, hash: auditHash(previous, row) });
  }

  /** Null while the log is empty. */
  head(): AuditHead | null {
    const last = this.#head.get(MAIN_CHAIN);
    if (last === undefined) return null;
    return { seq: Number(last['seq']), hash: inLetters(last['hash'] as Uint8Array) };
  }
}
