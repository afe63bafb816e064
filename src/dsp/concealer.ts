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
  readonly #sent: Int16Array;
  readonly #loop: Float32Array;
  readonly #samplesPerMs: number;
  #period = 1;
  #at = 0;
  #age = 0;
  #step = 0;

  constructor(rate: SampleRate) {
    this.#samplesPerMs = rate / 1000;
    this.#sent = new Int16Array((PERIOD_MAX_MS + COMPARE_MS) * this.#samplesPerMs);
    this.#loop = new Float32Array(PERIOD_MAX_MS * this.#samplesPerMs);
  }

  /** Everything that leaves, whatever its origin: `audio[from ... to)`, at most as much as is kept. */
  remember(audio: Int16Array, from: number, to: number): void {
    const sent = this.#sent;
    const kept = sent.length - (to - from);
    sent.copyWithin(0, to - from);
    if (from === 0 && to === audio.length) sent.set(audio, kept);
    else for (let i = from; i < to; i += 1) sent[kept + i - from] = audio[i]!;
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
    return this.#sent[this.#sent.length - distance]!;
  }

  #findPeriod(): number {
    const unit = this.#samplesPerMs;
    const sent = this.#sent;
    const end = sent.length;
    // 4 kHz resolution, since a voice's period hardly changes within the 10 ms that are heard.
    const stride = unit / 4;
    let best = PERIOD_MIN_MS * unit;
    let bestScore = -1;
    for (let lag = PERIOD_MIN_MS * unit; lag <= PERIOD_MAX_MS * unit; lag += stride) {
      let cross = 0;
      let energy = 1;
      for (let i = end - COMPARE_MS * unit; i < end; i += stride) {
        const early = sent[i - lag]!;
        cross += sent[i]! * early;
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
