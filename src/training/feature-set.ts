/** Rows of features in one growing array; consecutive rows may form groups (the looks at one key press). */
export class FeatureSet {
  readonly width: number;
  #values: Float32Array;
  #rows = 0;
  /** First row of each group, and the row after the last group. */
  readonly groups: number[] = [];

  constructor(width: number) {
    this.width = width;
    this.#values = new Float32Array(width * 4096);
  }

  get rows(): number {
    return this.#rows;
  }

  get values(): Float32Array {
    return this.#values.subarray(0, this.#rows * this.width);
  }

  add(features: ArrayLike<number>): void {
    if ((this.#rows + 1) * this.width > this.#values.length) {
      const grown = new Float32Array(2 * this.#values.length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values.set(features, this.#rows * this.width);
    this.#rows += 1;
  }

  /** Starts a group with the next row. */
  beginGroup(): void {
    if (this.groups.at(-1) !== this.#rows) this.groups.push(this.#rows);
  }
}
