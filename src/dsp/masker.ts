import { assert } from '../core/assert.ts';
import type { DigitCode } from '../core/digit.ts';
import type { SampleRate } from '../core/sample-rate.ts';
import { FRAME_MS, HOP_SAMPLES } from './constants.ts';
import { decimatorFor } from './decimator.ts';
import type { Decimator } from './decimator.ts';
import type { DigitListener } from './digit-tracker.ts';
import { DigitTracker } from './digit-tracker.ts';
import { HopAnalyzer } from './hop-analyzer.ts';
import { DEFAULT_POOL } from './kernel/kernel.ts';
import type { StatePool } from './kernel/state-pool.ts';
import { MaskGate } from './mask-gate.ts';
import type { Sensitivity } from './suspicion.ts';
import { MaskPlan } from './mask-plan.ts';
import { OutputShaper } from './output-shaper.ts';
import type { MaskMode } from './output-shaper.ts';

export type { Sensitivity } from './suspicion.ts';
export type { MaskMode } from './output-shaper.ts';

export interface MaskerSettings {
  readonly sampleRate: SampleRate;
  /** How long caller audio is held back: 2 to 100 ms. */
  readonly lookaheadMs: number;
  readonly mode: MaskMode;
  readonly maskFrequencyHz: number;
  readonly maskLevelDbm0: number;
  readonly sensitivity: Sensitivity;
  /** Seed of the comfort noise. */
  readonly seed: number;
}

/** Called synchronously from `process`; positions are input samples since the start of the stream. */
export interface MaskerObserver {
  /** Once per key press, at its confirmation, at most 40 ms after the onset. */
  digitStarted(code: DigitCode, startSample: number, confidence: number): void;
  digitEnded(code: DigitCode, endSample: number): void;
  /** A span of samples that the agent does not get, whatever replaces them. */
  maskStarted(startSample: number): void;
  maskEnded(endSample: number): void;
}

const LOOKAHEAD_MS_MIN = 2;
const LOOKAHEAD_MS_MAX = 100;

/** The mark ring reaches from the oldest unsent sample over one frame and one hop ahead; rounded up generously. */
const PLAN_MARGIN_MS = 2 * FRAME_MS + 8;

/**
 * The live path from caller to agent: holds audio back for the look-ahead, finds what could be a DTMF tone, and
 * replaces it before it leaves. Input of any length is cut at frame boundaries of the stream, so that calls with whole
 * frames give the same output however they are grouped.
 */
export class Masker {
  /** Delay between input and output: the look-ahead, exactly; all analysis happens within it. */
  readonly latencySamples: number;

  readonly #observer: MaskerObserver;
  readonly #frameSamples: number;
  readonly #decimator: Decimator;
  readonly #analyzer: HopAnalyzer;
  readonly #tracker: DigitTracker;
  readonly #plan: MaskPlan;
  readonly #gate: MaskGate;
  readonly #shaper: OutputShaper;
  /** Audio not yet sent, then the frame that pushes it on. */
  readonly #line: Int16Array;
  /** The first frame of it. */
  readonly #outgoing: Int16Array;
  #consumed = 0;
  #hop = 0;
  #isArmed = true;
  #isMuted = false;
  #isReplacing = false;
  #coveredUntil = -Infinity;

