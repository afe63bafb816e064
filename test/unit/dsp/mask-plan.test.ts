import { describe, expect, it } from 'vitest';
import { MaskPlan } from '../../../src/dsp/mask-plan.ts';

describe('MaskPlan', () => {
  it('marks every millisecond that a span touches', () => {
    const plan = new MaskPlan(8000, 50);
    plan.mark(12, 17);
    expect([0, 7, 8, 16, 23, 24].map((position) => plan.isMarked(position))).toEqual([
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it('clears no millisecond that begins before the span', () => {
    const plan = new MaskPlan(8000, 50);
    plan.mark(0, 80);
    plan.clear(12, 80);
    expect([8, 16].map((position) => plan.isMarked(position))).toEqual([true, false]);
  });

  it('does not mark what has left, nor its place in the ring', () => {
    const plan = new MaskPlan(8000, 10);
    plan.release(40);
    plan.mark(0, 48);
    expect(plan.isMarked(40)).toBe(true);
    expect(plan.isMarked(80)).toBe(false);
    plan.release(48);
    expect(plan.isEmpty).toBe(true);
  });
});
