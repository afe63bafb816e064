import { describe, expect, it } from 'vitest';
import { RequestQueue } from '../../../src/vonage/request-queue.ts';
import type { RequestKind } from '../../../src/vonage/request-queue.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** The milliseconds at which requests left that were all asked for at the start. */
async function departures(
  kind: RequestKind,
  count: number,
  before: (queue: RequestQueue) => void = () => undefined,
) {
  const clock = new FakeClock();
  const queue = new RequestQueue(clock);
  before(queue);
  const left: number[] = [];
  const turns = Array.from({ length: count }, async () => {
    await queue.turn(kind);
    left.push(clock.monotonicMs());
  });
  await clock.drive(Promise.all(turns));
  return left;
}

describe('RequestQueue', () => {
  it.each([
    { kind: 'create', limit: 3 },
    { kind: 'change', limit: 15 },
  ] as const)('lets no more than $limit requests of kind $kind go in any second', async ({ kind, limit }) => {
    const left = await departures(kind, 4 * limit);
    for (const [index, atMs] of left.slice(0, -limit).entries()) {
      expect(left[index + limit]! - atMs).toBeGreaterThan(1000);
    }
    expect(left.slice(0, limit)).toEqual(Array.from({ length: limit }, () => 0));
    expect(left.at(-1)).toBeLessThan(3300);
  });

  it('does not hold back one kind for the other', async () => {
    const clock = new FakeClock();
    const queue = new RequestQueue(clock);
    for (let count = 0; count < 9; count += 1) void queue.turn('create');
    await queue.turn('change');
    expect(clock.monotonicMs()).toBe(0);
  });

  it('counts what left without a turn', async () => {
    const left = await departures('create', 1, (queue) => {
      for (let count = 0; count < 3; count += 1) queue.note('create');
    });
    expect(left[0]).toBeGreaterThan(1000);
  });

  it('waits after a refusal', async () => {
    const left = await departures('change', 2, (queue) => queue.backOff('change'));
    expect(left).toEqual([1000, 1000]);
  });
});
