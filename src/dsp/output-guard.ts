import type { SampleRate } from '../core/sample-rate.ts';

/** ITU-T Q.23: the row tones, then the column tones. Written here again on purpose: this check shares no table with the masker. */
const TONES_HZ = [697, 770, 852, 941, 1209, 1336, 1477, 1633] as const;
const ROWS = 4;

/** All rates are brought to this one by adding up neighbours, which costs less than to listen at three times the rate. */
const WORK_RATE_HZ = 8000;

/** Two blocks per transport frame. Over 10 ms a tone that is 1.8 % off still shows three quarters of its energy. */
const BLOCK_SAMPLES = WORK_RATE_HZ / 100;

/** Blocks in a row with one and the same pair: a press of 40 ms has three whole blocks, wherever it begins. */
const BLOCKS_IN_A_ROW = 3;

/**
 * Share of a block's energy that the best pair must have at its nominal frequencies. 1.8 % of offset, 6 dB of twist
 * towards the column and 15 dB of signal to noise together leave 0.76, give or take noise and leakage.
 */
const NOMINAL_SHARE = 0.6;

/**
 * Share of the energy of all blocks that two steady tones must have, at the frequencies that fit them best. 15 dB of
 * signal to noise leave 0.97; voices and music do not stay that pure for 30 ms.
 */
const STEADY_SHARE = 0.9;

/** Mean square of a block below which nothing is heard: a tone pair at -45 dBm0 each, in squared 16 bit samples. */
const LEAST_POWER = 2 * 0.5 * (22827 * 10 ** (-45 / 20)) ** 2;

/** The weaker tone against the stronger one, in energy: -12 dB, twice the widest twist that is common, in dB. */
const LEAST_BALANCE = 10 ** (-12 / 10);

/** How far a tone may be off: receivers take 1.8 % (ITU-T Q.24, NTT); noise and the other tone's leakage add to it. */
const OFFSET_MAX = 0.028;

/**
 * Listens to what leaves for the agent, by a plain Goertzel bank that has nothing in common with the masker. It is
 * the last line: if it ever hears a digit, the masker has failed, and the agent side must be muted. No more than
 * 40 ms of a tone leave before. 2.5 hours of speech and music, also at 0.8 and 1.25 of their speed, raise no alarm.
 */
export class OutputGuard {
  readonly #factor: number;
  readonly #block = new Float64Array(BLOCK_SAMPLES);
  readonly #energies = new Float64Array(TONES_HZ.length);
  readonly #reals = new Float64Array(TONES_HZ.length);
  readonly #imaginaries = new Float64Array(TONES_HZ.length);
  /** Of the blocks in a row, latest last: energy, and the complex sums of row and column. */
  readonly #powers = new Float64Array(BLOCKS_IN_A_ROW);
  readonly #rows = new Float64Array(2 * BLOCKS_IN_A_ROW);
  readonly #columns = new Float64Array(2 * BLOCKS_IN_A_ROW);
  #power = 0;
  #lastPair = -1;
  #blocksInARow = 0;

  constructor(rate: SampleRate) {
    this.#factor = rate / WORK_RATE_HZ;
  }

  /**
   * Whether a digit can be heard in the frame, together with the frames before it. `frame`: 20 ms. Three blocks in a
   * row hold the second block of a frame, or end with a first one: most frames are done with after their second.
   */
  check(frame: Int16Array): boolean {
    const second = BLOCK_SAMPLES * this.#factor;
    if (this.#pairIn(frame, second) < 0 && this.#blocksInARow < BLOCKS_IN_A_ROW - 1) {
      this.#lastPair = -1;
      this.#blocksInARow = 0;
      return false;
    }
    const isHeardInFirst = this.#listen(frame, 0);
    return this.#listen(frame, second) || isHeardInFirst;
  }

  /** Forgets the frames before. */
  wipe(): void {
    this.#block.fill(0);
    this.#energies.fill(0);
    this.#reals.fill(0);
    this.#imaginaries.fill(0);
    this.#powers.fill(0);
    this.#rows.fill(0);
    this.#columns.fill(0);
    this.#power = 0;
    this.#lastPair = -1;
    this.#blocksInARow = 0;
  }

