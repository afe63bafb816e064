import { describe, expect, it } from 'vitest';
import {
  addNoise,
  ALL_KEYS,
  keyTones,
  mixed,
  pressSequence,
  toInt16,
  uniform,
} from '../support/dsp/key-tones.ts';
import type { Keying } from '../support/dsp/key-tones.ts';
import { digitsOf, masked } from '../support/dsp/masked.ts';
import { talk, VOICES } from '../support/dsp/talk.ts';

/** Goal: the receiver where the standards are silent. Method: all 16 keys, bounds of our own, real voices. */

const LINE: Keying = { rateHz: 8000, digits: ALL_KEYS, toneMs: 50, pauseMs: 50, noiseDbm0: -75 };

/** Stricter than any document; `standards.test.ts` has those at their limits. */
const ACCEPTED: readonly (Partial<Keying> & { name: string })[] = [
  ...[1.8, -1.8].map((offsetPercent) => ({
    name: `${offsetPercent} % off in 40 ms`,
    offsetPercent,
    toneMs: 40,
  })),
  { name: '6 dB of signal to noise', noiseDbm0: -13 },
];

describe('the receiver', () => {
  it.each(ACCEPTED)('accepts $name', ({ name: _name, ...keying }) => {
    const signal = { ...LINE, ...keying };
    const result = masked(keyTones(signal).samples, 8000);
    expect(digitsOf(result)).toBe(signal.digits);
    expect(result.ends).toHaveLength(signal.digits.length);
  });

  it.each([15, 20, 23])('masks bursts of %i ms that it does not report', (toneMs) => {
    const { samples, presses } = keyTones({ ...LINE, toneMs, pauseMs: 100 });
    const { spans } = masked(samples, 8000);
    const open = presses.filter(
      ({ onset, end }) => !spans.some((span) => span.start <= onset + 3 && span.end >= end),
    );
    expect(open).toEqual([]);
  });

  it('reports within 40 ms of the onset', () => {
    const { samples, presses } = keyTones(LINE);
    const { digits } = masked(samples, 8000, {}, [1]);
    const delaysMs = digits.map(({ reportedAt }, i) => (reportedAt - presses[i]!.onset) / 8);
    expect(Math.max(...delaysMs)).toBeLessThanOrEqual(40);
  });

  it('places the start of a press within 4 ms and its end within 10', () => {
    const { samples, presses } = keyTones(LINE);
    const { digits, ends } = masked(samples, 8000);
    expect(
      Math.max(...digits.map(({ start }, i) => Math.abs(start - presses[i]!.onset))),
    ).toBeLessThanOrEqual(32);
    expect(Math.max(...ends.map((end, i) => Math.abs(end - presses[i]!.end)))).toBeLessThanOrEqual(80);
  });

  it('does not double a key when packets are lost and zeros take their place', () => {
    const random = uniform(7);
    const { samples } = keyTones({ ...LINE, digits: ALL_KEYS.repeat(4), toneMs: 140, pauseMs: 90 });
    for (let at = 0; at < samples.length; at += 160) if (random() < 0.1) samples.fill(0, at, at + 160);
    const { digits } = masked(samples, 8000);
    const presses = digits.map(({ reportedAt }) => Math.floor((reportedAt - 2400) / (230 * 8)));
    expect(new Set(presses).size).toBe(digits.length);
  });

  it('hears one key while one of its tones fades for 24 ms and the other stays', () => {
    const tone = (isRow: boolean): Float64Array => {
      const random = uniform(5);
      const presses = Array.from(ALL_KEYS, (digit) => ({
        digit,
        toneMs: 100,
        pauseMs: 80,
        rowDbm0: isRow ? -10 : -Infinity,
        columnDbm0: isRow ? -Infinity : -10,
      }));
      return pressSequence(presses, { rateHz: 8000, marginMs: 300, random }).signal;
    };
    for (const isRowFading of [true, false]) {
      const fading = tone(isRowFading);
      for (let onset = 2400; onset < fading.length; onset += 180 * 8)
        for (let n = onset + 50 * 8; n < onset + 74 * 8; n += 1) fading[n]! *= 0.3;
      const steady = tone(!isRowFading);
      const samples = toInt16(fading.map((value, n) => value + steady[n]!));
      expect(digitsOf(masked(samples, 8000))).toBe(ALL_KEYS);
    }
  });

  it('reports a key again, however long ago a packet was lost', () => {
    const digits = '7'.repeat(200);
    const { samples } = keyTones({ ...LINE, digits, toneMs: 80, pauseMs: 80 });
    samples.fill(0, 2400, 2400 + 160);
    expect(digitsOf(masked(samples, 8000))).toBe(digits);
  });

  it.each(VOICES)('hears no key in what %s says', (voice) => {
    expect(digitsOf(masked(talk(voice), 8000))).toBe('');
    expect(digitsOf(masked(talk(voice), 8000, { sensitivity: 'normal' }))).toBe('');
  });

  it.each(VOICES)('replaces at most a 40th of what %s says in capture, and in normal a 140th', (voice) => {
    const samples = talk(voice);
    const share = (sensitivity: 'capture' | 'normal'): number =>
      masked(samples, 8000, { sensitivity }).spans.reduce((sum, { start, end }) => sum + end - start, 0) /
      samples.length;
    // 2.5 % and 0.7 % of speech time.
    expect(share('capture')).toBeLessThanOrEqual(0.025);
    expect(share('normal')).toBeLessThanOrEqual(0.007);
  });

  it('hears keys while the caller talks 10 dB below them', () => {
    const keyed = keyTones({ ...LINE, digits: ALL_KEYS.repeat(2), toneMs: 80, pauseMs: 120, dbm0: -8 });
    const signal = Float64Array.from(keyed.samples);
    addNoise(signal, -75, uniform(3));
    // The voices peak about 6 dB above their mean level of -20 dBm0; 5 dB less is 10 dB below the pair.
    expect(digitsOf(masked(mixed(toInt16(signal), talk('rms'), -5), 8000))).toBe(ALL_KEYS.repeat(2));
  });
});
