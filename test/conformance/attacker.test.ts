import { describe, expect, it } from 'vitest';
import type { Sensitivity } from '../../src/dsp/masker.ts';
import { attackMask } from '../support/dsp/attacker/attacker.ts';
import type { Attack } from '../support/dsp/attacker/attack-scene.ts';
import { FRAGMENT_LINES, recoveryFromFragments } from '../support/dsp/attacker/calibration.ts';
import { ALL_KEYS, uniform } from '../support/dsp/key-tones.ts';
import { masked } from '../support/dsp/masked.ts';
import { LEAK_FAMILIES, leakSignal } from '../support/dsp/signals/leak-families.ts';

/**
 * Goal: an attacker who is given everything but the digits cannot tell them from masked audio, and is one to be
 * believed. Method: the attacker reads fragments as well as an independent one did, reads nearly every digit from a
 * line that is muted after detection, and is asked about the families that need no other program. The full run
 * (`npm run conformance`) asks about all of them, at both rates, with 960 presses each.
 */

type LeakSignal = ReturnType<typeof leakSignal>;

const PRESSES_PER_KEY = 20;

/** Share of digits read from 1, 2 and 3 ms of tone by another implementation, 1600 trials each. */
const CALIBRATION: Readonly<Record<string, readonly number[]>> = {
  'noise 30 dB below': [0.8, 1, 1],
  'G.711 µ-law': [0.95, 1, 1],
  'noise 15 dB below': [0.29, 0.92, 1],
  'noise 6 dB below': [0.18, 0.5, 0.85],
};

const TRIALS_PER_KEY = 50;

function signalOf(id: string, rateHz = 8000): LeakSignal {
  return leakSignal(
    LEAK_FAMILIES.find((family) => family.id.startsWith(id))!,
    rateHz,
    1,
    PRESSES_PER_KEY,
  );
}

function through(signal: LeakSignal, sensitivity: Sensitivity): Attack {
  const { output, latencySamples } = masked(signal.clean, signal.rateHz as 8000, { sensitivity });
  return { ...signal, masked: output, delaySamples: latencySamples };
}

/** What a detector does that needs 25 to 35 ms and then mutes until 60 ms after the end. */
function mutedAfterDetection(signal: LeakSignal): Attack {
  const random = uniform(1);
  const output = signal.clean.slice();
  for (const { onset, end } of signal.presses) {
    const from = onset + Math.round(((25 + 10 * random()) * signal.rateHz) / 1000);
    output.fill(0, from, Math.max(from, end + 0.06 * signal.rateHz));
  }
  return { ...signal, masked: output, delaySamples: 0 };
}

describe('the attacker', () => {
  it.each(FRAGMENT_LINES)('reads fragments of 1, 2 and 3 ms as known, with $name', (line) => {
    for (const [i, expected] of CALIBRATION[line.name]!.entries()) {
      const recovery = recoveryFromFragments(line, i + 1, TRIALS_PER_KEY);
      // Three deviations of both samples, and half of the last digit that is known.
      const variance = expected * (1 - expected) * (1 / (16 * TRIALS_PER_KEY) + 1 / 1600);
      expect(Math.abs(recovery - expected)).toBeLessThan(3 * Math.sqrt(variance) + 0.01);
    }
  });

  it.each([8000, 16_000])(
    'reads nearly every digit of a line that is muted after detection at %i Hz',
    (rateHz) => {
      const { rules, leak, open } = attackMask(mutedAfterDetection(signalOf('m01', rateHz)));
      expect(open.meanMs).toBeGreaterThan(25);
      expect(rules.fragment.recovery).toBeGreaterThanOrEqual(0.95);
      expect(rules.window.recovery).toBeGreaterThanOrEqual(0.95);
      expect(leak).toBe(true);
    },
  );

  it('learns the key from the length of a mask', () => {
    const signal = signalOf('m01');
    const output = signal.clean.slice();
    // 5 ms longer from each key to the next.
    for (const { digit, onset, end } of signal.presses)
      output.fill(0, onset, end + 40 * (1 + ALL_KEYS.indexOf(digit)));
    const { rules } = attackMask({ ...signal, masked: output, delaySamples: 0 });
    expect(rules.timing.recovery).toBeGreaterThan(0.15);
    expect(rules.timing.isSignificant).toBe(true);
    expect(rules.fragment.isSignificant).toBe(false);
  });

  it('calls pure guessing no leak', () => {
    const signal = signalOf('m13');
    const { rules, leak, open } = attackMask({
      ...signal,
      masked: new Int16Array(signal.clean.length),
      delaySamples: 0,
    });
    expect(open.maxMs).toBe(0);
    expect(rules.fragment.recovery).toBeLessThan(0.11);
    expect(leak).toBe(false);
  });
});

/** One in a hundred that any of the four rules in any of the tests below cries wolf. */
const SIGNIFICANT = 0.01 / (4 * 14);

describe.each(['capture', 'normal'] as const)('masked audio in %s', (sensitivity) => {
  it.each([
    ['m01', 8000],
    ['m01', 16_000],
    ['m02', 8000],
    ['m05', 8000],
    ['m06', 8000],
    ['m11', 8000],
    ['m12', 8000],
  ] as const)('gives the attacker no better guess than chance in family %s at %i Hz', (id, rateHz) => {
    const { rules, open } = attackMask(through(signalOf(id, rateHz), sensitivity));
    expect(open.maxMs).toBeLessThan(0.5);
    expect(Object.entries(rules).filter(([, { pValue }]) => pValue < SIGNIFICANT)).toEqual([]);
  });
});
