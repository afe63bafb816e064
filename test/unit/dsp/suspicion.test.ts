import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDismissed, isSettled, phaseWithEvidence, tailMs } from '../../../src/dsp/suspicion.ts';
import type { Phase, Sensitivity } from '../../../src/dsp/suspicion.ts';

/** Of evidence shorter than half a second, less to more sure. */
const MASKING: readonly Phase[] = ['suspected', 'lasting', 'confirmed'];

/** Hops are 2 ms. */
const hops = (ms: number): number => ms / 2;

describe('suspicion', () => {
  it.each([
    { from: 'suspected', spanMs: 2, isDigit: false, to: 'suspected' },
    { from: 'suspected', spanMs: 22, isDigit: false, to: 'suspected' },
    { from: 'suspected', spanMs: 24, isDigit: false, to: 'lasting' },
    { from: 'suspected', spanMs: 2, isDigit: true, to: 'confirmed' },
    { from: 'lasting', spanMs: 30, isDigit: false, to: 'lasting' },
    { from: 'lasting', spanMs: 498, isDigit: false, to: 'lasting' },
    { from: 'lasting', spanMs: 500, isDigit: false, to: 'lingering' },
    { from: 'lasting', spanMs: 30, isDigit: true, to: 'confirmed' },
    { from: 'lingering', spanMs: 502, isDigit: false, to: 'lingering' },
    { from: 'lingering', spanMs: 502, isDigit: true, to: 'confirmed' },
    { from: 'confirmed', spanMs: 100, isDigit: false, to: 'confirmed' },
  ] as const)('goes from $from to $to at $spanMs ms, digit: $isDigit', ({ from, spanMs, isDigit, to }) => {
    expect(phaseWithEvidence(from, hops(spanMs), isDigit)).toBe(to);
  });

  it('hands back only what was shorter than 10 ms and has been over for 4', () => {
    expect(isDismissed('suspected', hops(8), hops(4))).toBe(true);
    expect(isDismissed('suspected', hops(8), hops(2))).toBe(false);
    expect(isDismissed('suspected', hops(10), hops(40))).toBe(false);
    expect(isDismissed('lasting', hops(8), hops(40))).toBe(false);
    expect(isDismissed('confirmed', hops(8), hops(40))).toBe(false);
  });

  it('ends no phase before 8 ms without evidence', () => {
    expect(isSettled(hops(6))).toBe(false);
    expect(isSettled(hops(8))).toBe(true);
  });

  it('masks 60 ms after a digit in capture, 40 in normal', () => {
    expect(tailMs('confirmed', 'capture')).toBe(60);
    expect(tailMs('confirmed', 'normal')).toBe(40);
  });

  it('masks no longer for a voice that lingers than for a tone that lasts', () => {
    expect(tailMs('lingering', 'capture')).toBe(20);
    expect(tailMs('lasting', 'capture')).toBe(40);
  });

  it('never becomes less sure in half a second of evidence, and never masks shorter for being surer', () => {
    const sensitivities: readonly Sensitivity[] = ['capture', 'normal'];
    fc.assert(
      fc.property(
        fc.constantFrom(...MASKING),
        fc.integer({ min: 1, max: hops(498) }),
        fc.boolean(),
        (phase, spanHops, isDigit) => {
          const next = phaseWithEvidence(phase, spanHops, isDigit);
          expect(MASKING.indexOf(next)).toBeGreaterThanOrEqual(MASKING.indexOf(phase));
          for (const sensitivity of sensitivities)
            expect(tailMs(next, sensitivity)).toBeGreaterThanOrEqual(tailMs(phase, sensitivity));
        },
      ),
    );
  });

  it('lingers or is confirmed after half a second of evidence, whatever was before', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Phase>('suspected', 'lasting', 'lingering', 'confirmed'),
        fc.integer({ min: hops(500), max: hops(60_000) }),
        fc.boolean(),
        (phase, spanHops, isDigit) => {
          const isSure = isDigit || phase === 'confirmed';
          expect(phaseWithEvidence(phase, spanHops, isDigit)).toBe(isSure ? 'confirmed' : 'lingering');
        },
      ),
    );
  });
});
