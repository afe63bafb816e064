/** xorshift32 (Marsaglia 2003): reproducible noise, a different sequence per seed. Not for secrets. */
export class SeededNoise {
  #state: number;

  constructor(seed: number) {
    // The state must not be zero; the multiplier spreads neighbouring seeds (Knuth's golden ratio constant).
    this.#state = Math.imul(seed | 0, 0x9e3779b1) | 1;
  }

  /** Uniform in [-1, 1). */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x / 0x80000000;
  }
}
