import { HOP_SAMPLES } from './constants.ts';

/** Order of the linear predictor: five formants below 4 kHz, two coefficients each. */
export const PREDICTOR_ORDER = 10;

/** Hops between the newest sample of the fit and now: 6 ms, so that a tone's onset does not train its own whitener. */
const DELAY_HOPS = 3;

/** Hops that the fit spans, 24 ms, and their weights: a rounded taper against the edges of the window. */
const WEIGHTS = [0.15, 0.45, 0.72, 0.9, 1, 1, 1, 1, 0.9, 0.72, 0.45, 0.15] as const;

const RING = 16;
const LAGS = PREDICTOR_ORDER + 1;

/** White noise added to the fit, in squared 16 bit units per sample: a quiet line must not make the filter ring. */
const NOISE_FLOOR = 4;

/** Conditioning of the fit, 35 dB below the signal: bounds how deep the whitener notches a steady vowel. */
const CONDITIONING = 1.0003;

/**
 * A linear predictor that follows the caller's voice. What it cannot predict, the innovation, is where the onset of a
 * tone shows within a few milliseconds, even under louder speech.
 */
export class Whitener {
  /** Variance of the innovation that the fit expects, per sample. */
  expectedVariance = NOISE_FLOOR;

  readonly #coefficients = new Float64Array(LAGS);
  readonly #next = new Float64Array(LAGS);
  readonly #lags = new Float64Array(LAGS);
  readonly #ring = new Float64Array(RING * LAGS);
  #hop = 0;

  constructor() {
    this.#coefficients[0] = 1;
  }

  /** Takes up one hop: `samples[at ...]` with at least ten samples of history before `at`. */
  observe(samples: Float64Array, at: number): void {
    const base = (this.#hop % RING) * LAGS;
    for (let lag = 0; lag < LAGS; lag += 1) {
      let sum = 0;
      for (let i = at; i < at + HOP_SAMPLES; i += 1) sum += samples[i]! * samples[i - lag]!;
      this.#ring[base + lag] = sum;
    }
    this.#hop += 1;
  }

  /** Fits the predictor anew (Levinson and Durbin). */
  fit(): void {
    const lags = this.#lags;
    lags.fill(0);
    let weightSum = 0;
    for (let w = 0; w < WEIGHTS.length; w += 1) {
      const base = ((this.#hop - 1 - DELAY_HOPS - w + 2 * RING) % RING) * LAGS;
      const weight = WEIGHTS[w]!;
      weightSum += weight;
      for (let lag = 0; lag < LAGS; lag += 1) lags[lag]! += weight * this.#ring[base + lag]!;
    }
    const scale = 1 / (weightSum * HOP_SAMPLES);
    for (let lag = 0; lag < LAGS; lag += 1) lags[lag]! *= scale;
    lags[0] = lags[0]! * CONDITIONING + NOISE_FLOOR;
    this.#levinson();
  }

  #levinson(): void {
    const a = this.#coefficients;
    const next = this.#next;
    const r = this.#lags;
    a.fill(0);
    a[0] = 1;
    let error = r[0]!;
    for (let i = 1; i < LAGS; i += 1) {
      let sum = r[i]!;
      for (let j = 1; j < i; j += 1) sum += a[j]! * r[i - j]!;
      const reflection = -sum / error;
      // The sums of a fading signal need not be positive definite: stop at the last stable order.
      if (!(Math.abs(reflection) < 0.9999)) break;
      for (let j = 1; j < i; j += 1) next[j] = a[j]! + reflection * a[i - j]!;
      for (let j = 1; j < i; j += 1) a[j] = next[j]!;
      a[i] = reflection;
      error *= 1 - reflection * reflection;
    }
    this.expectedVariance = Math.max(error, NOISE_FLOOR);
  }

  /** Writes the innovation of the hop at `samples[at ...]` into `out`. */
  filterInto(out: Float64Array, samples: Float64Array, at: number): void {
    const a = this.#coefficients;
    const a1 = a[1]!;
    const a2 = a[2]!;
    const a3 = a[3]!;
    const a4 = a[4]!;
    const a5 = a[5]!;
    const a6 = a[6]!;
    const a7 = a[7]!;
    const a8 = a[8]!;
    const a9 = a[9]!;
    const a10 = a[10]!;
    for (let i = 0; i < HOP_SAMPLES; i += 1) {
      const n = at + i;
      out[i] =
        samples[n]! +
        a1 * samples[n - 1]! +
        a2 * samples[n - 2]! +
        a3 * samples[n - 3]! +
        a4 * samples[n - 4]! +
        a5 * samples[n - 5]! +
        a6 * samples[n - 6]! +
        a7 * samples[n - 7]! +
        a8 * samples[n - 8]! +
        a9 * samples[n - 9]! +
        a10 * samples[n - 10]!;
    }
  }

  wipe(): void {
    this.#ring.fill(0);
    this.#lags.fill(0);
    this.#next.fill(0);
    this.#coefficients.fill(0);
    this.#coefficients[0] = 1;
    this.expectedVariance = NOISE_FLOOR;
  }
}
