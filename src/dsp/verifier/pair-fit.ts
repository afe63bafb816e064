import { columnTurn, rowTurn } from './key-pairs.ts';

/**
 * Frequencies are sought this far around the nominal ones: receivers take 1.8 % (ITU-T Q.24, NTT), and 3 ms tell a
 * frequency to about 1 %.
 */
const OFFSET_MAX = 0.025;

/** Every step of the search for the frequencies is the solution of the problem made linear; the third moves nothing. */
const FREQUENCY_STEPS = 2;

/** Shorter stretches than this, 3 ms, are fitted at the nominal frequencies. */
const TUNED_SAMPLES = 24;

/** Row cosine, row sine, column cosine, column sine; then the same four times the time, for frequency and decay. */
const STEADY = 4;
const MOVING = 8;

/**
 * The pair of tones that lies closest to a stretch of audio, in least squares: two amplitudes, two phases, and if
 * asked the two frequencies. Times count from the middle of the stretch.
 */
export class PairFit {
  /** Energy of the stretch, and what of it the pair leaves unexplained. */
  energy = 0;
  residual = 0;
  /** Energy per sample of either tone. */
  rowPower = 0;
  columnPower = 0;
  /** Mean logarithmic growth of the two tones per sample, weighted with their power: a tone has none, a vowel decays. */
  growth = 0;

  readonly #matrix = new Float64Array(MOVING * MOVING);
  readonly #right = new Float64Array(MOVING);
  readonly #solution = new Float64Array(MOVING);
  readonly #column = new Float64Array(MOVING);
  #key = 0;
  #rowTurn = 0;
  #columnTurn = 0;
  #middle = 0;
  #samples = 0;

  /** Energy per sample of the pair. */
  get power(): number {
    return this.rowPower + this.columnPower;
  }

  /** Logarithm of the likelihood ratio of the pair against noise of unknown power, times two. */
  get evidence(): number {
    return this.#samples * Math.log((this.energy + 1) / (this.residual + 1));
  }

  /** How far the tones are off their nominal frequencies, the farther one, as a ratio. */
  get offset(): number {
    const row = this.#rowTurn / rowTurn(this.#key) - 1;
    const column = this.#columnTurn / columnTurn(this.#key) - 1;
    return Math.max(Math.abs(row), Math.abs(column));
  }

  /** Begins with a key at its nominal frequencies. */
  start(samples: ArrayLike<number>, from: number, to: number, key: number): void {
    this.#key = key;
    this.#rowTurn = rowTurn(key);
    this.#columnTurn = columnTurn(key);
    this.#solve(samples, from, to, STEADY);
  }

  /** Fits amplitudes and phases to another stretch; the frequencies stay. */
  refit(samples: ArrayLike<number>, from: number, to: number): void {
    this.#solve(samples, from, to, STEADY);
  }

  /** Fits the frequencies too, if the stretch is long enough to tell them, and measures the growth. */
  settle(samples: ArrayLike<number>, from: number, to: number): void {
    for (let step = 0; step < FREQUENCY_STEPS && to - from >= TUNED_SAMPLES; step += 1) {
      this.#solve(samples, from, to, MOVING);
      this.#rowTurn = near(rowTurn(this.#key), this.#rowTurn + this.#drift(0));
      this.#columnTurn = near(columnTurn(this.#key), this.#columnTurn + this.#drift(2));
    }
    this.#solve(samples, from, to, MOVING);
    this.growth =
      (this.rowPower * this.#growthOf(0) + this.columnPower * this.#growthOf(2)) / (this.power + 1e-9);
    this.#solve(samples, from, to, STEADY);
  }

  /** The pair, carried on to the sample at the given position. */
  valueAt(position: number): number {
    const time = position - this.#middle;
    const row = this.#rowTurn * time;
    const column = this.#columnTurn * time;
    const [a, b, c, d] = this.#solution as unknown as readonly [number, number, number, number];
    return a * Math.cos(row) + b * Math.sin(row) + c * Math.cos(column) + d * Math.sin(column);
  }

  /** d/dt of a cos(wt) + b sin(wt) by the phase is t times the quarter turn of it: its share is the error of w. */
  #drift(at: number): number {
    const s = this.#solution;
    return (s[4 + at]! * s[at + 1]! - s[5 + at]! * s[at]!) / (s[at]! ** 2 + s[at + 1]! ** 2 + 1e-9);
  }

