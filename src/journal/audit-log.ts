import { inLetters } from '../core/random.ts';
import { auditHash, canonicalJson, GENESIS_HASH, MAIN_CHAIN } from './audit-chain.ts';
import type { AuditEntry, AuditHead } from './audit-chain.ts';
import { AuditCheck } from './audit-verification.ts';
import type { AuditVerdict, HashedAuditRow } from './audit-verification.ts';
import { change, row, rows } from './work.ts';
import type { Row, Work } from './work.ts';

/** How many entries are read at a time. */
const PAGE_ROWS = 1000;

const LAST = 'SELECT seq, hash FROM audit WHERE chain = :chain ORDER BY seq DESC LIMIT 1';

const INSERT = `INSERT INTO audit (chain, seq, at, actor, action, subject, detail, prev_hash, hash)
  VALUES (:chain, :seq, :at, :actor, :action, :subject, :detail, :previous, :hash)`;

const PAGE = `SELECT chain, seq, at, actor, action, subject, detail, prev_hash AS previous, hash
  FROM audit WHERE chain = :chain AND seq > :after ORDER BY seq LIMIT ${PAGE_ROWS}`;

/** Appends to the audit log, inside the transaction of what it tells; nobody else writes meanwhile. */
export function* appendAudit({ actor, action, subject, detail }: AuditEntry, at: string): Work<void> {
  const last = yield* row(LAST, { chain: MAIN_CHAIN });
  const { seq: lastSeq, hash: previous } = endOf(last);
  const entry = {
    chain: MAIN_CHAIN,
    seq: lastSeq + 1,
    at,
    actor,
    action,
    subject,
    detail: canonicalJson(detail),
  };
  yield* change(INSERT, { ...entry, previous, hash: auditHash(previous, entry) });
}

/** Null while the log is empty. */
export function* auditHead(): Work<AuditHead | null> {
  const last = yield* row(LAST, { chain: MAIN_CHAIN });
  if (last === null) return null;
  const { seq, hash } = endOf(last);
  return { seq, hash: inLetters(hash) };
}

/** See `verifyAudit`. */
export function* verifyAuditLog(anchors: readonly AuditHead[]): Work<AuditVerdict> {
  const base = yield* row('SELECT seq, hash FROM audit_base WHERE chain = :chain', { chain: MAIN_CHAIN });
  const check = new AuditCheck(endOf(base), anchors);
  for (let after = -1; ;) {
    const page = (yield* rows(PAGE, { chain: MAIN_CHAIN, after })) as unknown as readonly HashedAuditRow[];
    for (const entry of page) {
      const broken = check.take(entry);
      if (broken !== null) return broken;
      after = entry.seq;
    }
    if (page.length < PAGE_ROWS) return check.end();
  }
}

function endOf(last: Row | null): { readonly seq: number; readonly hash: Uint8Array } {
  return {
    seq: Number(last?.['seq'] ?? 0),
    hash: (last?.['hash'] as Uint8Array | undefined) ?? GENESIS_HASH,
  };
}
