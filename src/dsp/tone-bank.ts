import { HOP_SAMPLES } from './constants.ts';
import { ROUNDING_NOISE } from './kernel/first-look.ts';
import type { Kernel } from './kernel/kernel-port.ts';
import { RING_HOPS, ROTATION, SLOT, TONES } from './kernel/layout.ts';
import { pairAmplitudesInto, pairEnergy } from './pair-fit.ts';

/** Numbers that `save` writes. */
export const SAVED_WINDOW = 2 * TONES + 1;

/**
 * The tone sums of one signal in a call's state, read for the decisions that are rare: fits of one chosen pair to any
 * window of up to five hops. Sums are complete while the analyzer is alert.
 */
export class ToneBank {
  /** Address of the call's state. */
  state = 0;
  /** Amplitudes of the last fit: [cos row, sin row, cos column, sin column]. */
  readonly amplitudes = new Float64Array(4);

  readonly #kernel: Kernel;
  readonly #sums: number;
  readonly #energies: number;
  readonly #cosine = new Float64Array(TONES);
  readonly #sine = new Float64Array(TONES);
  #energy = 0;
  #lag = 0;
  #hops = 0;

  /** `sums` and `energies` are byte offsets of the rings in a state. */
  constructor(kernel: Kernel, sums: number, energies: number) {
    this.#kernel = kernel;
    this.#sums = sums;
    this.#energies = energies;
  }

  /** Energy of the hop `lag` hops before the newest. */
  hopEnergy(lag: number): number {
    return this.#kernel.floats[(this.state + this.#energies) / 4 + this.#slot(lag)]!;
  }

  /** Opens the window of `hops` hops that ends `lag` hops before the newest. */
  open(lag: number, hops: number): void {
    this.#cosine.fill(0);
    this.#sine.fill(0);
    this.#energy = 0;
    this.#lag = lag;
    this.#hops = hops;
    for (let distance = 0; distance < hops; distance += 1) this.#accumulate(distance);
  }

  /** Copies the open window's sums into `out[at ...]`, `SAVED_WINDOW` numbers. */
  save(out: Float64Array, at: number): void {
    for (let tone = 0; tone < TONES; tone += 1) {
      out[at + tone] = this.#cosine[tone]!;
      out[at + TONES + tone] = this.#sine[tone]!;
    }
    out[at + 2 * TONES] = this.#energy;
  }

  /** Opens a window of `hops` hops that was saved. */
  restore(saved: Float64Array, at: number, hops: number): void {
    for (let tone = 0; tone < TONES; tone += 1) {
      this.#cosine[tone] = saved[at + tone]!;
      this.#sine[tone] = saved[at + TONES + tone]!;
    }
    this.#energy = saved[at + 2 * TONES]!;
    this.#hops = hops;
  }

  /** Fits the open window with one pair, fills `amplitudes`, and returns the explained share of the energy. */
  fitKey(key: number): number {
    const energy = pairEnergy(this.#hops, key, this.#cosine, this.#sine);
    pairAmplitudesInto(this.amplitudes, this.#hops, key, this.#cosine, this.#sine);
    return energy / (this.#energy + ROUNDING_NOISE * this.#hops * HOP_SAMPLES);
  }

  /** Energy of one tone in the open window by itself, as if no other were there. */
  toneEnergy(tone: number): number {
    const c = this.#cosine[tone]!;
    const s = this.#sine[tone]!;
    return (2 * (c * c + s * s)) / (this.#hops * HOP_SAMPLES);
  }

  wipe(): void {
    this.#cosine.fill(0);
    this.#sine.fill(0);
    this.amplitudes.fill(0);
    this.#energy = 0;
  }

  #accumulate(distance: number): void {
    const { floats } = this.#kernel;
    const slot = this.#slot(this.#lag + distance);
    const at = (this.state + this.#sums) / 4 + slot * 2 * TONES;
    const turn = ROTATION / 4 + distance * 2 * TONES;
    for (let tone = 0; tone < TONES; tone += 1) {
      const c = floats[at + tone]!;
      const s = floats[at + TONES + tone]!;
      const rc = floats[turn + tone]!;
      const rs = floats[turn + TONES + tone]!;
      this.#cosine[tone]! += c * rc + s * rs;
      this.#sine[tone]! += s * rc - c * rs;
    }
    this.#energy += floats[(this.state + this.#energies) / 4 + slot]!;
  }

  #slot(lag: number): number {
    const slot = this.#kernel.integers[(this.state + SLOT) / 4]! - lag;
    return slot < 0 ? slot + RING_HOPS : slot;
  }
}
