const WIDTH = 9;

/** Prints who did, said, heard or saw what, with the seconds since the start. */
export class Transcript {
  readonly #startedAtMs = performance.now();
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** `who` is one of the parties: caller, agent, screen, bridge, provider. */
  line(who: string, text: string): void {
    const seconds = ((performance.now() - this.#startedAtMs) / 1000).toFixed(1).padStart(5);
    this.#print(`${seconds} s  ${who.padEnd(WIDTH)} ${text}`);
  }
}
