import type { Clock } from '../core/clock.ts';

/** `create`: `POST /v1/calls` and NCCOs with `connect`; `change`: everything else. Vonage counts them apart. */
export type RequestKind = 'create' | 'change';

/** Requests in any second, by Vonage's limits of 3 and 15. What is over is refused with 429, not queued. */
const PER_SECOND: Readonly<Record<RequestKind, number>> = { create: 3, change: 15 };
/** A little more than the second itself: the two clocks and the network are not exact. */
const WINDOW_MS = 1050;
/** Pause of a kind after a 429, whose window is somebody else's. */
const BACK_OFF_MS = 1000;

/** Lets requests go at the rate that the platform allows, in the order in which they were asked for. */
export class RequestQueue {
  readonly #clock: Clock;
  readonly #lanes: Readonly<Record<RequestKind, Lane>>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lanes = { create: new Lane(clock, PER_SECOND.create), change: new Lane(clock, PER_SECOND.change) };
  }

  /** Resolves when a request of this kind may leave. */
  turn(kind: RequestKind): Promise<void> {
    return this.#lanes[kind].turn();
  }

  /** Counts a request that did not wait, such as a `connect` in the answer to a webhook. */
  note(kind: RequestKind): void {
    this.#lanes[kind].note(this.#clock.monotonicMs());
  }

  /** The platform refused one as too many: none of its kind leaves for a while. */
  backOff(kind: RequestKind): void {
    this.#lanes[kind].pauseUntil(this.#clock.monotonicMs() + BACK_OFF_MS);
  }
}

class Lane {
  readonly #clock: Clock;
  readonly #limit: number;
  /** When the latest requests left; as many as one window may have. */
  readonly #left: number[] = [];
  readonly #waiting: (() => void)[] = [];
  #notBeforeMs = 0;
  #isTimerSet = false;

  constructor(clock: Clock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
  }

  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#serve();
    });
  }

  note(nowMs: number): void {
    this.#left.push(nowMs);
    if (this.#left.length > this.#limit) this.#left.shift();
  }

  pauseUntil(atMs: number): void {
    this.#notBeforeMs = Math.max(this.#notBeforeMs, atMs);
  }

  #serve(): void {
    while (this.#waiting.length > 0 && !this.#isTimerSet) {
      const nowMs = this.#clock.monotonicMs();
      const oldestMs = this.#left.length < this.#limit ? -Infinity : (this.#left[0] ?? -Infinity);
      const freeAtMs = Math.max(this.#notBeforeMs, oldestMs + WINDOW_MS);
      if (freeAtMs > nowMs) {
        this.#isTimerSet = true;
        this.#clock.after(freeAtMs - nowMs, () => {
          this.#isTimerSet = false;
          this.#serve();
        });
        return;
      }
      this.note(nowMs);
      this.#waiting.shift()?.();
    }
  }
}
