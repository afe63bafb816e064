import { execFileSync, spawnSync } from 'node:child_process';
import { bytesOf } from './spandsp.ts';

/** Why multimon-ng cannot be asked here, or undefined if it can; with `CI=true` it must be there. */
export function multimonMissing(): string | undefined {
  if (process.env['CI'] === 'true') return undefined;
  const found = ['multimon-ng', 'sox'].every((program) => spawnSync(program, ['-h']).error === undefined);
  return found ? undefined : 'multimon-ng or sox is missing (Debian: multimon-ng sox)';
}

/** The digits that multimon-ng finds in the samples, as one string. */
export function decodeWithMultimon(samples: ArrayLike<number>, rateHz: number): string {
  const raw = ['-t', 'raw', '-c', '1', '-b', '16', '-e', 'signed'];
  const at22050 = execFileSync(
    'sox',
    ['-V1', ...raw, '-r', String(rateHz), '-', ...raw, '-r', '22050', '-'],
    {
      input: bytesOf(samples),
      maxBuffer: 2 ** 28,
    },
  );
  const text = execFileSync('multimon-ng', ['-q', '-t', 'raw', '-a', 'DTMF', '-'], {
    input: at22050,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return text
    .split('\n')
    .filter((line) => line.startsWith('DTMF: '))
    .map((line) => line.slice(6, 7))
    .join('');
}
