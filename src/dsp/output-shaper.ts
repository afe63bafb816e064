import type { SampleRate } from '../core/sample-rate.ts';
import { Concealer } from './concealer.ts';
import { peakOfDbm0 } from './constants.ts';
import { SeededNoise } from './seeded-noise.ts';

/** What the agent hears in place of a tone: a flat tone, nothing, or comfort noise. */
export type MaskMode = 'tone' | 'silence' | 'noise';

/** From the start of a replaced span to the flat tone, counted from the span's start and thus free of the digit. */
const TONE_AFTER_MS = 60;

/** Ramps of the mask and of muting; 5 ms raised cosine keeps the splatter of a 500 Hz tone below -60 dB at 697 Hz. */
const RAMP_MS = 5;

/** Cross-fade from concealment back to the caller. */
const RETURN_MS = 3;

/** Comfort noise level in dBm0: that of a quiet line. */
const NOISE_DBM0 = -55;

const NOTHING = new Int16Array(0);

const PASS = 0;
const CONCEAL = 1;
const MASK = 2;

/** Turns marked caller audio into what the agent hears, sample by sample, without a click. */
export class OutputShaper {
  readonly #mode: MaskMode;
  readonly #concealer: Concealer;
  readonly #noise: SeededNoise;
  readonly #maskPeak: number;
  readonly #noisePeak: number;
  readonly #radians: number;
  readonly #ramp: Float32Array;
  readonly #returnSamples: number;
  readonly #toneAfterSamples: number;
  /** What the last sample was: caller audio, concealment or mask. */
  #state = PASS;
  /** Samples since the start of the replaced span. */
  #spanAge = 0;
  /** Samples of mask since it began in this span; its phase and its ramp follow from it. */
  #maskAge = 0;
  /** Samples since the caller came back; at the end of the cross-fade it stops counting. */
  #passAge = 0;
  #returnFrom = PASS;
  #muteAge = 0;
  /** Where `shape` writes, and how far the concealer has seen it. */
  #output: Int16Array = NOTHING;
  #remembered = 0;

  constructor(rate: SampleRate, mode: MaskMode, frequencyHz: number, levelDbm0: number, seed: number) {
    this.#mode = mode;
    this.#concealer = new Concealer(rate);
    this.#noise = new SeededNoise(seed);
    this.#maskPeak = peakOfDbm0(levelDbm0);
    // Uniform noise of peak p has the power p^2 / 3, a sine p^2 / 2.
    this.#noisePeak = peakOfDbm0(NOISE_DBM0) * Math.sqrt(1.5);
    this.#radians = (2 * Math.PI * frequencyHz) / rate;
    const ramp = (RAMP_MS * rate) / 1000;
    this.#ramp = Float32Array.from(
      { length: ramp },
      (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / ramp),
    );
    this.#returnSamples = (RETURN_MS * rate) / 1000;
    this.#toneAfterSamples = (TONE_AFTER_MS * rate) / 1000;
    this.#passAge = ramp;
  }

  /** Caller audio has been coming through unchanged: `pass` may copy it. */
  get isTransparent(): boolean {
    return this.#state === PASS && this.#passAge >= this.#ramp.length && this.#muteAge === 0;
  }

  /** Output that is the caller's audio as it is, written by the caller of this method. */
  pass(output: Int16Array, from: number, to: number): void {
    this.#concealer.remember(output, from, to);
    this.#remembered = to;
  }

  /** Begins writing at `output[from ...]`. */
  begin(output: Int16Array, from: number): void {
    this.#output = output;
    this.#remembered = from;
  }

  /**
   * The sample that leaves as `output[at]`. `input` is the caller's, ignored where `isReplaced`; `isCovered` asks for
   * the mask at once, without concealment first; `isMuted` for silence whatever else holds.
   */
  shape(at: number, input: number, isReplaced: boolean, isCovered: boolean, isMuted: boolean): void {
    const audible = isReplaced || isCovered ? this.#replacement(at, isCovered) : this.#caller(input);
    const muteRamp = this.#ramp.length;
    if (isMuted ? this.#muteAge < muteRamp : this.#muteAge > 0) this.#muteAge += isMuted ? 1 : -1;
    const gain = this.#muteAge === 0 ? 1 : this.#muteAge === muteRamp ? 0 : 1 - this.#ramp[this.#muteAge]!;
    const value = Math.round(audible * gain);
    this.#output[at] = value > 32767 ? 32767 : value < -32768 ? -32768 : value;
  }

  /** Ends writing before `output[to]`. */
  end(to: number): void {
    this.#catchUp(to);
    this.#output = NOTHING;
  }

  wipe(): void {
    this.#concealer.wipe();
  }

  #replacement(at: number, isCovered: boolean): number {
    if (this.#state === PASS) {
      this.#catchUp(at);
      this.#concealer.start();
      this.#state = CONCEAL;
      this.#spanAge = 0;
    }
    if (this.#state === CONCEAL && (isCovered || this.#spanAge >= this.#toneAfterSamples)) {
      this.#state = MASK;
      this.#maskAge = 0;
    }
    this.#spanAge += 1;
    if (this.#state === CONCEAL) return this.#concealed();
    const ramp = this.#ramp;
    const value = this.#mask();
    if (this.#maskAge >= ramp.length) {
      this.#maskAge += 1;
      return value;
    }
    const weight = ramp[this.#maskAge]!;
    this.#maskAge += 1;
    return weight * value + (1 - weight) * this.#concealed();
  }

  #caller(input: number): number {
    if (this.#state !== PASS) {
      this.#returnFrom = this.#state;
      this.#state = PASS;
      this.#passAge = 0;
    }
    const length = this.#returnFrom === MASK ? this.#ramp.length : this.#returnSamples;
    if (this.#passAge >= length) {
      this.#passAge = this.#ramp.length;
      return input;
    }
    const at = Math.floor((this.#passAge * this.#ramp.length) / length);
    const weight = this.#ramp[at]!;
    this.#passAge += 1;
    if (this.#returnFrom === CONCEAL) return weight * input + (1 - weight) * this.#concealed();
    const value = weight * input + (1 - weight) * this.#mask();
    this.#maskAge += 1;
    return value;
  }

  /** Lets the concealer know what has left so far. */
  #catchUp(to: number): void {
    if (to > this.#remembered) this.#concealer.remember(this.#output, this.#remembered, to);
    this.#remembered = to;
  }

  #concealed(): number {
    return this.#mode === 'silence' ? 0 : this.#concealer.next();
  }

  #mask(): number {
    switch (this.#mode) {
      case 'tone':
        return this.#maskPeak * Math.sin(this.#radians * this.#maskAge);
      case 'noise':
        return this.#noisePeak * this.#noise.next();
      case 'silence':
        return 0;
    }
  }
}
