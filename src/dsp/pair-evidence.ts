import type { Kernel } from './kernel/kernel-port.ts';
import {
  DIGIT,
  DIGIT_FEATURES,
  DIGIT_KEY,
  DIGIT_SCORE,
  LEVELS,
  OFFSETS,
  PHASORS,
  PRESENT,
  SEGMENT_HOPS,
  SEGMENTS,
  SPREADS,
} from './kernel/layout.ts';

/** The time that the evidence spans, in hops. */
export const EVIDENCE_HOPS = SEGMENTS * SEGMENT_HOPS;

/** A tone of a pair. */
export type Group = 0 | 1;
export const ROW: Group = 0;
export const COLUMN: Group = 1;

/** What the last 32 ms say about one tone pair, as the kernel measured it. */
export class PairEvidence {
  /** Address of the call's state. */
  state = 0;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** The pair with the most energy. */
  get key(): number {
    return this.#kernel.integers[(this.state + DIGIT_KEY) / 4]!;
  }

  /** Log-odds that it is a digit. */
  get score(): number {
    return this.#float(DIGIT_SCORE, 0);
  }

  /** What the score is of; a view of the kernel's memory, for use at once. For the trainer: it is made anew each time. */
  get features(): Float32Array {
    const at = (this.state + DIGIT) / 4;
    return this.#kernel.floats.subarray(at, at + DIGIT_FEATURES);
  }

  /** Deviation from the nominal frequency in percent. */
  offsetPercent(group: Group): number {
    return this.#float(OFFSETS, group);
  }

  /** Mean level of a tone. */
  dbm0(group: Group): number {
    return this.#float(LEVELS, group);
  }

  /** The strongest segment against the weaker one of the first and the last. */
  spreadDb(group: Group): number {
    return this.#float(SPREADS, group);
  }

  /** Complex amplitude of a tone in the newest 8 ms, its phase that in the centre of the newest hop. */
  real(group: Group): number {
    return this.#float(PHASORS, group);
  }

  imaginary(group: Group): number {
    return this.#float(PHASORS, 2 + group);
  }

  /** Squared amplitude of a tone of the asked key in the newest 4 ms. */
  presentPower(group: Group): number {
    return this.#float(PRESENT, group);
  }

  #float(place: number, index: number): number {
    return this.#kernel.floats[(this.state + place) / 4 + index]!;
  }
}
