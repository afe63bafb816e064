import type { SampleRate } from '../core/sample-rate.ts';
import { frameSamples } from './audio-format.ts';

/**
 * Half the length of the filter, in samples of the slower rate. Eight give 50 dB of rejection beyond 1.18 times the
 * slower rate's Nyquist frequency (Kaiser: transition width = (50 − 7.95) / (2.285 · 2π · 16) = 0.18 of that rate).
 */
const HALF_LENGTH = 8;

/** Shape of the Kaiser window for 50 dB: 0.5842 · 29^0.4 + 0.07886 · 29. */
const KAISER_BETA = 4.533;

/** The inner loop takes so many taps at a time, because one sum alone would wait for itself. */
const UNROLLED = 4;

/** Delay of a conversion: half the length of its filter. 1 ms if one of the rates is 8 kHz, else 0.5 ms. */
export function conversionDelayMs(oneRate: SampleRate, otherRate: SampleRate): number {
  return oneRate === otherRate ? 0 : (1000 * HALF_LENGTH) / Math.min(oneRate, otherRate);
}

/**
 * Converts a stream between two of the platform's rates, one 20 ms frame at a time: a polyphase filter with
 * linear phase. Frame in, frame out; the output is the input, later by the delay.
 */
export class RateConverter {
  readonly #inputSamples: number;
  readonly #up: number;
  readonly #down: number;
  readonly #tapsPerPhase: number;
  /** The taps of each phase in the order of the samples they meet. */
  readonly #taps: Float64Array;
  /** The tail of the last frame, then the present one. */
  readonly #samples: Float64Array;

  constructor(inputRate: SampleRate, outputRate: SampleRate) {
    const divisor = greatestCommonDivisor(inputRate, outputRate);
    this.#up = outputRate / divisor;
    this.#down = inputRate / divisor;
    this.#inputSamples = frameSamples(inputRate);
    const prototype = lowPass(Math.max(this.#up, this.#down), this.#up);
    this.#tapsPerPhase = Math.ceil(prototype.length / this.#up / UNROLLED) * UNROLLED;
    this.#taps = splitIntoPhases(prototype, this.#up, this.#tapsPerPhase);
    this.#samples = new Float64Array(this.#tapsPerPhase - 1 + this.#inputSamples);
  }

  /** Converts one frame of the input rate into `output`, one frame of the output rate. */
  process(input: Int16Array, output: Int16Array): void {
    const samples = this.#samples;
    const length = this.#tapsPerPhase;
    samples.set(input, length - 1);
    let phase = 0;
    let first = 0;
    for (let index = 0; index < output.length; index++) {
      const sum = Math.round(dot(this.#taps, phase * length, samples, first, length));
      output[index] = sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum;
      for (phase += this.#down; phase >= this.#up; phase -= this.#up) first += 1;
    }
    samples.copyWithin(0, this.#inputSamples);
  }

  wipe(): void {
    this.#samples.fill(0);
  }
}

/** The sum of products of two runs of `length` numbers. */
function dot(a: Float64Array, aFrom: number, b: Float64Array, bFrom: number, length: number): number {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let n = 0; n < length; n += UNROLLED) {
    first += a[aFrom + n]! * b[bFrom + n]!;
    second += a[aFrom + n + 1]! * b[bFrom + n + 1]!;
    third += a[aFrom + n + 2]! * b[bFrom + n + 2]!;
    fourth += a[aFrom + n + 3]! * b[bFrom + n + 3]!;
  }
  return first + second + (third + fourth);
}

/** A windowed sinc that cuts at half of every `factor`-th part of its own rate. */
function lowPass(factor: number, gain: number): Float64Array {
  const delay = HALF_LENGTH * factor;
  const taps = Float64Array.from({ length: 2 * delay + 1 }, (_, index) => {
    const time = (index - delay) / factor;
    const sinc = time === 0 ? 1 : Math.sin(Math.PI * time) / (Math.PI * time);
    return sinc * besselI0(KAISER_BETA * Math.sqrt(1 - (time / HALF_LENGTH) ** 2));
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => (tap / sum) * gain);
}

/**
 * Every `up`-th tap belongs to one phase; each phase is reversed, so that it runs forward over the samples, and
 * begins with zeroes where it is shorter.
 */
function splitIntoPhases(prototype: Float64Array, up: number, tapsPerPhase: number): Float64Array {
  const taps = new Float64Array(up * tapsPerPhase);
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
