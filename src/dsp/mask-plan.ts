import type { SampleRate } from '../core/sample-rate.ts';

/**
 * Which of the samples that have not left yet shall be replaced: one mark per millisecond, in a ring. Positions are
 * input samples since the start of the stream.
 */
export class MaskPlan {
  readonly #marks: Uint8Array;
  readonly #samplesPerMs: number;
  #sentMs = 0;
  #marked = 0;

  /** `spanMs` bounds the time between the oldest sample not yet sent and the newest mark. */
  constructor(rate: SampleRate, spanMs: number) {
    this.#samplesPerMs = rate / 1000;
    this.#marks = new Uint8Array(spanMs);
  }

  /** Marks every millisecond that [from, to) touches and that has not left. */
  mark(from: number, to: number): void {
    this.#set(Math.floor(from / this.#samplesPerMs), Math.ceil(to / this.#samplesPerMs), 1);
  }

  /** Clears every whole millisecond in [from, to): a millisecond that is partly marked stays masked. */
  clear(from: number, to: number): void {
    this.#set(Math.ceil(from / this.#samplesPerMs), Math.ceil(to / this.#samplesPerMs), 0);
  }

  /** Nothing of what has not left is marked. */
  get isEmpty(): boolean {
    return this.#marked === 0;
  }

  isMarked(position: number): boolean {
    return this.#marks[Math.floor(position / this.#samplesPerMs) % this.#marks.length] === 1;
  }

  /** The first position from `position` to `limit` with another mark than it, or `limit`. */
  sameUntil(position: number, limit: number): number {
    const unit = this.#samplesPerMs;
    const size = this.#marks.length;
    let ms = Math.floor(position / unit);
    const mark = this.#marks[ms % size];
    do ms += 1;
    while (ms * unit < limit && this.#marks[ms % size] === mark);
    return Math.min(limit, ms * unit);
  }

  /** Everything before `position` has left; its places in the ring are free. */
  release(position: number): void {
    const upTo = Math.floor(position / this.#samplesPerMs);
    if (this.#marked === 0) this.#sentMs = Math.max(this.#sentMs, upTo);
    for (; this.#sentMs < upTo; this.#sentMs += 1) this.#put(this.#sentMs, 0);
  }

  #set(from: number, to: number, value: number): void {
    const size = this.#marks.length;
    const end = Math.min(to, this.#sentMs + size);
    for (let ms = Math.max(from, this.#sentMs); ms < end; ms += 1) this.#put(ms, value);
  }

  #put(ms: number, value: number): void {
    const slot = ms % this.#marks.length;
    this.#marked += value - this.#marks[slot]!;
    this.#marks[slot] = value;
  }
}
