import { describe, expect, it } from 'vitest';
import { pauseAfter } from '../../../src/webhooks/delivery-schedule.ts';

const HOUR_MS = 3_600_000;
const random = (byte: number) => ({ bytes: () => new Uint8Array([byte]) });

/** All pauses until the last try. */
function pauses(byte: number): number[] {
  const list: number[] = [];
  for (;;) {
    const pauseMs = pauseAfter(list.length + 1, null, random(byte));
    if (pauseMs === null) return list;
    list.push(pauseMs);
  }
}

const sum = (list: readonly number[]): number => list.reduce((total, pauseMs) => total + pauseMs, 0);

describe('pauseAfter', () => {
  it('doubles from five seconds to a quarter of an hour, for twelve hours, up to a quarter more or less', () => {
    const [least, most] = [pauses(0), pauses(255)];
    expect(least.slice(0, 4)).toEqual([3750, 7500, 15_000, 30_000]);
    expect(most.slice(0, 4)).toEqual([6250, 12_500, 25_000, 50_000]);
    expect(Math.max(...most)).toBe(1.25 * 900_000);
    expect(sum(least)).toBe(9 * HOUR_MS);
    expect(sum(most)).toBe(15 * HOUR_MS);
    const middle = pauses(127).concat(pauses(128));
    expect(sum(middle) / 2).toBeCloseTo(12 * HOUR_MS, -3);
    expect(least).toHaveLength(most.length);
  });

  it('gives a receiver the pause that it asks for, but no more than an hour', () => {
    expect(pauseAfter(1, 120_000, random(128))).toBe(120_000);
    expect(pauseAfter(1, 1000, random(0))).toBe(3750);
    expect(pauseAfter(1, 999_999_000, random(128))).toBe(HOUR_MS);
  });
});
