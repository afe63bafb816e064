import { describe, expect, it } from 'vitest';
import { configTable } from '../../../src/config/config-table.ts';
import { SETTING_NAMES } from '../../../src/config/settings.ts';

describe('configTable', () => {
  it('has one row per variable, with its default, what is allowed, and its meaning', () => {
    const rows = configTable().split('\n');
    expect(rows).toHaveLength(SETTING_NAMES.length + 2);
    expect(rows[0]).toBe('| variable | default | allowed | meaning |');
    expect(rows).toContain(
      '| `TONEWALL_PORT` | `8080` | a whole number from 0 to 65535 | Port to listen on; 0 picks a free one. The line logged at start has the `url`. |',
    );
    expect(rows).toContain(
      "| `TONEWALL_LOOKAHEAD_MS` | `10` | a number from 3 to 10 ms | Hold-back of the caller's audio. Less delays less and leaks more. |",
    );
  });

  it('has four columns in every row', () => {
    for (const row of configTable().split('\n')) expect(row.split('|')).toHaveLength(6);
  });
});
