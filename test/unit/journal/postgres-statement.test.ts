import { describe, expect, it } from 'vitest';
import { JournalError } from '../../../src/journal/journal-error.ts';
import { StatementCache } from '../../../src/journal/postgres-statement.ts';

const statement = (sql: string, values: Record<string, string | number | null>) =>
  ({ kind: 'rows', sql, values }) as const;

describe('StatementCache', () => {
  it('numbers names in their order, the same name once, and leaves casts and texts alone', () => {
    const sql = `SELECT :b::text, 'x' WHERE a = :aB AND c = :b`;

    expect(new StatementCache().queryOf(statement(sql, { aB: 1, b: null }))).toEqual({
      name: 'tonewall_0',
      text: `SELECT $1::text, 'x' WHERE a = $2 AND c = $1`,
      values: [null, 1],
    });
  });

  it('gives each statement one name, whatever its values', () => {
    const cache = new StatementCache();
    const names = [':a', ':a + 1', ':a'].map((sql, a) => cache.queryOf(statement(sql, { a })).name);

    expect(names).toEqual(['tonewall_0', 'tonewall_1', 'tonewall_0']);
  });

  it.each([
    { name: 'one too many', values: { a: 1, b: 2 } },
    { name: 'one too few', values: {} },
    { name: 'another one', values: { b: 1 } },
  ])('refuses $name', ({ values }) => {
    expect(() => new StatementCache().queryOf(statement(':a', values))).toThrow(new JournalError('INVALID'));
  });
});
