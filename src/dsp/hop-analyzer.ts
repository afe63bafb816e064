import type { Decimator } from './decimator.ts';
import { DEFAULT_POOL } from './kernel/kernel.ts';
import {
  ALERT,
  COLUMN_POWER,
  FEATURES,
  FROZEN,
  GATE_FEATURES,
  INNOVATION_ENERGY,
  INNOVATION_SUMS,
  NEWEST,
  RAW_ENERGY,
  RAW_SUMS,
  ROW_POWER,
  SCORE,
  THOROUGH,
} from './kernel/layout.ts';
import type { StatePool } from './kernel/state-pool.ts';
import { ToneBank } from './tone-bank.ts';

const NO_FEATURES = new Float32Array(GATE_FEATURES);

/** Turns core samples into what the gate decides on, hop by hop. The arithmetic and the state are the kernel's. */
export class HopAnalyzer {
  readonly raw: ToneBank;
  readonly innovation: ToneBank;
  /** Whether the newest hop passed the first look, so that `features` are its own. */
  isDescribed = false;

  readonly #pool: StatePool;
  /** Address of this call's state; 0 after a wipe. */
  #state = 0;
  #flags = 0;
  /** The memory that `#features` is a view of: memory that grows is another. */
  #viewed: Float32Array | null = null;
  #features: Float32Array = NO_FEATURES;
  #lastSilence = 0;
  #samplesPerMs = 8;

  constructor(pool: StatePool = DEFAULT_POOL) {
    this.#pool = pool;
    this.raw = new ToneBank(pool.kernel, RAW_SUMS, RAW_ENERGY);
    this.innovation = new ToneBank(pool.kernel, INNOVATION_SUMS, INNOVATION_ENERGY);
    this.#begin();
  }

  /** Features of the newest hop, if it `isDescribed`; a view of the kernel's memory, for use at once. */
  get features(): Float32Array {
    const { floats } = this.#pool.kernel;
    if (this.#viewed !== floats) {
      const at = (this.#state + FEATURES) / 4;
      this.#features = floats.subarray(at, at + GATE_FEATURES);
      this.#viewed = floats;
    }
    return this.#features;
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

  /** While true every hop that is loud enough is described, for the trainer: the network sees what speech has. */
  set isThorough(isThorough: boolean) {
    this.#set(THOROUGH, isThorough);
  }

  /** Length of the last exact silence in ms: whole packets are lost packets with zeros in their place. */
  get lastSilenceMs(): number {
    return this.#lastSilence / this.#samplesPerMs;
  }

  /** Takes the hop that the decimator has collected. */
  take(decimator: Decimator): void {
    if (this.#state === 0) this.#begin();
    const { kernel } = this.#pool;
    this.#lastSilence = decimator.lastSilence;
    this.#samplesPerMs = 8 * decimator.factor;
    decimator.hopInto(kernel.floats, (this.#state + NEWEST) / 4);
    this.isDescribed = kernel.hop(this.#state, this.#flags) === 1;
  }

  /** Writes the gate's score of the described hop; a returned number might be boxed. */
  scoreInto(out: Float64Array, at: number): void {
    out[at] = this.#pool.kernel.floats[(this.#state + SCORE) / 4]!;
  }

  /** Zeroes the state and gives it back. */
  wipe(): void {
    if (this.#state !== 0) this.#pool.release(this, this.#state);
    this.#state = 0;
    this.#flags &= THOROUGH;
    this.isDescribed = false;
    this.raw.wipe();
    this.innovation.wipe();
  }

  #begin(): void {
    this.#state = this.#pool.acquire(this);
    this.#viewed = null;
    this.raw.state = this.#state;
    this.innovation.state = this.#state;
  }

  #set(flag: number, isSet: boolean): void {
    this.#flags = isSet ? this.#flags | flag : this.#flags & ~flag;
  }
}
