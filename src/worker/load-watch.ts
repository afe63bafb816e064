import type { Cancel, Clock } from '../core/clock.ts';

/** As often as a frame comes. */
const TICK_MS = 20;

/** Ticks that are looked back on: one second of an idle process, more of a busy one. */
const WINDOW = 50;

/** Half of them late is load; a single long pause, by the garbage collector or the machine, is not. */
const OVERLOADED_FROM = WINDOW / 2;

/** New calls are taken again only when the load is clearly gone. */
const RELIEVED_FROM = WINDOW / 10;

/**
 * Measures how late the event loop is: a timer that is due waits for the processor exactly as a frame does that has
 * arrived. Overloaded while at least half of the last fifty ticks were later than the bound, until no more than five
 * are.
 */
export class LoadWatch {
  readonly #maxLatenessMs: number;
  readonly #clock: Clock;
  readonly #wasLate = new Uint8Array(WINDOW);
  #at = 0;
  #lateCount = 0;
  #isOverloaded = false;
  #cancelTick: Cancel = () => undefined;

  constructor(maxLatenessMs: number, clock: Clock) {
    this.#maxLatenessMs = maxLatenessMs;
    this.#clock = clock;
    this.#schedule();
  }

  get isOverloaded(): boolean {
    return this.#isOverloaded;
  }

  stop(): void {
    this.#cancelTick();
  }

  #schedule(): void {
    const dueMs = this.#clock.monotonicMs() + TICK_MS;
    this.#cancelTick = this.#clock.after(TICK_MS, () => {
      this.#note(this.#clock.monotonicMs() - dueMs > this.#maxLatenessMs);
      this.#schedule();
    });
  }

  #note(isLate: boolean): void {
    this.#lateCount += Number(isLate) - (this.#wasLate[this.#at] ?? 0);
    this.#wasLate[this.#at] = Number(isLate);
    this.#at = (this.#at + 1) % WINDOW;
    if (this.#lateCount >= OVERLOADED_FROM) this.#isOverloaded = true;
    else if (this.#lateCount <= RELIEVED_FROM) this.#isOverloaded = false;
  }
}
