import type { SampleRate } from '../core/sample-rate.ts';
import { frameSamples } from './audio-format.ts';

/**
 * Delay of a conversion: half the length of the filter. A millisecond is what a cut-off between 3.2 and 4.7 kHz
 * with 50 dB of rejection takes (Kaiser: transition width = (50 − 7.95) / (2.285 · 2π · 2 ms) = 1.46 kHz).
 */
export const RATE_CONVERTER_DELAY_MS = 1;

/** Shape of the Kaiser window for 50 dB: 0.5842 · 29^0.4 + 0.07886 · 29. */
const KAISER_BETA = 4.533;

/** The filter's half-way point below the lower rate's Nyquist frequency. */
const CUTOFF_MARGIN_HZ = 100;

/**
 * Converts a stream between two of the platform's rates, one 20 ms frame at a time: a polyphase filter with
 * linear phase. Frame in, frame out; the output is the input, one millisecond later.
 */
export class RateConverter {
  readonly #inputSamples: number;
  readonly #up: number;
  readonly #down: number;
  readonly #tapsPerPhase: number;
  /** The taps of each phase in the order of the samples they meet. */
  readonly #taps: Float32Array;
  /** The tail of the last frame, then the present one. */
  readonly #samples: Float32Array;

  constructor(inputRate: SampleRate, outputRate: SampleRate) {
    const divisor = greatestCommonDivisor(inputRate, outputRate);
    this.#up = outputRate / divisor;
    this.#down = inputRate / divisor;
    this.#inputSamples = frameSamples(inputRate);
    const delay = (inputRate * this.#up * RATE_CONVERTER_DELAY_MS) / 1000;
    const cutoff = (Math.min(inputRate, outputRate) / 2 - CUTOFF_MARGIN_HZ) / (inputRate * this.#up);
    const prototype = lowPass(delay, cutoff, this.#up);
    this.#tapsPerPhase = Math.ceil(prototype.length / this.#up);
    this.#taps = splitIntoPhases(prototype, this.#up, this.#tapsPerPhase);
    this.#samples = new Float32Array(this.#tapsPerPhase - 1 + this.#inputSamples);
  }

  /** Converts one frame of the input rate into `output`, one frame of the output rate. */
  process(input: Int16Array, output: Int16Array): void {
    const samples = this.#samples;
    const length = this.#tapsPerPhase;
    samples.set(input, length - 1);
    for (let index = 0; index < output.length; index++) {
      const position = index * this.#down;
      const first = Math.floor(position / this.#up);
      const taps = (position % this.#up) * length;
      let sum = 0;
      for (let tap = 0; tap < length; tap++) sum += this.#taps[taps + tap]! * samples[first + tap]!;
      output[index] = Math.max(-32768, Math.min(32767, Math.round(sum)));
    }
    samples.copyWithin(0, this.#inputSamples);
  }

  wipe(): void {
    this.#samples.fill(0);
  }
}

/** A windowed sinc of 2 · `delay` + 1 taps; `cutoff` in cycles per sample. */
function lowPass(delay: number, cutoff: number, gain: number): Float64Array {
  const taps = new Float64Array(2 * delay + 1);
  for (let index = 0; index < taps.length; index++) {
    const time = index - delay;
    const sinc = time === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * time) / (Math.PI * time);
    taps[index] = sinc * besselI0(KAISER_BETA * Math.sqrt(1 - (time / delay) ** 2));
  }
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => (tap / sum) * gain);
}

/** Every `up`-th tap belongs to one phase; each phase is reversed, so that it runs forward over the samples. */
function splitIntoPhases(prototype: Float64Array, up: number, tapsPerPhase: number): Float32Array {
  const taps = new Float32Array(up * tapsPerPhase);
  prototype.forEach((tap, index) => {
    const phase = index % up;
    taps[(phase + 1) * tapsPerPhase - 1 - Math.floor(index / up)] = tap;
  });
  return taps;
}

/** The modified Bessel function of order zero, by its power series. */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
