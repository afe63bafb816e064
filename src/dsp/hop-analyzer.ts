import { DECIMATORS } from './decimator.ts';
import type { Decimator } from './decimator.ts';
import { appendInput } from './kernel/kernel-port.ts';
import { DEFAULT_POOL } from './kernel/kernel.ts';
import {
  ALERT,
  COLUMN_POWER,
  DESCRIBED,
  DETECT,
  FEATURES,
  FROZEN,
  GATE_FEATURES,
  HOLD_FEATURES,
  HOLD_SCORE,
  LAST_SILENCE,
  RAW_ENERGY,
  ROW_POWER,
  SCORE,
  SLOT,
  SOUNDING,
  THOROUGH,
} from './kernel/layout.ts';
import type { StatePool } from './kernel/state-pool.ts';
import { PairEvidence } from './pair-evidence.ts';

const NO_FEATURES = new Float32Array(HOLD_FEATURES);

/** Turns core samples into what the gate decides on, hop by hop. The arithmetic and the state are the kernel's. */
export class HopAnalyzer {
  /** What `measure` found. */
  readonly evidence: PairEvidence;
  /** Whether the newest hop passed the first look, so that `features` are its own. */
  isDescribed = false;

  readonly #pool: StatePool;
  /** Address of this call's state; 0 after a wipe. */
  #state = 0;
  #flags = 0;
  /** The memory that the features are views of: memory that grows is another. */
  #viewed: Float32Array | null = null;
  #features: Float32Array = NO_FEATURES;
  #holdFeatures: Float32Array = NO_FEATURES;
  /** Hops that the kernel has taken and `next` has not told of; whether the last of them is described. */
  #taken = 0;
  #isLastDescribed = false;
  readonly #factor: 1 | 2 | 3;

  constructor(pool: StatePool = DEFAULT_POOL, { factor }: Decimator = DECIMATORS[1]) {
    this.#pool = pool;
    this.#factor = factor;
    this.evidence = new PairEvidence(pool.kernel);
    this.#begin();
  }

  /** Features of the newest hop, if it `isDescribed`; a view of the kernel's memory, for use at once. */
  get features(): Float32Array {
    this.#view();
    return this.#features;
  }

  /** The same, then room for what else the hold network is asked about. */
  get holdFeatures(): Float32Array {
    this.#view();
    return this.#holdFeatures;
  }

  /** The hold network's score of `holdFeatures`. */
  holdScore(): number {
    this.#pool.kernel.hold(this.#state);
    return this.#pool.kernel.floats[(this.#state + HOLD_SCORE) / 4]!;
  }

  /** Describes the newest hop after all, while a digit `isSounding`. */
  describe(): void {
    this.#pool.kernel.describe(this.#state);
    this.isDescribed = true;
  }

  /** Measures the evidence for a digit in the newest 32 ms, while alert. */
  measure(): void {
    this.#pool.kernel.measure(this.#state);
  }

  /** Measures how strong the tones of `key` are in the newest 4 ms. */
  measurePresence(key: number): void {
    this.#pool.kernel.measurePresence(this.#state, key);
  }

  /** The newest hop is digital silence. */
  get isHopEmpty(): boolean {
    const { floats, integers } = this.#pool.kernel;
    return floats[(this.#state + RAW_ENERGY) / 4 + integers[(this.#state + SLOT) / 4]!] === 0;
  }

  /** Powers per sample of the strongest pair's tones over 10 ms, when described. */
  get rowPower(): number {
    return this.#pool.kernel.floats[(this.#state + ROW_POWER) / 4]!;
  }

  get columnPower(): number {
    return this.#pool.kernel.floats[(this.#state + COLUMN_POWER) / 4]!;
  }

  /** While true the predictor keeps its shape: a suspected tone must not teach it. */
  get isFrozen(): boolean {
    return (this.#flags & FROZEN) !== 0;
  }

  set isFrozen(isFrozen: boolean) {
    this.#set(FROZEN, isFrozen);
  }

  /** While true every hop is described, and all tone sums of the last 40 ms are known. */
  get isAlert(): boolean {
    return (this.#flags & ALERT) !== 0;
  }

  set isAlert(isAlert: boolean) {
    this.#set(ALERT, isAlert);
    if (isAlert) this.#pool.kernel.complete(this.#state);
  }

  /** While true and alert, hops are described when asked for: a known digit is evidence enough. */
  set isSounding(isSounding: boolean) {
    this.#set(SOUNDING, isSounding);
  }

  /** While true every hop that is loud enough is described, for the trainer: the network sees what speech has. */
  set isThorough(isThorough: boolean) {
    this.#set(THOROUGH, isThorough);
  }

  /** While true hops are searched for pairs only, and one that may hold a pair is described: onsets pass unseen. */
  set isDetectingOnly(isDetectingOnly: boolean) {
    this.#set(DETECT, isDetectingOnly);
  }

  /** Length of the last exact silence in ms: whole packets are lost packets with zeros in their place. */
  get lastSilenceMs(): number {
    const samples = this.#pool.kernel.integers[(this.#state + LAST_SILENCE) / 4]!;
    return samples / (8 * this.#factor);
  }

  /** Takes at most one frame of input, `input[from ... to)`; `next` must have returned false before. */
  collect(input: Int16Array, from: number, to: number): void {
    if (this.#state === 0) this.#begin();
    appendInput(this.#pool.kernel, this.#state, input, from, to);
  }

  /** Moves on to the next hop; false when the input has no whole one left. */
  next(): boolean {
    if (this.#taken === 0) {
      const result = this.#pool.kernel.hops(this.#state, this.#flags);
      this.#isLastDescribed = (result & DESCRIBED) !== 0;
      this.#taken = result & (DESCRIBED - 1);
      if (this.#taken === 0) return false;
    }
    this.#taken -= 1;
    this.isDescribed = this.#isLastDescribed && this.#taken === 0;
    return true;
  }

  /** Writes the gate's score of the described hop; a returned number might be boxed. */
  scoreInto(out: Float64Array, at: number): void {
    out[at] = this.#pool.kernel.floats[(this.#state + SCORE) / 4]!;
  }

  /** Zeroes the state and gives it back. */
  wipe(): void {
    if (this.#state !== 0) this.#pool.release(this, this.#state);
    this.#state = 0;
    this.#flags &= THOROUGH | DETECT;
    this.#taken = 0;
    this.isDescribed = false;
    this.evidence.state = 0;
  }

  #begin(): void {
    this.#state = this.#pool.acquire(this, this.#factor);
    this.#viewed = null;
    this.evidence.state = this.#state;
  }

  #view(): void {
    const { floats } = this.#pool.kernel;
    if (this.#viewed === floats) return;
    const at = (this.#state + FEATURES) / 4;
    this.#features = floats.subarray(at, at + GATE_FEATURES);
    this.#holdFeatures = floats.subarray(at, at + HOLD_FEATURES);
    this.#viewed = floats;
  }

  #set(flag: number, isSet: boolean): void {
    this.#flags = isSet ? this.#flags | flag : this.#flags & ~flag;
  }
}