  constructor(settings: MaskerSettings, observer: MaskerObserver, pool: StatePool = DEFAULT_POOL) {
    const { sampleRate: rate, lookaheadMs } = settings;
    assert(lookaheadMs >= LOOKAHEAD_MS_MIN && lookaheadMs <= LOOKAHEAD_MS_MAX, 'look-ahead out of range');
    this.#observer = observer;
    this.latencySamples = Math.round((lookaheadMs * rate) / 1000);
    this.#frameSamples = (FRAME_MS * rate) / 1000;
    this.#decimator = decimatorFor(rate);
    this.#analyzer = new HopAnalyzer(pool, this.#decimator);
    this.#tracker = new DigitTracker(this.#analyzer, this.#digitListener(rate));
    this.#plan = new MaskPlan(rate, Math.ceil(lookaheadMs) + PLAN_MARGIN_MS);
    this.#gate = new MaskGate(this.#analyzer, this.#tracker, this.#plan, {
      samplesPerMs: rate / 1000,
      analysisDelaySamples: this.#decimator.delaySamples,
      lookaheadSamples: this.latencySamples,
    });
    this.#gate.sensitivity = settings.sensitivity;
    const { mode, maskFrequencyHz, maskLevelDbm0, seed } = settings;
    this.#shaper = new OutputShaper(rate, mode, maskFrequencyHz, maskLevelDbm0, seed);
    this.#line = new Int16Array(this.latencySamples + this.#frameSamples);
    this.#outgoing = this.#line.subarray(0, this.#frameSamples);
  }

  /** Takes any number of input samples and writes as many output samples; the two must not share memory. */
  process(input: Int16Array, output: Int16Array): void {
    assert(input.length === output.length, 'input and output differ in length');
    let from = 0;
    while (from < input.length) {
      const toFrame = this.#frameSamples - (this.#consumed % this.#frameSamples);
      const to = Math.min(input.length, from + toFrame);
      this.#listen(input, from, to);
      this.#send(input, output, from, to);
      from = to;
    }
  }

  /** Takes effect with the next decision; nothing in flight is lost. */
  setSensitivity(sensitivity: Sensitivity): void {
    this.#gate.sensitivity = sensitivity;
  }

  /** Disarmed, the detector runs and the audio passes, with the same delay. */
  setArmed(isArmed: boolean): void {
    this.#isArmed = isArmed;
    this.#analyzer.isDetectingOnly = !isArmed;
  }

  /** Fail closed: silence, with a short ramp, whatever the input. */
  setMuted(isMuted: boolean): void {
    this.#isMuted = isMuted;
  }

  /** A telephone event without a tone in the audio: the mask sounds from the next sample on for `durationMs`. */
  coverEvent(durationMs: number): void {
    const until = this.#sent + Math.ceil((durationMs * this.#frameSamples) / FRAME_MS);
    if (until > this.#coveredUntil) this.#coveredUntil = until;
  }

  /** `samples` input samples were lost before the next one. They are not counted in positions. */
  reportGap(samples: number): void {
    if (samples > 0) this.#tracker.forgive();
  }

  /** Zeroes everything that held caller audio or told a digit. */
  wipe(): void {
    this.#analyzer.wipe();
    this.#tracker.wipe();
    this.#gate.wipe();
    this.#shaper.wipe();
    this.#line.fill(0);
  }

  /** Position of the next sample to leave; negative during the first look-ahead. */
  get #sent(): number {
    return this.#consumed - this.latencySamples;
  }

  #listen(input: Int16Array, from: number, to: number): void {
    const analyzer = this.#analyzer;
    analyzer.collect(input, from, to);
    while (analyzer.next()) {
      this.#gate.update(this.#hop);
      this.#hop += 1;
    }
  }

  #send(input: Int16Array, output: Int16Array, from: number, to: number): void {
    const line = this.#line;
    const latency = this.latencySamples;
    if (from === 0 && to === input.length) line.set(input, latency);
    else for (let i = from; i < to; i += 1) line[latency + i - from] = input[i]!;
    const isOver = !this.#isReplacing && this.#sent >= this.#coveredUntil;
    if (isOver && !this.#isMuted && this.#shaper.isTransparent && (this.#plan.isEmpty || !this.#isArmed)) {
      if (to - from === this.#frameSamples) output.set(this.#outgoing, from);
      else for (let i = from; i < to; i += 1) output[i] = line[i - from]!;
      this.#shaper.pass(output, from, to);
      this.#consumed += to - from;
    } else this.#shape(output, from, to);
    line.copyWithin(0, to - from, to - from + latency);
    if (this.#sent > 0) this.#plan.release(this.#sent);
  }

  /** Run by run, where something is or has just been replaced. */
  #shape(output: Int16Array, from: number, to: number): void {
    const shaper = this.#shaper;
    shaper.begin(output, from);
    for (let at = from; at < to;) {
      const position = this.#sent;
      const isMarked = position >= 0 && this.#isArmed && this.#plan.isMarked(position);
      const isCovered = position < this.#coveredUntil;
      if ((isMarked || isCovered) !== this.#isReplacing) this.#turn(position);
      const count = this.#runEnd(position, position + to - at) - position;
      shaper.shape(this.#line, at - from, at, count, isMarked, isCovered, this.#isMuted);
      this.#consumed += count;
      at += count;
    }
    shaper.end(to);
  }

  /** Up to where what holds for `position` holds, at most `limit`. */
  #runEnd(position: number, limit: number): number {
    const isOver = position >= this.#coveredUntil;
    const end = isOver || this.#coveredUntil > limit ? limit : this.#coveredUntil;
    if (position < 0) return Math.min(0, end);
    return this.#isArmed ? this.#plan.sameUntil(position, end) : end;
  }

  #turn(position: number): void {
    this.#isReplacing = !this.#isReplacing;
    if (this.#isReplacing) this.#observer.maskStarted(position);
    else this.#observer.maskEnded(position);
  }

  /** Translates hops of the core into positions of the stream. */
  #digitListener(rate: SampleRate): DigitListener {
    const perHop = (HOP_SAMPLES * rate) / 8000;
    const delay = this.#decimator.delaySamples;
    return {
      digitStarted: (code, hop, confidence) =>
        this.#observer.digitStarted(code, Math.max(0, hop * perHop - delay), confidence),
      digitEnded: (code, hop) => this.#observer.digitEnded(code, Math.max(0, hop * perHop - delay)),
    };
  }
}
