import type { SampleRate } from '../core/sample-rate.ts';

/** ITU-T Q.23: the row tones, then the column tones. Written here again on purpose: this check shares no table with the masker. */
const TONES_HZ = [697, 770, 852, 941, 1209, 1336, 1477, 1633] as const;
const ROWS = 4;

/** Blocks are one transport frame long, so that the answer is about the frame just sent. */
const BLOCK_MS = 20;

/** Share of a block's energy that the best pair must have: two clean tones have nearly all of it, speech hardly ever. */
const PAIR_SHARE = 0.9;

/** Mean square of a block below which nothing is heard: a tone pair at -45 dBm0 each, in squared 16 bit samples. */
const LEAST_POWER = 2 * 0.5 * (22827 * 10 ** (-45 / 20)) ** 2;

/** The weaker tone against the stronger one, in energy: -15 dB, beyond any twist that a receiver accepts. */
const LEAST_BALANCE = 10 ** (-15 / 10);

/** Blocks in a row with one and the same pair. A receiver needs 40 ms to read a digit; voices do not stay that pure. */
const BLOCKS_IN_A_ROW = 2;

/**
 * Listens to what leaves for the agent, by a plain Goertzel bank that has nothing in common with the masker. It is
 * the last line: if it ever hears a digit, the masker has failed, and the agent side must be muted.
 */
export class OutputGuard {
  readonly #coefficients: Float64Array;
  readonly #energies = new Float64Array(TONES_HZ.length);
  readonly #blockSamples: number;
  #lastPair = -1;
  #blocksInARow = 0;

  constructor(rate: SampleRate) {
    this.#blockSamples = (rate * BLOCK_MS) / 1000;
    this.#coefficients = Float64Array.from(TONES_HZ, (hz) => 2 * Math.cos((2 * Math.PI * hz) / rate));
  }

  /** Whether a digit can be heard in the frame, together with the frames before it. `frame`: 20 ms. */
  check(frame: Int16Array): boolean {
    const pair = this.#pairIn(frame);
    this.#blocksInARow = pair >= 0 && pair === this.#lastPair ? this.#blocksInARow + 1 : pair >= 0 ? 1 : 0;
    this.#lastPair = pair;
    return this.#blocksInARow >= BLOCKS_IN_A_ROW;
  }

  /** Forgets the frames before. */
  wipe(): void {
    this.#energies.fill(0);
    this.#lastPair = -1;
    this.#blocksInARow = 0;
  }

  /** The pair that makes up the frame, as a number of 0 to 15; -1 if there is none. */
  #pairIn(frame: Int16Array): number {
    let power = 0;
    for (let n = 0; n < frame.length; n++) power += frame[n]! * frame[n]!;
    if (power < LEAST_POWER * this.#blockSamples) return -1;
    this.#measure(frame, 0);
    this.#measure(frame, ROWS);
    const row = this.#strongest(0, ROWS);
    const column = this.#strongest(ROWS, TONES_HZ.length);
    const rowEnergy = this.#energies[row]!;
    const columnEnergy = this.#energies[column]!;
    const isBalanced = Math.min(rowEnergy, columnEnergy) > LEAST_BALANCE * Math.max(rowEnergy, columnEnergy);
    return isBalanced && rowEnergy + columnEnergy > PAIR_SHARE * power ? row * ROWS + column - ROWS : -1;
  }

  /**
   * Energies of the frame at four tones from `first` on, in the unit of the frame's own energy (Goertzel). Each step of
   * the recursion waits for the one before, so that four side by side cost hardly more than one.
   */
  #measure(frame: Int16Array, first: number): void {
    const ca = this.#coefficients[first]!;
    const cb = this.#coefficients[first + 1]!;
    const cc = this.#coefficients[first + 2]!;
    const cd = this.#coefficients[first + 3]!;
    let a1 = 0;
    let a2 = 0;
    let b1 = 0;
    let b2 = 0;
    let c1 = 0;
    let c2 = 0;
    let d1 = 0;
    let d2 = 0;
    for (let n = 0; n < frame.length; n++) {
      const x = frame[n]!;
      const a = x + ca * a1 - a2;
      const b = x + cb * b1 - b2;
      const c = x + cc * c1 - c2;
      const d = x + cd * d1 - d2;
      a2 = a1;
      b2 = b1;
      c2 = c1;
      d2 = d1;
      a1 = a;
      b1 = b;
      c1 = c;
      d1 = d;
    }
    const scale = 2 / frame.length;
    this.#energies[first] = scale * (a1 * a1 + a2 * a2 - ca * a1 * a2);
    this.#energies[first + 1] = scale * (b1 * b1 + b2 * b2 - cb * b1 * b2);
    this.#energies[first + 2] = scale * (c1 * c1 + c2 * c2 - cc * c1 * c2);
    this.#energies[first + 3] = scale * (d1 * d1 + d2 * d2 - cd * d1 * d2);
  }

  #strongest(from: number, to: number): number {
    let best = from;
    for (let tone = from + 1; tone < to; tone++)
      if (this.#energies[tone]! > this.#energies[best]!) best = tone;
    return best;
  }
}
