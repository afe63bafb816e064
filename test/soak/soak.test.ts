import { describe, expect, it } from 'vitest';
import { runSoak } from './soak.ts';
import { Tally } from './tally.ts';

describe('the soak', () => {
  it('breaks no promise in the few calls of a smoke run', async () => {
    const tally = await runSoak({ seconds: 1, seed: 4, calls: 2, print: () => undefined });
    expect(tally.problems).toEqual([]);
    expect(tally.calls).toBeGreaterThanOrEqual(2);
    expect([...tally.payments.values()].reduce((sum, count) => sum + count, 0)).toBe(tally.calls);
    expect(tally.recordedSeconds).toBeGreaterThan(5);
  });
});

describe('the verdict of a soak', () => {
  it('is bad when nothing was heard', () => {
    const tally = new Tally();
    tally.judge();
    expect(tally.problems).toEqual(['nothing was heard']);
  });

  it('is bad when ten milliseconds of one key were heard', () => {
    const tally = new Tally();
    tally.found(10, 'call_a');
    expect(tally.problems).toHaveLength(1);
  });

  it('forgives as many short pieces as speech has by itself, and no more', () => {
    const tally = new Tally();
    tally.calls = 1;
    tally.recorded(3600);
    for (let n = 0; n < 29; n++) tally.found(4, 'call_a');
    tally.judge();
    expect(tally.problems).toEqual([]);
    tally.found(4, 'call_a');
    tally.judge();
    expect(tally.problems).toHaveLength(1);
  });

  it('is bad when the heap grows', () => {
    const tally = new Tally();
    tally.calls = 1;
    tally.recorded(1);
    for (let n = 0; n < 100; n++) tally.memory((50 + n) << 20);
    tally.judge();
    expect(tally.problems).toEqual([expect.stringContaining('the heap grew')]);
  });
});
