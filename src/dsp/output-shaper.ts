import type { SampleRate } from '../core/sample-rate.ts';
import { Concealer } from './concealer.ts';
import { FRAME_MS, peakOfDbm0 } from './constants.ts';
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

/** Turns marked caller audio into what the agent hears, without a click. */
export class OutputShaper {
  readonly #mode: MaskMode;
  readonly #concealer: Concealer;
  readonly #noise: SeededNoise;
  readonly #maskPeak: number;
  readonly #noisePeak: number;
  readonly #radians: number;
  /** One sample's turn of the mask tone. */
  readonly #turnRe: number;
  readonly #turnIm: number;
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
  /** The run that is being shaped, before it is rounded. */
  readonly #run: Float32Array;
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
    this.#turnRe = Math.cos(this.#radians);
    this.#turnIm = Math.sin(this.#radians);
    this.#run = new Float32Array((FRAME_MS * rate) / 1000);
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
   * `count` samples, at most a frame, that leave as `output[at ...]`. `input[from ...]` is the caller's, ignored where
   * `isReplaced`; `isCovered` asks for the mask at once, without concealment first; `isMuted` for silence whatever else
   * holds.
   */
  shape(
    input: Int16Array,
    from: number,
    at: number,
    count: number,
    isReplaced: boolean,
    isCovered: boolean,
    isMuted: boolean,
  ): void {
    if (isReplaced || isCovered) this.#replace(at, count, isCovered);
    else this.#letThrough(input, from, count);
    if (isMuted || this.#muteAge > 0) this.#mute(count, isMuted);
    const run = this.#run;
    const output = this.#output;
    for (let i = 0; i < count; i += 1) {
      const value = Math.round(run[i]!);
      output[at + i] = value > 32767 ? 32767 : value < -32768 ? -32768 : value;
    }
  }

  /** Ends writing before `output[to]`. */
  end(to: number): void {
    this.#catchUp(to);
    this.#output = NOTHING;
  }

  wipe(): void {
    this.#concealer.wipe();
    this.#run.fill(0);
  }

  #replace(at: number, count: number, isCovered: boolean): void {
    if (this.#state === PASS) {
      this.#catchUp(at);
      if (this.#mode !== 'silence') this.#concealer.start();
      this.#state = CONCEAL;
      this.#spanAge = 0;
    }
    const run = this.#run;
    let i = 0;
    if (this.#state === CONCEAL) {
      const end = isCovered ? 0 : Math.min(count, this.#toneAfterSamples - this.#spanAge);
      for (; i < end; i += 1) run[i] = this.#concealed();
    }
    this.#spanAge += count;
    if (i >= count) return;
    if (this.#state === CONCEAL) {
      this.#state = MASK;
      this.#maskAge = 0;
    }
    const ramp = this.#ramp;
    let age = this.#maskAge;
    this.#mask(i, count);
    for (; i < count && age < ramp.length; i += 1) {
      const weight = ramp[age]!;
      run[i] = weight * run[i]! + (1 - weight) * this.#concealed();
      age += 1;
    }
  }

  #letThrough(input: Int16Array, from: number, count: number): void {
    if (this.#state !== PASS) {
      this.#returnFrom = this.#state;
      this.#state = PASS;
      this.#passAge = 0;
    }
    const run = this.#run;
    const ramp = this.#ramp;
    const length = this.#returnFrom === MASK ? ramp.length : this.#returnSamples;
    const fading = Math.min(count, Math.max(0, length - this.#passAge));
    if (fading > 0 && this.#returnFrom === MASK) this.#mask(0, fading);
    for (let i = 0; i < fading; i += 1) {
      const weight = ramp[Math.floor((this.#passAge * ramp.length) / length)]!;
      const replaced = this.#returnFrom === MASK ? run[i]! : this.#concealed();
      run[i] = weight * input[from + i]! + (1 - weight) * replaced;
      this.#passAge += 1;
    }
    for (let i = fading; i < count; i += 1) run[i] = input[from + i]!;
    if (this.#passAge >= length) this.#passAge = ramp.length;
  }

  #mute(count: number, isMuted: boolean): void {
    const muteRamp = this.#ramp.length;
    for (let i = 0; i < count; i += 1) {
      if (isMuted ? this.#muteAge < muteRamp : this.#muteAge > 0) this.#muteAge += isMuted ? 1 : -1;
      const gain = this.#muteAge === 0 ? 1 : this.#muteAge === muteRamp ? 0 : 1 - this.#ramp[this.#muteAge]!;
      this.#run[i]! *= gain;
    }
  }

  /** Lets the concealer know what has left so far. */
  #catchUp(to: number): void {
    if (to > this.#remembered) this.#concealer.remember(this.#output, this.#remembered, to);
    this.#remembered = to;
  }

  #concealed(): number {
    return this.#mode === 'silence' ? 0 : this.#concealer.next();
  }

  /** The mask into `run[from ... to)`. */
  #mask(from: number, to: number): void {
    if (this.#mode === 'tone') this.#maskTone(from, to);
    else if (this.#mode === 'silence') this.#run.fill(0, from, to);
    else for (let i = from; i < to; i += 1) this.#run[i] = this.#noisePeak * this.#noise.next();
    this.#maskAge += to - from;
  }

  /** One sine and one cosine per run, then a turn per sample: over a frame it errs by less than 1e-12, before it is kept in 24 bits. */
  #maskTone(from: number, to: number): void {
    const run = this.#run;
    const turnRe = this.#turnRe;
    const turnIm = this.#turnIm;
    let re = this.#maskPeak * Math.cos(this.#radians * this.#maskAge);
    let im = this.#maskPeak * Math.sin(this.#radians * this.#maskAge);
    for (let i = from; i < to; i += 1) {
      run[i] = im;
      const next = re * turnRe - im * turnIm;
      im = re * turnIm + im * turnRe;
      re = next;
    }
  }
}
