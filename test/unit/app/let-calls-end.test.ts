import { describe, expect, it } from 'vitest';
import { letCallsEnd } from '../../../src/app/let-calls-end.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const NEVER = new Promise<void>(() => undefined);

/** A registry with one idle call and one with an open payment, which ends by itself only if the test says so. */
function setUp() {
  const clock = new FakeClock();
  const ended: string[] = [];
  const empty = Promise.withResolvers<void>();
  const note = (what: string) => () => void ended.push(`${what} at ${clock.monotonicMs() / 1000} s`);
  const calls = { drain: () => empty.promise, endIdle: note('idle'), endAll: note('all') };
  return { clock, calls, ended, empty };
}

describe('letting calls end', () => {
  it('returns at once when none is open', async () => {
    const { clock, calls, ended, empty } = setUp();
    empty.resolve();
    await letCallsEnd(calls, clock, 900_000, NEVER);
    expect(ended).toEqual(['idle at 0 s', 'all at 0 s']);
  });

  it('ends idle calls at the deadline, and calls with an open payment two minutes later', async () => {
    const { clock, calls, ended } = setUp();
    await clock.drive(letCallsEnd(calls, clock, 900_000, NEVER));
    expect(ended).toEqual(['idle at 900 s', 'all at 1020 s']);
  });

  it('does not wait for payments when no time is given', async () => {
    const { clock, calls, ended } = setUp();
    await clock.drive(letCallsEnd(calls, clock, 0, NEVER));
    expect(ended.at(-1)).toBe('all at 0 s');
  });

  it('stops waiting when it is told to hurry', async () => {
    const { clock, calls, ended } = setUp();
    const hurry = Promise.withResolvers<void>();
    const done = letCallsEnd(calls, clock, 900_000, hurry.promise);
    clock.advance(10_000);
    hurry.resolve();
    await done;
    expect(ended).toEqual(['all at 10 s']);
  });
});
