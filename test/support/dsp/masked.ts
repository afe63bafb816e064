import type { SampleRate } from '../../../src/core/sample-rate.ts';
import { DEFAULT_POOL } from '../../../src/dsp/kernel/kernel.ts';
import { Masker } from '../../../src/dsp/masker.ts';
import type { MaskerSettings } from '../../../src/dsp/masker.ts';

export interface MaskedSignal {
  readonly output: Int16Array;
  readonly latencySamples: number;
  /** Reported digits in order, and where; `reportedAt` is how much input had been heard, to the sample if asked so. */
  readonly digits: readonly { readonly digit: string; readonly start: number; readonly reportedAt: number }[];
  readonly ends: readonly number[];
  readonly spans: readonly { readonly start: number; readonly end: number }[];
}

export const DEFAULTS: Omit<MaskerSettings, 'sampleRate'> = {
  lookaheadMs: 10,
  mode: 'tone',
  maskFrequencyHz: 500,
  maskLevelDbm0: -16,
  sensitivity: 'capture',
  seed: 1,
};

/**
 * Runs a fresh masker over the samples, in chunks of 20 ms or of the lengths given (the last one repeats), with the
 * kernel of the pool.
 */
export function masked(
  samples: Int16Array,
  sampleRate: SampleRate,
  settings: Partial<MaskerSettings> = {},
  chunks: readonly number[] = [sampleRate / 50],
  pool = DEFAULT_POOL,
): MaskedSignal {
  const digits: { digit: string; start: number; reportedAt: number }[] = [];
  const ends: number[] = [];
  const spans: { start: number; end: number }[] = [];
  let heard = 0;
  let maskedFrom = 0;
  let isMasking = false;
  const masker = new Masker(
    { ...DEFAULTS, ...settings, sampleRate },
    {
      digitStarted: (code, start) =>
        digits.push({ digit: String.fromCharCode(code), start, reportedAt: heard }),
      digitEnded: (_code, end) => ends.push(end),
      maskStarted: (start) => {
        maskedFrom = start;
        isMasking = true;
      },
      maskEnded: (end) => {
        spans.push({ start: maskedFrom, end });
        isMasking = false;
      },
    },
    pool,
  );
  const output = new Int16Array(samples.length);
  for (let at = 0, i = 0; at < samples.length; i += 1) {
    const to = Math.min(samples.length, at + chunks[Math.min(i, chunks.length - 1)]!);
    heard = to;
    masker.process(samples.subarray(at, to), output.subarray(at, to));
    at = to;
  }
  // A mask that the end of the samples cuts short has replaced what came before.
  if (isMasking) spans.push({ start: maskedFrom, end: samples.length });
  return { output, latencySamples: masker.latencySamples, digits, ends, spans };
}

/** The reported digits as one string. */
export function digitsOf({ digits }: MaskedSignal): string {
  return digits.map(({ digit }) => digit).join('');
}
