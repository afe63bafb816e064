import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { resampled } from './resampled.ts';

const SOURCE = join(import.meta.dirname, 'spandsp-decode.c');
const FOLDER = join(import.meta.dirname, '..', 'bin');
const BINARY = join(FOLDER, 'spandsp-decode');

export interface DecodedDigit {
  readonly digit: string;
  /** Samples at 8 kHz that SpanDSP had heard when it reported. */
  readonly sample: number;
}

/**
 * Why SpanDSP cannot be asked here, or undefined if it can. With `CI=true` it must be there: the tests that need it
 * then fail instead of being skipped.
 */
export function spandspMissing(): string | undefined {
  if (process.env['CI'] === 'true') return undefined;
  try {
    compiled();
    return undefined;
  } catch {
    return 'SpanDSP is missing (Debian: gcc libspandsp-dev)';
  }
}

/** The digits that SpanDSP, an implementation independent of ours, finds in the samples, as one string. */
export function decodeWithSpandsp(samples: ArrayLike<number>, rateHz: number): string {
  return reportsOfSpandsp(samples, rateHz)
    .map(({ digit }) => digit)
    .join('');
}

/** `isRelaxed`: also pairs with 20 dB of twist, and down to -55 dBm0. */
export function reportsOfSpandsp(
  samples: ArrayLike<number>,
  rateHz: number,
  isRelaxed = false,
): DecodedDigit[] {
  const text = execFileSync(compiled(), isRelaxed ? ['--relaxed'] : [], {
    input: bytesOf(resampled(samples, rateHz, 8000)),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ digit: line.charAt(0), sample: Number(line.slice(2)) }));
}

/** CPU time of SpanDSP's receiver in nanoseconds per sample at 8 kHz. */
export function spandspNanosecondsPerSample(samples: ArrayLike<number>, repeats: number): number {
  const args = ['--benchmark', String(repeats)];
  return Number(execFileSync(compiled(), args, { input: bytesOf(samples), encoding: 'utf8' }));
}

/** 16 bit little endian bytes of samples, clipped. */
export function bytesOf(samples: ArrayLike<number> | Int16Array): Buffer {
  if (samples instanceof Int16Array)
    return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const bytes = Buffer.alloc(2 * samples.length);
  for (let i = 0; i < samples.length; i += 1) {
    bytes.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(samples[i] ?? 0))), 2 * i);
  }
  return bytes;
}

/** Path of the decoder, compiled at first use; written under another name first, since test processes share it. */
function compiled(): string {
  if (existsSync(BINARY) && statSync(BINARY).mtimeMs >= statSync(SOURCE).mtimeMs) return BINARY;
  mkdirSync(FOLDER, { recursive: true });
  const partial = `${BINARY}.${process.pid}`;
  const result = spawnSync('cc', ['-O2', '-o', partial, SOURCE, '-lspandsp', '-lm'], { encoding: 'utf8' });
  if (result.status !== 0)
    throw new Error(`cannot compile spandsp-decode: ${result.stderr || 'no C compiler'}`);
  renameSync(partial, BINARY);
  return BINARY;
}
