import { describe, expect, it } from 'vitest';
import { BadFrameLimit } from '../../../src/media/bad-frame-limit.ts';

describe('BadFrameLimit', () => {
  it('tolerates four unusable messages in a second', () => {
    const limit = new BadFrameLimit(0);
    expect([1, 2, 3, 4].map((n) => limit.note(true, n * 20))).toEqual([false, false, false, false]);
  });

  it('is crossed by the fifth within the same second', () => {
    const limit = new BadFrameLimit(0);
    for (let n = 0; n < 4; n++) limit.note(true, n);
    expect(limit.note(true, 999)).toBe(true);
  });

  it('starts anew with every second', () => {
    const limit = new BadFrameLimit(0);
    for (let n = 0; n < 4; n++) limit.note(true, n);
    expect(limit.note(true, 1000)).toBe(false);
  });

  it('is not crossed by five among five hundred', () => {
    const limit = new BadFrameLimit(0);
    for (let n = 0; n < 496; n++) limit.note(false, 0);
    for (let n = 0; n < 4; n++) limit.note(true, 0);
    expect(limit.note(true, 0)).toBe(false);
  });
});
