import type { Cancel, Clock } from '../../src/core/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly task: () => void;
}

/** A clock that stands still until a test moves it. Timers run in the order in which they are due. */
export class FakeClock implements Clock {
  #monotonicMs = 0;
  readonly #wallStartMs: number;
  readonly #timers = new Set<Timer>();
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  /** `wallStartMs`: the wall time at which the clock starts; by default noon, UTC, on 2 November 2026. */
  constructor(wallStartMs = Date.UTC(2026, 10, 2, 12)) {
    this.#wallStartMs = wallStartMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  wallMs(): number {
    return this.#wallStartMs + this.#monotonicMs;
  }

  after(delayMs: number, task: () => void): Cancel {
    const timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs), task };
    this.#timers.add(timer);
    this.#waiting = this.#waiting.filter(({ count, resolve }) => {
      if (this.#timers.size < count) return true;
      resolve();
      return false;
    });
    return () => void this.#timers.delete(timer);
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer is due; null when none waits. */
  get nextInMs(): number | null {
    const next = this.#next();
    return next === null ? null : next.dueMs - this.#monotonicMs;
  }

  /** Resolves as soon as `count` timers wait. */
  async whenPending(count: number): Promise<void> {
    if (this.#timers.size >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Moves time on by `ms` and runs what becomes due, including what those tasks schedule in turn. */
  advance(ms: number): void {
    const untilMs = this.#monotonicMs + ms;
    for (let next = this.#next(); next !== null && next.dueMs <= untilMs; next = this.#next()) {
      this.#monotonicMs = next.dueMs;
      this.#timers.delete(next);
      next.task();
    }
    this.#monotonicMs = untilMs;
  }

  /**
   * Jumps from timer to timer until `promise` settles. Between two jumps the event loop turns once, so that
   * everything that needs no time is done first. For code that waits on this clock alone, not on sockets.
   */
  async drive<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const watched = promise.finally(() => (settled = true));
    watched.catch(() => undefined);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (settled) return watched;
      this.advance(this.nextInMs ?? 0);
    }
  }

  #next(): Timer | null {
    let next: Timer | null = null;
    for (const timer of this.#timers) if (next === null || timer.dueMs < next.dueMs) next = timer;
    return next;
  }
}
