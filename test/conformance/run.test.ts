import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Goal: the full run works and says what it finds. Method: the program as a person starts it, on its smallest part. */

const PROGRAM = join(import.meta.dirname, 'run.ts');

function conformance(...args: string[]): { code: number | null; out: string } {
  const { status, stdout } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
  return { code: status, out: stdout };
}

describe('npm run conformance', () => {
  it('prints requirement, figures and verdict of what was asked for, at both rates', () => {
    const { code, out } = conformance('--quick', '--only', 'a02', '--only', 'm06');
    expect(code).toBe(0);
    const rows = out.split('\n').filter((line) => /^\| (a02|m06)/.test(line));
    expect(rows[0]).toMatch(
      /^\| a02 40\/40 ms \| Q\.24.* \| every key once \| 32 \/ 32 \| 32 \/ 32 \| .*\| pass \|$/,
    );
    // Two rates in two settings.
    expect(rows.slice(1)).toHaveLength(4);
    for (const row of rows.slice(1)) expect(row).toContain('| 0 of 320 |');
    // Programs of their own, two of them at work: slow where many tests run at once.
  }, 180_000);

  it('lists its options', () => {
    expect(conformance('--help').out).toMatch(/--seeds.*--quick.*--only.*--plots/s);
  });
});
