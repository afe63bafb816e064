import type { SampleRate } from '../core/sample-rate.ts';

/** Pitch periods searched, in ms: 50 to 200 Hz covers speech; a higher voice repeats at a multiple. */
const PERIOD_MIN_MS = 5;
const PERIOD_MAX_MS = 20;

/** The stretch of sent audio that is compared with itself one period earlier. */
const COMPARE_MS = 20;

/** Full level for this long, then a linear fade to silence: longer repetition sounds like a buzz (as in G.711 Appendix I). */
const FULL_MS = 10;
const FADE_MS = 50;

/** The step between the sent audio and the first repeated sample is spread over this time. */
const JOIN_MS = 2;

/**
 * Repeats the last pitch period of audio that has already been sent. Nothing that it produces depends on audio that
 * is being hidden.
 */
export class Concealer {
  readonly #sent: Float32Array;
  readonly #loop: Float32Array;
  readonly #samplesPerMs: number;
  #head = 0;
  #period = 1;
  #at = 0;
  #age = 0;
  #step = 0;

  constructor(rate: SampleRate) {
    this.#samplesPerMs = rate / 1000;
    this.#sent = new Float32Array((PERIOD_MAX_MS + COMPARE_MS) * this.#samplesPerMs);
    this.#loop = new Float32Array(PERIOD_MAX_MS * this.#samplesPerMs);
  }

  /** Every sample that leaves, whatever its origin. */
  remember(sample: number): void {
    this.#sent[this.#head] = sample;
    this.#head = this.#head + 1 === this.#sent.length ? 0 : this.#head + 1;
  }

  /** Starts a concealment that continues what `remember` has seen. */
  start(): void {
    this.#period = this.#findPeriod();
    const period = this.#period;
    const blend = Math.floor(period / 4);
    for (let i = 0; i < period; i += 1) {
      // The end of the period runs into the sample before its start, so that the loop closes.
      const weight = i < period - blend ? 0 : (i - (period - blend) + 1) / (blend + 1);
      this.#loop[i] = (1 - weight) * this.#back(period - i) + weight * this.#back(2 * period - i);
    }
    this.#at = 0;
    this.#age = 0;
    this.#step = this.#back(1) - this.#loop[period - 1]!;
  }

  /** The next replaced sample. */
  next(): number {
    const unit = this.#samplesPerMs;
    const join = JOIN_MS * unit;
    const fading = (this.#age - FULL_MS * unit) / (FADE_MS * unit);
    const gain = fading <= 0 ? 1 : fading < 1 ? 1 - fading : 0;
    const correction = this.#age < join ? this.#step * (1 - (this.#age + 1) / (join + 1)) : 0;
    const value = gain * this.#loop[this.#at]! + correction;
    this.#at = this.#at + 1 === this.#period ? 0 : this.#at + 1;
    this.#age += 1;
    return value;
  }

  wipe(): void {
    this.#sent.fill(0);
    this.#loop.fill(0);
    this.#step = 0;
  }

  /** The sample sent `distance` samples ago, 1 = the last. */
  #back(distance: number): number {
    const at = this.#head - distance;
    return this.#sent[at < 0 ? at + this.#sent.length : at]!;
  }

  #findPeriod(): number {
    const unit = this.#samplesPerMs;
    // Every second sample and lag at 16 kHz, every third at 24 kHz: 8 kHz resolution is enough to hide a few ms.
    const stride = unit / 8;
    let best = PERIOD_MIN_MS * unit;
    let bestScore = -1;
    for (let lag = PERIOD_MIN_MS * unit; lag <= PERIOD_MAX_MS * unit; lag += stride) {
      let cross = 0;
      let energy = 1;
      for (let i = 1; i <= COMPARE_MS * unit; i += stride) {
        const early = this.#back(i + lag);
        cross += this.#back(i) * early;
        energy += early * early;
      }
      const score = cross > 0 ? (cross * cross) / energy : 0;
      if (score > bestScore) {
        bestScore = score;
        best = lag;
      }
    }
    return best;
  }
}
