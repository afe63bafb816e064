/** A percentage on standard error while something long runs; nothing when no person watches. */
export class Progress {
  readonly #label: string;
  #shown = -1;

  constructor(label: string) {
    this.#label = label;
  }

  show(share: number): void {
    const percent = Math.floor(100 * share);
    if (!process.stderr.isTTY || percent === this.#shown) return;
    this.#shown = percent;
    process.stderr.write(`\r${this.#label} ${percent} %`);
  }

  end(): void {
    if (this.#shown >= 0) process.stderr.write('\r\u001b[K');
  }
}
