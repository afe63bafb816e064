import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Goal: the committed weights are what the trainer makes. Method: train again, forty minutes, and compare. */

const ROOT = join(import.meta.dirname, '..', '..');

function numbersOf(path: string): number[] {
  const body = readFileSync(path, 'utf8').replaceAll(/^\s*\/\/.*$/gm, '');
  return Array.from(body.matchAll(/-?\d+(\.\d+)?(e-?\d+)?/g), ([text]) => Number(text));
}

describe('the trainer', () => {
  it('reproduces the committed weights', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tonewall-weights-'));
    const out = join(folder, 'weights.ts');
    const script = join(ROOT, 'src/training/train.ts');
    execFileSync(process.execPath, ['--max-old-space-size=8000', script, '--out', out]);
    expect(numbersOf(out)).toEqual(numbersOf(join(ROOT, 'src/dsp/weights.ts')));
    rmSync(folder, { recursive: true });
  }, 3_600_000);
});
