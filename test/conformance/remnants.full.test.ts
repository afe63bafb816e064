import { describe, expect, it } from 'vitest';
import { ALL_KEYS, keyTones, mixed, uniform } from '../support/dsp/key-tones.ts';
import { masked } from '../support/dsp/masked.ts';
import { talk, VOICES } from '../support/dsp/talk.ts';

/**
 * Goal: how much of a key leaves while its owner talks. Method: 960 presses of random length and place per ratio of
 * tone to speech; a press counts as open if half a millisecond or more of it is not masked. Chance lets an attacker
 * guess 6.3 % of the digits; what is open at most adds to that.
 */

const PRESSES = 960;

/** Tone pair over active speech in dB, and the share of presses that may be open. */
const RATIOS = [
  { ratioDb: 20, capture: 0, normal: 0 },
  { ratioDb: 10, capture: 0.002, normal: 0.005 },
  { ratioDb: 6, capture: 0.01, normal: 0.02 },
  { ratioDb: 0, capture: 0.025, normal: 0.08 },
];

describe.each(VOICES)('keys under the voice of %s', (voice) => {
  it.each(RATIOS)('stay closed at $ratioDb dB', ({ ratioDb, capture, normal }) => {
    const random = uniform(ratioDb + 5);
    const digits = Array.from({ length: PRESSES }, () => ALL_KEYS[Math.floor(random() * 16)]!).join('');
    const keyed = keyTones({ rateHz: 8000, digits, toneMs: 83, pauseMs: 147, dbm0: -13, seed: ratioDb + 1 });
    const speech = talk(voice);
    const samples = mixed(keyed.samples, speech, -10 - ratioDb - activeDbm0(speech));
    expect(openShare(keyed.presses, masked(samples, 8000).spans)).toBeLessThanOrEqual(capture);
    const inNormal = masked(samples, 8000, { sensitivity: 'normal' });
    expect(openShare(keyed.presses, inNormal.spans)).toBeLessThanOrEqual(normal);
  });
});

type Span = { readonly start: number; readonly end: number };

function openShare(presses: readonly { onset: number; end: number }[], spans: readonly Span[]): number {
  const open = presses.filter(({ onset, end }) => {
    let left = end - onset;
    for (const span of spans) left -= Math.max(0, Math.min(end, span.end) - Math.max(onset, span.start));
    return left >= 4;
  });
  return open.length / presses.length;
}

/** Level of the 20 ms frames within 25 dB of the loudest twentieth, as that of a sine, in dBm0. */
function activeDbm0(samples: Int16Array): number {
  const powers = Array.from({ length: Math.floor(samples.length / 160) }, (_, i) =>
    samples.subarray(160 * i, 160 * i + 160).reduce((sum, sample) => sum + sample * sample, 0),
  );
  const loud = powers.toSorted((a, b) => a - b)[Math.floor(powers.length * 0.95)]!;
  const active = powers.filter((power) => power > loud / 316);
  const mean = active.reduce((a, b) => a + b, 0) / active.length / 160;
  return 10 * Math.log10(2 * mean) - 20 * Math.log10(32768 * 10 ** (-3.14 / 20));
}
