/** Findings shorter than this are pieces of a tone or of a vowel; a receiver needs 25 ms or more to read a key. */
const PIECE_MS = 10;

/**
 * The verifier's own false findings are about 5 in an hour of speech, with some voices 12; so many in an hour are more
 * than it can be blamed for. A short run may have some by chance.
 */
const PIECES_PER_HOUR_MAX = 24;
const PIECES_FREE = 5;

/** Reports of the process after a collection, with the calls that had ended by then. */
interface MemorySample {
  readonly calls: number;
  readonly heapBytes: number;
}

/** An ended call can still be asked for during a quarter of an hour. */
const KEPT_BYTES_PER_CALL = 20_000;
const SETTLED_BYTES = 16 << 20;

/** What a soak has seen, and what of it is a broken promise. */
export class Tally {
  calls = 0;
  lostLegs = 0;
  readonly payments = new Map<string, number>();
  readonly problems: string[] = [];
  #recordedSeconds = 0;
  #pieces = 0;
  readonly #memory: MemorySample[] = [];

  get recordedSeconds(): number {
    return this.#recordedSeconds;
  }

  get pieces(): number {
    return this.#pieces;
  }

  recorded(seconds: number): void {
    this.#recordedSeconds += seconds;
  }

  /** A finding of the verifier in what an agent heard. */
  found(lengthMs: number, callId: string): void {
    if (lengthMs >= PIECE_MS)
      this.problem(`${lengthMs.toFixed(1)} ms of a key in what the agent heard (${callId})`);
    else this.#pieces += 1;
  }

  ended(state: string): void {
    this.payments.set(state, (this.payments.get(state) ?? 0) + 1);
  }

  memory(heapBytes: number): void {
    this.#memory.push({ calls: this.calls, heapBytes });
  }

  problem(text: string): void {
    this.problems.push(text);
  }

  /** Growth of the least heap between the second quarter of the run and the last; null when it was too short. */
  get heapGrowthBytes(): number | null {
    const quarter = Math.floor(this.#memory.length / 4);
    if (quarter < 5) return null;
    const least = (samples: readonly MemorySample[]): number =>
      Math.min(...samples.map(({ heapBytes }) => heapBytes));
    return least(this.#memory.slice(-quarter)) - least(this.#memory.slice(quarter, 2 * quarter));
  }

  /** To be called once, at the end. */
  judge(): void {
    const allowedPieces = PIECES_FREE + (PIECES_PER_HOUR_MAX * this.#recordedSeconds) / 3600;
    if (this.#pieces > allowedPieces) this.problem(`${this.#pieces} pieces of keys in what agents heard`);
    if (this.calls === 0 || this.#recordedSeconds === 0) this.problem('nothing was heard');
    const growth = this.heapGrowthBytes;
    if (growth !== null && growth > SETTLED_BYTES + KEPT_BYTES_PER_CALL * this.calls)
      this.problem(`the heap grew by ${(growth / 1e6).toFixed(0)} MB`);
  }
}
