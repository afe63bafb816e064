import { describe, expect, it } from 'vitest';
import { README_TABLES, tableInReadme } from '../support/readme-tables.ts';

/** Cells without the padding that the formatter adds. */
function rowsOf(table: string): string[] {
  return table
    .trim()
    .split('\n')
    .map((row) =>
      row
        .split('|')
        .map((cell) => cell.trim().replace(/^-+$/, '---'))
        .join('|'),
    );
}

describe('the README', () => {
  it.each(Object.keys(README_TABLES))(
    'has the %s table as the code has it (npm run readme writes it)',
    (name) => {
      const expected = rowsOf(README_TABLES[name]?.() ?? '');
      expect(expected.length).toBeGreaterThan(5);
      expect(rowsOf(tableInReadme(name) ?? '')).toEqual(expected);
    },
  );
});
