import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inLetters } from '../../../src/core/random.ts';
import { auditHash, canonicalJson, GENESIS_HASH } from '../../../src/journal/audit-chain.ts';
import { AuditCheck } from '../../../src/journal/audit-verification.ts';
import type { AuditHead } from '../../../src/journal/audit-chain.ts';
import type { AuditBase, AuditVerdict, HashedAuditRow } from '../../../src/journal/audit-verification.ts';

/** Goal: whatever is done to an audit log afterwards is noticed, and the first entry that is wrong is named. */
const BASE = { seq: 0, hash: GENESIS_HASH };

function chainOf(length: number): HashedAuditRow[] {
  const rows: HashedAuditRow[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const previous = rows.at(-1)?.hash ?? GENESIS_HASH;
    const row = {
      chain: 'main',
      seq,
      at: '2026-11-02T12:00:00.000Z',
      actor: 'agent',
      action: 'payment-opened',
      subject: `pay_${seq}`,
      detail: '{}',
    };
    rows.push({ ...row, previous, hash: auditHash(previous, row) });
  }
  return rows;
}

/** The verdict on a chain whose rows are all at hand. */
function verifyAudit(
  rows: readonly HashedAuditRow[],
  base: AuditBase,
  anchors: readonly AuditHead[],
): AuditVerdict {
  const check = new AuditCheck(base, anchors);
  for (const row of rows) {
    const broken = check.take(row);
    if (broken !== null) return broken;
  }
  return check.end();
}

describe('auditHash', () => {
  it('is SHA-256 over the hash before and the row as JSON with sorted members', () => {
    const [row] = chainOf(1);
    const json =
      '{"action":"payment-opened","actor":"agent","at":"2026-11-02T12:00:00.000Z","chain":"main","detail":"{}","seq":1,"subject":"pay_1"}';
    const expected = createHash('sha256').update(Buffer.alloc(32)).update(json).digest();

    expect(Buffer.from(row?.hash ?? [])).toEqual(expected);
    expect(canonicalJson({ b: 1, a: null })).toBe('{"a":null,"b":1}');
  });
});

describe('AuditCheck', () => {
  it('finds an untouched chain intact, also an empty one and one whose beginning was forgotten', () => {
    const rows = chainOf(9);
    const last = rows[8]?.hash ?? GENESIS_HASH;
    const head = { seq: 9, hash: inLetters(last) };

    expect(verifyAudit(rows, BASE, [head])).toEqual({ isIntact: true, rows: 9, head });
    expect(verifyAudit([], BASE, [])).toEqual({ isIntact: true, rows: 0, head: null });
    const forgotten = { seq: 4, hash: rows[3]?.hash ?? GENESIS_HASH };
    expect(verifyAudit(rows.slice(4), forgotten, [head])).toEqual({ isIntact: true, rows: 5, head });
  });

  it('notices every change of every member of any row, and names that row', () => {
    const members = ['at', 'actor', 'action', 'subject', 'detail', 'chain'] as const;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), fc.constantFrom(...members), (index, member) => {
        const rows = chainOf(9).map((row, at) =>
          at === index ? { ...row, [member]: `${row[member]}x` } : row,
        );
        expect(verifyAudit(rows, BASE, [])).toMatchObject({ isIntact: false, seq: index + 1 });
      }),
    );
  });

  it('notices a row that is gone, doubled, or in another place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 }), (index) => {
        const gone = chainOf(9).toSpliced(index, 1);
        const doubled = chainOf(9).toSpliced(index, 0, ...chainOf(9).slice(index, index + 1));
        const swapped = chainOf(9);
        const [first, second] = [swapped[index]!, swapped[index + 1]!];
        swapped.splice(index, 2, second, first);

        expect(verifyAudit(gone, BASE, [])).toMatchObject({ isIntact: false, seq: index + 1 });
        expect(verifyAudit(doubled, BASE, [])).toMatchObject({ isIntact: false, seq: index + 2 });
        expect(verifyAudit(swapped, BASE, [])).toMatchObject({ isIntact: false, seq: index + 1 });
      }),
    );
  });

  it('notices with an anchor that the end was cut off, or that all of it was written anew', () => {
    const rows = chainOf(9);
    const anchor = { seq: 8, hash: inLetters(rows[7]?.hash ?? GENESIS_HASH) };
    const forged = chainOf(9).map((row) => ({ ...row }));

    expect(verifyAudit(rows.slice(0, 5), BASE, [])).toMatchObject({ isIntact: true });
    expect(verifyAudit(rows.slice(0, 5), BASE, [anchor])).toMatchObject({ isIntact: false, seq: 6 });
    const other = { ...anchor, hash: inLetters(forged[2]?.hash ?? GENESIS_HASH) };
    expect(verifyAudit(rows, BASE, [other])).toMatchObject({ isIntact: false, seq: 8 });
  });
});
