import type { SampleRate } from '../core/sample-rate.ts';
import { FRAME_MS } from './constants.ts';

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

/** Room beyond that, so that what is kept is moved once in two frames only. */
const SPARE_MS = 2 * FRAME_MS;

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
  /** Sent audio up to `#end`. */
  readonly #sent: Int16Array;
  #end: number;
  readonly #loop: Float32Array;
  readonly #samplesPerMs: number;
  /** Energies of the compared stretch at the latest lags, one per sample of the step in which it is compared. */
  readonly #energies: Float64Array;
  #period = 1;
  #at = 0;
  #age = 0;
  #step = 0;

  constructor(rate: SampleRate) {
    this.#samplesPerMs = rate / 1000;
    this.#end = KEPT_MS * this.#samplesPerMs;
    this.#sent = new Int16Array(this.#end + SPARE_MS * this.#samplesPerMs);
    // 4 kHz resolution, since a voice's period hardly changes within the 10 ms that are heard.
    this.#energies = new Float64Array(this.#samplesPerMs / 4);
    this.#loop = new Float32Array(PERIOD_MAX_MS * this.#samplesPerMs);
  }

  /** Everything that leaves, whatever its origin: `audio[from ... to)`, at most two frames. */
  remember(audio: Int16Array, from: number, to: number): void {
    const sent = this.#sent;
    if (this.#end + to - from > sent.length) {
      const kept = KEPT_MS * this.#samplesPerMs;
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
    const period = this.#bestLag(PERIOD_MIN_MS * unit, PERIOD_MAX_MS * unit, unit / 4);
    const avoided = AVOIDED_MS * unit;
    const whole = (1 + Math.ceil(avoided / period)) * period;
    // A quarter of a period: how far the pitch may have moved, and how long the loop's end blends into its start.
    const drift = period >> 2;
    const lag = this.#bestLag(Math.max(avoided + period, whole - drift), whole + drift, 1);
    const blendFrom = period - drift;
    for (let i = 0; i < period; i += 1) {
      // The end of the period runs into the sample before its start, so that the loop closes.
      const weight = i < blendFrom ? 0 : (i - blendFrom + 1) / (drift + 1);
      this.#loop[i] = (1 - weight) * this.#back(lag - i) + weight * this.#back(lag + period - i);
    }
    const gain = this.#softenLoop(period);
    this.#period = period;
    this.#at = 0;
    this.#age = 0;
    this.#step = this.#back(1) - gain * this.#back(lag + 1);
  }

  /** A voice that has faded, or a mask that has ended, in the last 20 ms is not repeated louder than what followed it. */
  #softenLoop(period: number): number {
    const loop = this.#loop;
    let repeated = 1;
    let latest = 1;
    for (let i = 0; i < period; i += 1) {
      repeated += loop[i]! * loop[i]!;
      latest += this.#back(i + 1) * this.#back(i + 1);
    }
    if (latest >= repeated) return 1;
    const gain = Math.sqrt(latest / repeated);
    for (let i = 0; i < period; i += 1) loop[i] = gain * loop[i]!;
    return gain;
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
    this.#energies.fill(0);
    this.#step = 0;
  }

  /** The sample sent `distance` samples ago, 1 = the last. */
  #back(distance: number): number {
    return this.#sent[this.#end - distance]!;
  }

  /**
   * The lag at which the latest sent audio resembles itself most. Sums of 16 bit integers are exact in any order: four
   * at a time do not wait for each other, and the energy at a lag follows from that one step before.
   */
  #bestLag(from: number, to: number, stride: number): number {
    const sent = this.#sent;
    const energies = this.#energies;
    const step = energies.length;
    const end = this.#end;
    const start = end - COMPARE_MS * this.#samplesPerMs;
    let best = from;
    let bestScore = -1;
    for (let lag = from; lag <= to; lag += stride) {
      const cross = this.#cross(start, lag);
      const place = lag % step;
      if (lag < from + step) energies[place] = this.#energy(start, lag);
      else energies[place]! += sent[start - lag]! ** 2 - sent[end - lag]! ** 2;
      const score = cross > 0 ? (cross * cross) / (1 + energies[place]!) : 0;
      if (score > bestScore) {
        bestScore = score;
        best = lag;
      }
    }
    return best;
  }

  #cross(start: number, lag: number): number {
    const sent = this.#sent;
    const step = this.#energies.length;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = start; i < this.#end; i += 4 * step) {
      a += sent[i]! * sent[i - lag]!;
      b += sent[i + step]! * sent[i + step - lag]!;
      c += sent[i + 2 * step]! * sent[i + 2 * step - lag]!;
      d += sent[i + 3 * step]! * sent[i + 3 * step - lag]!;
    }
    return a + b + (c + d);
  }

  #energy(start: number, lag: number): number {
    let energy = 0;
    for (let i = start - lag; i < this.#end - lag; i += this.#energies.length) energy += this.#sent[i]! ** 2;
    return energy;
  }
}
