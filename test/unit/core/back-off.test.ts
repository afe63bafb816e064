import { describe, expect, it } from 'vitest';
import { backOffMs, pause } from '../../../src/core/back-off.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const BACK_OFF = { firstMs: 250, maxMs: 4000 };
const random = (byte: number) => ({ bytes: () => new Uint8Array([byte]) });

describe('backOffMs', () => {
  it.each([
    [0, 250],
    [1, 500],
    [4, 4000],
    [5, 4000],
    [2000, 4000],
  ])('is at most the doubled pause, capped, before repeat %i', (repeat, expected) => {
    expect(backOffMs(BACK_OFF, repeat, random(255))).toBe(expected);
  });

  it('is at least half of it', () => {
    expect(backOffMs(BACK_OFF, 1, random(0))).toBe(250);
  });
});

describe('pause', () => {
  it('resolves when its time is over', async () => {
    const clock = new FakeClock();
    let isOver = false;
    const paused = pause(clock, 100).then(() => (isOver = true));
    clock.advance(99);
    await Promise.resolve();
    expect(isOver).toBe(false);
    clock.advance(1);
    await paused;

    expect(isOver).toBe(true);
  });
});
