import type { SampleRate } from '../core/sample-rate.ts';
import { CORE_RATE_HZ, HOP_SAMPLES } from './constants.ts';

/**
 * Weights of a linear-phase low-pass per decimation factor: the centre, then each distance from it. The band that
 * matters ends at 1.7 kHz (highest tone +3.5 %), so what may fold into it starts at 6.3 kHz. At factor 2 a half-band
 * filter (Lagrange, 11 taps) has 41 dB there, at factor 3 a Hamming-windowed sinc of 15 taps has 40.
 */
const WEIGHTS: Readonly<Record<1 | 2 | 3, readonly number[]>> = {
  1: [1],
  2: [256 / 512, 150 / 512, 0, -25 / 512, 0, 3 / 512],
  3: windowedSinc(7, 4000 / 24_000),
};

/** Collects input samples and hands out hops of the 8 kHz core; at 8 kHz it only collects. */
export class Decimator {
  /** Input samples per core sample. */
  readonly factor: 1 | 2 | 3;
  /** Group delay in input samples: content at input position p appears in the core at (p + delay) / factor. */
  readonly delaySamples: number;

  /** Input samples of exact silence that the last finished run of it had. */
  lastSilence = 0;

  readonly #weights: Float64Array;
  /** The filter's history, then the hop that is being collected. */
  readonly #buffer: Float64Array;
  #fill: number;
  #silence = 0;

  constructor(rate: SampleRate) {
    this.factor = (rate / CORE_RATE_HZ) as 1 | 2 | 3;
    this.#weights = Float64Array.from(WEIGHTS[this.factor]);
    this.delaySamples = this.#weights.length - 1;
    this.#buffer = new Float64Array(2 * this.delaySamples + HOP_SAMPLES * this.factor);
    this.#fill = 2 * this.delaySamples;
  }

  /** True when a hop has been collected; `hopInto` takes it. */
  get isFull(): boolean {
    return this.#fill === this.#buffer.length;
  }

  /** Collects from `input[from ... to)` what the hop still needs; returns where it stopped. */
  collect(input: Int16Array, from: number, to: number): number {
    const end = Math.min(to, from + this.#buffer.length - this.#fill);
    const shift = this.#fill - from;
    let silence = this.#silence;
    for (let i = from; i < end; i += 1) {
      const sample = input[i]!;
      this.#buffer[i + shift] = sample;
      if (sample === 0) silence += 1;
      else if (silence > 0) {
        this.lastSilence = silence;
        silence = 0;
      }
    }
    this.#silence = silence;
    this.#fill += end - from;
    return end;
  }

  /** Writes the collected hop into `out[at ...]` and begins the next. */
  hopInto(out: Float32Array, at: number): void {
    const { delaySamples: delay } = this;
    const buffer = this.#buffer;
    if (this.factor === 1) for (let m = 0; m < HOP_SAMPLES; m += 1) out[at + m] = buffer[m]!;
    else if (this.factor === 2) halfBandInto(out, at, buffer);
    else symmetricInto(out, at, buffer, this.#weights);
    if (delay > 0) buffer.copyWithin(0, buffer.length - 2 * delay);
    this.#fill = 2 * delay;
  }

  wipe(): void {
    this.#buffer.fill(0);
  }
}

/** Factor 2, written out: every second weight of a half-band filter is zero. */
function halfBandInto(out: Float32Array, at: number, x: Float64Array): void {
  const [centre, one, , three, , five] = WEIGHTS[2] as [number, number, number, number, number, number];
  for (let m = 0; m < HOP_SAMPLES; m += 1) {
    const c = 6 + 2 * m;
    out[at + m] =
      centre * x[c]! +
      one * (x[c - 1]! + x[c + 1]!) +
      three * (x[c - 3]! + x[c + 3]!) +
      five * (x[c - 5]! + x[c + 5]!);
  }
}

/** Factor 3. */
function symmetricInto(out: Float32Array, at: number, x: Float64Array, weights: Float64Array): void {
  const delay = weights.length - 1;
  for (let m = 0; m < HOP_SAMPLES; m += 1) {
    const centre = delay + 2 + 3 * m;
    let sum = weights[0]! * x[centre]!;
    for (let k = 1; k <= delay; k += 1) sum += weights[k]! * (x[centre - k]! + x[centre + k]!);
    out[at + m] = sum;
  }
}

/** Half of a symmetric filter with unity gain at 0 Hz; `cutoff` in cycles per sample. */
function windowedSinc(half: number, cutoff: number): number[] {
  const taps = Array.from({ length: half + 1 }, (_, k) => {
    const sinc = k === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * k) / (Math.PI * k);
    return sinc * (0.54 + 0.46 * Math.cos((Math.PI * k) / half));
  });
  const gain = taps.reduce((sum, tap, k) => sum + (k === 0 ? tap : 2 * tap), 0);
  return taps.map((tap) => tap / gain);
}
