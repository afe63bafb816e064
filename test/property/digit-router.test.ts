import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DigitRouter } from '../../src/call/digit-router.ts';

/** One press of a key and how its two reports travel; all times in milliseconds. */
interface Press {
  readonly code: number;
  /** Silence since the last press. */
  readonly pauseMs: number;
  readonly holdMs: number;
  /** From the onset in the audio to the detector's word. */
  readonly detectMs: number;
  /** From key release to the event. */
  readonly eventDelayMs: number;
  readonly hasTone: boolean;
  readonly hasEvent: boolean;
}

interface Report {
  readonly kind: 'heard' | 'released' | 'told';
  readonly code: number;
  readonly atMs: number;
}

/** Few keys, so that the same one often comes again. */
const code = fc.constantFrom(...'1125*'.split('').map((key) => key.charCodeAt(0)));

function presses(sources: {
  readonly hasTone: fc.Arbitrary<boolean>;
  readonly hasEvent: fc.Arbitrary<boolean>;
}): fc.Arbitrary<readonly Press[]> {
  return fc.array(
    fc.record({
      code,
      pauseMs: fc.oneof(fc.constant(40), fc.integer({ min: 40, max: 1500 })),
      holdMs: fc.oneof(fc.constant(40), fc.integer({ min: 40, max: 800 })),
      detectMs: fc.integer({ min: 25, max: 40 }),
      eventDelayMs: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 6000 })),
      ...sources,
    }),
    { maxLength: 40, size: 'max' },
  );
}

/** Audio waits this long in a buffer that the events pass by. */
const audioDelay = fc.integer({ min: 0, max: 250 });

/** What the router gets, in the order of time. Events queue behind one another, as the platform sends them. */
function reportsOf(keyed: readonly Press[], audioDelayMs: number): readonly Report[] {
  const reports: Report[] = [];
  let nowMs = 0;
  let lastEventMs = 0;
  for (const press of keyed) {
    const onsetMs = nowMs + press.pauseMs;
    const endMs = onsetMs + press.holdMs;
    nowMs = endMs;
    lastEventMs = Math.max(lastEventMs, endMs + press.eventDelayMs);
    if (press.hasTone) {
      reports.push({ kind: 'heard', code: press.code, atMs: onsetMs + audioDelayMs + press.detectMs });
      reports.push({ kind: 'released', code: press.code, atMs: endMs + audioDelayMs + 8 });
    }
    if (press.hasEvent) reports.push({ kind: 'told', code: press.code, atMs: lastEventMs });
  }
  return reports.toSorted((a, b) => a.atMs - b.atMs);
}

/** The keys that counted, in order. */
function route(reports: readonly Report[]): readonly number[] {
  const router = new DigitRouter();
  return reports
    .filter(({ kind, code: key, atMs }) => {
      if (kind !== 'released') return router[kind](key, atMs) === 'count';
      router.released(key, atMs);
      return false;
    })
    .map(({ code: key }) => key);
}

const always = fc.constant(true);
const never = fc.constant(false);
const mostly = fc.nat(4).map((n) => n > 0);

function holds(
  sources: { readonly hasTone: fc.Arbitrary<boolean>; readonly hasEvent: fc.Arbitrary<boolean> },
  invariant: (keyed: readonly Press[], counted: readonly number[]) => void,
): void {
  fc.assert(
    fc.property(presses(sources), audioDelay, (keyed, audioDelayMs) => {
      invariant(keyed, route(reportsOf(keyed, audioDelayMs)));
    }),
    { numRuns: 2000 },
  );
}

const codesOf = (keyed: readonly Press[]): readonly number[] => keyed.map((press) => press.code);
const sorted = (codes: readonly number[]): readonly number[] => codes.toSorted((a, b) => a - b);

describe('DigitRouter, over random callers', () => {
  it.each([
    ['tones and events', { hasTone: always, hasEvent: always }],
    ['tones only', { hasTone: always, hasEvent: never }],
    ['events only', { hasTone: never, hasEvent: always }],
  ])('counts every press once and in order with %s', (_, sources) => {
    holds(sources, (keyed, counted) => expect(counted).toEqual(codesOf(keyed)));
  });

  it.each([
    ['all tones and some events', { hasTone: always, hasEvent: mostly }],
    ['all events and some tones', { hasTone: mostly, hasEvent: always }],
  ])('counts every press once with %s', (_, sources) => {
    // Only the order may differ: where one report is lost, the other may come after those of the next press.
    holds(sources, (keyed, counted) => expect(sorted(counted)).toEqual(sorted(codesOf(keyed))));
  });

  it('doubles no press, whatever is lost', () => {
    holds({ hasTone: mostly, hasEvent: mostly }, (keyed, counted) => {
      const reported = keyed.filter(({ hasTone, hasEvent }) => hasTone || hasEvent);
      const heard = keyed.filter(({ hasTone }) => hasTone).length;
      const told = keyed.filter(({ hasEvent }) => hasEvent).length;
      expect(counted.length).toBeLessThanOrEqual(reported.length);
      expect(counted.length).toBeGreaterThanOrEqual(Math.max(heard, told));
    });
  });
});
