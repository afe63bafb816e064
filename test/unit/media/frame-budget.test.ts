import { describe, expect, it } from 'vitest';
import { FrameBudget } from '../../../src/media/frame-budget.ts';

function takeMany(budget: FrameBudget, count: number, nowMs: number): number {
  let taken = 0;
  for (let index = 0; index < count; index++) if (budget.take(nowMs)) taken += 1;
  return taken;
}

describe('FrameBudget', () => {
  it('lets a burst of 250 frames pass and refuses the next', () => {
    expect(takeMany(new FrameBudget(0), 300, 0)).toBe(250);
  });

  it('refills 70 frames a second', () => {
    const budget = new FrameBudget(0);
    takeMany(budget, 250, 0);
    expect(takeMany(budget, 500, 1000)).toBe(70);
  });

  it('never refuses 50 frames a second', () => {
    const budget = new FrameBudget(0);
    for (let frame = 0; frame < 5000; frame++) expect(budget.take(frame * 20)).toBe(true);
    expect(budget.isExceeded).toBe(false);
  });

  it('does not hold more after a long pause than at the start', () => {
    const budget = new FrameBudget(0);
    expect(takeMany(budget, 1000, 3_600_000)).toBe(250);
  });

  it('is exceeded when more than 250 frames were refused without a pause', () => {
    const budget = new FrameBudget(0);
    takeMany(budget, 500, 0);
    expect(budget.isExceeded).toBe(false);
    takeMany(budget, 1, 0);
    expect(budget.isExceeded).toBe(true);
  });

  it('forgets what it refused once the leg has slowed down', () => {
    const budget = new FrameBudget(0);
    takeMany(budget, 450, 0);
    // 125 tokens, half of what it holds, are back after 1.79 s.
    takeMany(budget, 325, 1800);
    expect(budget.isExceeded).toBe(false);
  });
});