  #growthOf(at: number): number {
    const s = this.#solution;
    return (s[4 + at]! * s[at]! + s[5 + at]! * s[at + 1]!) / (s[at]! ** 2 + s[at + 1]! ** 2 + 1e-9);
  }

  #solve(samples: ArrayLike<number>, from: number, to: number, size: number): void {
    this.#gather(samples, from, to, size);
    const explained = this.#eliminate(size);
    const s = this.#solution;
    this.residual = Math.max(0, this.energy - explained);
    this.rowPower = (s[0]! ** 2 + s[1]! ** 2) / 2;
    this.columnPower = (s[2]! ** 2 + s[3]! ** 2) / 2;
  }

  /** The normal equations of the stretch. */
  #gather(samples: ArrayLike<number>, from: number, to: number, size: number): void {
    const matrix = this.#matrix.fill(0);
    const right = this.#right.fill(0);
    const column = this.#column;
    this.#middle = (from + to - 1) / 2;
    this.#samples = to - from;
    let time = from - this.#middle;
    let [rowCos, rowSin] = [Math.cos(this.#rowTurn * time), Math.sin(this.#rowTurn * time)];
    let [columnCos, columnSin] = [Math.cos(this.#columnTurn * time), Math.sin(this.#columnTurn * time)];
    const [rowC, rowS] = [Math.cos(this.#rowTurn), Math.sin(this.#rowTurn)];
    const [columnC, columnS] = [Math.cos(this.#columnTurn), Math.sin(this.#columnTurn)];
    let energy = 0;
    for (let n = from; n < to; n += 1, time += 1) {
      const value = samples[n] ?? 0;
      energy += value * value;
      column[0] = rowCos;
      column[1] = rowSin;
      column[2] = columnCos;
      column[3] = columnSin;
      for (let i = STEADY; i < size; i += 1) column[i] = time * column[i - STEADY]!;
      for (let i = 0; i < size; i += 1) {
        const c = column[i]!;
        right[i]! += c * value;
        for (let j = 0; j <= i; j += 1) matrix[i * MOVING + j]! += c * column[j]!;
      }
      const rowNext = rowCos * rowC - rowSin * rowS;
      rowSin = rowSin * rowC + rowCos * rowS;
      rowCos = rowNext;
      const columnNext = columnCos * columnC - columnSin * columnS;
      columnSin = columnSin * columnC + columnCos * columnS;
      columnCos = columnNext;
    }
    this.energy = energy;
  }

  /** Cholesky's method on the lower half of the matrix; returns the energy that the solution explains. */
  #eliminate(size: number): number {
    const m = this.#matrix;
    const s = this.#solution.fill(0);
    let explained = 0;
    for (let i = 0; i < size; i += 1) {
      let value = this.#right[i]!;
      for (let j = 0; j <= i; j += 1) {
        let sum = m[i * MOVING + j]!;
        for (let k = 0; k < j; k += 1) sum -= m[i * MOVING + k]! * m[j * MOVING + k]!;
        if (j < i) m[i * MOVING + j] = sum / m[j * MOVING + j]!;
        else m[i * MOVING + i] = Math.sqrt(Math.max(sum, 1e-9));
      }
      for (let k = 0; k < i; k += 1) value -= m[i * MOVING + k]! * s[k]!;
      s[i] = value / m[i * MOVING + i]!;
      explained += s[i]! ** 2;
    }
    for (let i = size - 1; i >= 0; i -= 1) {
      let value = s[i]!;
      for (let k = i + 1; k < size; k += 1) value -= m[k * MOVING + i]! * s[k]!;
      s[i] = value / m[i * MOVING + i]!;
    }
    return explained;
  }
}

function near(nominal: number, turn: number): number {
  return Math.min(nominal * (1 + OFFSET_MAX), Math.max(nominal * (1 - OFFSET_MAX), turn));
}
