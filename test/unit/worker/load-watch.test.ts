import { describe, expect, it } from 'vitest';
import { LoadWatch } from '../../../src/worker/load-watch.ts';
import type { Clock } from '../../../src/core/clock.ts';

/** A machine that runs the one timer as late as the test says. */
class LateClock implements Clock {
  #nowMs = 0;
  #timer: { readonly dueMs: number; readonly task: () => void } | null = null;

  monotonicMs = (): number => this.#nowMs;
  wallMs = (): number => this.#nowMs;

  after(delayMs: number, task: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, task };
    this.#timer = timer;
    return () => {
      if (this.#timer === timer) this.#timer = null;
    };
  }

  get isWatched(): boolean {
    return this.#timer !== null;
  }

  tick(count: number, latenessMs: number): void {
    for (let n = 0; n < count; n++) {
      const timer = this.#timer;
      if (timer === null) return;
      this.#nowMs = timer.dueMs + latenessMs;
      timer.task();
    }
  }
}

function setUp() {
  const clock = new LateClock();
  return { clock, watch: new LoadWatch(20, clock) };
}

describe('the watch over the load', () => {
  it('finds nothing while timers are at most as late as the bound', () => {
    const { clock, watch } = setUp();
    clock.tick(500, 20);
    expect(watch.isOverloaded).toBe(false);
  });

  it('finds one long pause no load, however long', () => {
    const { clock, watch } = setUp();
    clock.tick(50, 0);
    clock.tick(1, 60_000);
    expect(watch.isOverloaded).toBe(false);
  });

  it('finds load when half of the last fifty ticks were too late', () => {
    const { clock, watch } = setUp();
    clock.tick(24, 21);
    expect(watch.isOverloaded).toBe(false);
    clock.tick(1, 21);
    expect(watch.isOverloaded).toBe(true);
  });

  it('stays so until it is clearly gone', () => {
    const { clock, watch } = setUp();
    clock.tick(50, 30);
    clock.tick(44, 0);
    expect(watch.isOverloaded).toBe(true);
    clock.tick(1, 0);
    expect(watch.isOverloaded).toBe(false);
  });

  it('leaves no timer behind when it is stopped', () => {
    const { clock, watch } = setUp();
    clock.tick(3, 0);
    watch.stop();
    expect(clock.isWatched).toBe(false);
  });
});
