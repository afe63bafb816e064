import type { SampleRate } from '../core/sample-rate.ts';

/** Pitch periods searched, in ms: 50 to 200 Hz covers speech; a higher voice repeats at a multiple. */
const PERIOD_MIN_MS = 5;
const PERIOD_MAX_MS = 20;

/** The stretch of sent audio that is compared with itself one period earlier. */
const COMPARE_MS = 20;

/**
 * The newest audio is not repeated. A codec that works in frames of 20 ms (GSM, AMR, Opus) colours its noise with a key
 * tone up to one frame before the tone begins; to repeat that would tell the key.
 */
const AVOIDED_MS = 20;

/** How much sent audio is looked back at: three periods and the avoided time at most, and what is compared. */
const KEPT_MS = 3 * PERIOD_MAX_MS + AVOIDED_MS + COMPARE_MS;

/** Full level for this long, then a linear fade to silence: longer repetition sounds like a buzz (as in G.711 Appendix I). */
const FULL_MS = 10;
const FADE_MS = 50;

/** The step between the sent audio and the first repeated sample is spread over this time. */
const JOIN_MS = 2;

/**
 * Repeats one pitch period of audio that was sent 20 ms ago and earlier, in phase with what was sent last. Nothing that
 * it produces depends on audio that is being hidden, nor on what a codec may have let through of it.
 */
export class Concealer {
  /** Sent audio up to `#end`. Twice as long as what is looked back at, so that it is moved once in five frames. */
  readonly #sent: Int16Array;
  #end: number;
  readonly #loop: Float32Array;
  readonly #samplesPerMs: number;
  #period = 1;
  #at = 0;
  #age = 0;
  #step = 0;

  constructor(rate: SampleRate) {
    this.#samplesPerMs = rate / 1000;
    this.#end = KEPT_MS * this.#samplesPerMs;
    this.#sent = new Int16Array(2 * this.#end);
    this.#loop = new Float32Array(PERIOD_MAX_MS * this.#samplesPerMs);
  }

  /** Everything that leaves, whatever its origin: `audio[from ... to)`, at most as much as is kept. */
  remember(audio: Int16Array, from: number, to: number): void {
    const sent = this.#sent;
    if (this.#end + to - from > sent.length) {
      const kept = sent.length / 2;
      sent.copyWithin(0, this.#end - kept, this.#end);
      this.#end = kept;
    }
    if (from === 0 && to === audio.length) sent.set(audio, this.#end);
    else for (let i = from; i < to; i += 1) sent[this.#end + i - from] = audio[i]!;
    this.#end += to - from;
  }

  /** Starts a concealment that continues what `remember` has seen. */
  start(): void {
    const unit = this.#samplesPerMs;
    // 4 kHz resolution, since a voice's period hardly changes within the 10 ms that are heard.
    const period = this.#bestLag(PERIOD_MIN_MS * unit, PERIOD_MAX_MS * unit, unit / 4);
    const avoided = AVOIDED_MS * unit;
    const whole = (1 + Math.ceil(avoided / period)) * period;
    const drift = period >> 2;
    const lag = this.#bestLag(Math.max(avoided + period, whole - drift), whole + drift, 1);
    const blend = drift;
    for (let i = 0; i < period; i += 1) {
      // The end of the period runs into the sample before its start, so that the loop closes.
      const weight = i < period - blend ? 0 : (i - (period - blend) + 1) / (blend + 1);
      this.#loop[i] = (1 - weight) * this.#back(lag - i) + weight * this.#back(lag + period - i);
    }
    this.#period = period;
    this.#at = 0;
    this.#age = 0;
    this.#step = this.#back(1) - this.#back(lag + 1);
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
    return this.#sent[this.#end - distance]!;
  }

  /**
   * The lag at which the latest sent audio resembles itself most. Sums of 16 bit integers are exact in any order: four
   * at a time do not wait for each other.
   */
  #bestLag(from: number, to: number, stride: number): number {
    const sent = this.#sent;
    const end = this.#end;
    const step = this.#samplesPerMs / 4;
    const start = end - COMPARE_MS * this.#samplesPerMs;
    let best = from;
    let bestScore = -1;
    for (let lag = from; lag <= to; lag += stride) {
      let [cross0, cross1, cross2, cross3] = [0, 0, 0, 0];
      let [energy0, energy1, energy2, energy3] = [1, 0, 0, 0];
      for (let i = start; i < end; i += 4 * step) {
        const early0 = sent[i - lag]!;
        const early1 = sent[i + step - lag]!;
        const early2 = sent[i + 2 * step - lag]!;
        const early3 = sent[i + 3 * step - lag]!;
        cross0 += sent[i]! * early0;
        cross1 += sent[i + step]! * early1;
        cross2 += sent[i + 2 * step]! * early2;
        cross3 += sent[i + 3 * step]! * early3;
        energy0 += early0 * early0;
        energy1 += early1 * early1;
        energy2 += early2 * early2;
        energy3 += early3 * early3;
      }
      const cross = cross0 + cross1 + (cross2 + cross3);
      const energy = energy0 + energy1 + (energy2 + energy3);
      const score = cross > 0 ? (cross * cross) / energy : 0;
      if (score > bestScore) {
        bestScore = score;
        best = lag;
      }
    }
    return best;
  }
}