  #listen(frame: Int16Array, at: number): boolean {
    const pair = this.#pairIn(frame, at);
    this.#blocksInARow = pair < 0 ? 0 : pair === this.#lastPair ? this.#blocksInARow + 1 : 1;
    this.#lastPair = pair;
    if (pair < 0) return false;
    this.#remember(pair >> 2, ROWS + (pair & 3));
    return this.#blocksInARow >= BLOCKS_IN_A_ROW && this.#isSteady(pair >> 2, ROWS + (pair & 3));
  }

  #remember(row: number, column: number): void {
    this.#powers.copyWithin(0, 1);
    this.#rows.copyWithin(0, 2);
    this.#columns.copyWithin(0, 2);
    const last = BLOCKS_IN_A_ROW - 1;
    this.#powers[last] = this.#power;
    this.#rows[2 * last] = this.#reals[row]!;
    this.#rows[2 * last + 1] = this.#imaginaries[row]!;
    this.#columns[2 * last] = this.#reals[column]!;
    this.#columns[2 * last + 1] = this.#imaginaries[column]!;
  }

  /** Whether two steady tones make up the blocks remembered. */
  #isSteady(row: number, column: number): boolean {
    let power = 0;
    for (let k = 0; k < BLOCKS_IN_A_ROW; k++) power += this.#powers[k]!;
    const steady = steadyEnergy(this.#rows, row) + steadyEnergy(this.#columns, column);
    return steady >= STEADY_SHARE * power;
  }

  /** The pair that makes up the block, as a number of 0 to 15; -1 if there is none. */
  #pairIn(frame: Int16Array, at: number): number {
    const power = this.#take(frame, at);
    if (power < LEAST_POWER * BLOCK_SAMPLES) return -1;
    this.#measure(0);
    this.#measure(ROWS);
    const row = this.#strongest(0, ROWS);
    const column = this.#strongest(ROWS, TONES_HZ.length);
    const rowEnergy = this.#energies[row]!;
    const columnEnergy = this.#energies[column]!;
    const isBalanced = Math.min(rowEnergy, columnEnergy) > LEAST_BALANCE * Math.max(rowEnergy, columnEnergy);
    const isPure = rowEnergy + columnEnergy > NOMINAL_SHARE * power;
    this.#power = power;
    return isBalanced && isPure ? row * ROWS + column - ROWS : -1;
  }

  /** Fills the block from the frame, and returns its energy. */
  #take(frame: Int16Array, at: number): number {
    const block = this.#block;
    const factor = this.#factor;
    let energy = 0;
    for (let n = 0, from = at; n < BLOCK_SAMPLES; n++, from += factor) {
      let value = frame[from]!;
      if (factor === 2) value = (value + frame[from + 1]!) / 2;
      else if (factor === 3) value = (value + frame[from + 1]! + frame[from + 2]!) / 3;
      block[n] = value;
      energy += value * value;
    }
    return energy;
  }

  /**
   * Energies of the block at four tones from `first` on, in the unit of the block's own energy, and the complex sums
   * behind them (Goertzel). Each step of the recursion waits for the one before, so that four side by side cost hardly more
   * than one.
   */
  #measure(first: number): void {
    const block = this.#block;
    const ca = 2 * COSINES[first]!;
    const cb = 2 * COSINES[first + 1]!;
    const cc = 2 * COSINES[first + 2]!;
    const cd = 2 * COSINES[first + 3]!;
    let a1 = 0;
    let a2 = 0;
    let b1 = 0;
    let b2 = 0;
    let c1 = 0;
    let c2 = 0;
    let d1 = 0;
    let d2 = 0;
    for (let n = 0; n < BLOCK_SAMPLES; n++) {
      const x = block[n]!;
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
    this.#keep(first, a1, a2);
    this.#keep(first + 1, b1, b2);
    this.#keep(first + 2, c1, c2);
    this.#keep(first + 3, d1, d2);
  }

  #keep(tone: number, s1: number, s2: number): void {
    const real = s1 - COSINES[tone]! * s2;
    const imaginary = SINES[tone]! * s2;
    this.#energies[tone] = (2 / BLOCK_SAMPLES) * (real * real + imaginary * imaginary);
    this.#reals[tone] = real;
    this.#imaginaries[tone] = imaginary;
  }

  #strongest(from: number, to: number): number {
    let best = from;
    for (let tone = from + 1; tone < to; tone++)
      if (this.#energies[tone]! > this.#energies[best]!) best = tone;
    return best;
  }
}

/** Radians per sample of a tone. */
function turnOf(tone: number): number {
  return (2 * Math.PI * TONES_HZ[tone]!) / WORK_RATE_HZ;
}

const COSINES = Float64Array.from(TONES_HZ, (_, tone) => Math.cos(turnOf(tone)));
const SINES = Float64Array.from(TONES_HZ, (_, tone) => Math.sin(turnOf(tone)));

/**
 * Energy of one steady tone through all blocks, given its complex sums per block; 0 if its frequency is too far off.
 * How far its phase runs ahead of the nominal frequency from block to block tells its true one, and that in turn what
 * the sums have lost for having been taken beside it.
 */
function steadyEnergy(sums: Float64Array, tone: number): number {
  const step = turnOf(tone) * BLOCK_SAMPLES;
  let aheadReal = 0;
  let aheadImaginary = 0;
  for (let k = 2; k < sums.length; k += 2) {
    aheadReal += sums[k]! * sums[k - 2]! + sums[k + 1]! * sums[k - 1]!;
    aheadImaginary += sums[k + 1]! * sums[k - 2]! - sums[k]! * sums[k - 1]!;
  }
  const ahead = wrapped(Math.atan2(aheadImaginary, aheadReal) - step);
  if (Math.abs(ahead) > OFFSET_MAX * step) return 0;
  let real = 0;
  let imaginary = 0;
  for (let k = 0; k < sums.length; k += 2) {
    const back = (-(step + ahead) * k) / 2;
    const cosine = Math.cos(back);
    const sine = Math.sin(back);
    real += sums[k]! * cosine - sums[k + 1]! * sine;
    imaginary += sums[k]! * sine + sums[k + 1]! * cosine;
  }
  const kept = ahead === 0 ? 1 : Math.sin(ahead / 2) / (ahead / 2);
  return (2 * (real * real + imaginary * imaginary)) / (BLOCK_SAMPLES * BLOCKS_IN_A_ROW * kept * kept);
}

/** The angle within half a turn of zero. */
function wrapped(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}
