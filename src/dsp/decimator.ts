import type { SampleRate } from '../core/sample-rate.ts';
import { CORE_RATE_HZ } from './constants.ts';

/**
 * Taps per 8 kHz of input rate, minus one. The band that matters ends at 1.7 kHz (highest tone +3.5 %), so what may
 * fold into it starts at 6.3 kHz: a transition band this wide needs only 14 periods of 16 kHz. The delay is
 * 0.44 ms at 16 kHz and 0.46 ms at 24 kHz, and counts against the look-ahead.
 */
const TAPS_BY_FACTOR = [0, 1, 15, 23] as const;

/** Half-amplitude point of the low-pass filter, in Hz: the middle of the transition band. */
const CUTOFF_HZ = 4000;

/** Streaming linear-phase decimation to the 8 kHz core; passes 8 kHz through without delay. */
export class Decimator {
  /** Input samples per core sample. */
  readonly factor: number;
  /** Group delay in input samples: content at input position p appears in the core at (p + delay) / factor. */
  readonly delaySamples: number;

  readonly #taps: Float64Array;
  readonly #history: Float64Array;
  #head = 0;
  #phase = 0;

  constructor(rate: SampleRate) {
    this.factor = rate / CORE_RATE_HZ;
    const length = TAPS_BY_FACTOR[this.factor as 1 | 2 | 3];
    this.delaySamples = (length - 1) / 2;
    this.#taps = lowPass(length, CUTOFF_HZ / rate);
    // Twice the filter's length, written twice, so that the newest `length` samples are always contiguous.
    this.#history = new Float64Array(2 * length);
  }

  /** Feeds one input sample. True when a core sample is complete; `output` then computes it. */
  push(sample: number): boolean {
    const length = this.#taps.length;
    this.#history[this.#head] = sample;
    this.#history[this.#head + length] = sample;
    this.#head = this.#head + 1 === length ? 0 : this.#head + 1;
    this.#phase += 1;
    if (this.#phase < this.factor) return false;
    this.#phase = 0;
    return true;
  }

  /** The core sample that `push` has just completed. */
  output(): number {
    const taps = this.#taps;
    const history = this.#history;
    const start = this.#head;
    let sum = 0;
    for (let i = 0; i < taps.length; i += 1) sum += taps[i]! * history[start + i]!;
    return sum;
  }

  wipe(): void {
    this.#history.fill(0);
  }
}

/** Hamming-windowed sinc with unity gain at 0 Hz. */
function lowPass(length: number, cutoff: number): Float64Array {
  const taps = new Float64Array(length);
  const middle = (length - 1) / 2;
  let sum = 0;
  for (let i = 0; i < length; i += 1) {
    const x = i - middle;
    const sinc = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
    const window = length === 1 ? 1 : 0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (length - 1));
    taps[i] = sinc * window;
    sum += taps[i]!;
  }
  for (let i = 0; i < length; i += 1) taps[i]! /= sum;
  return taps;
}
