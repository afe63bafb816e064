import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWav } from '../../../src/audio-file/wav.ts';
import type { SampleRate } from '../../../src/core/sample-rate.ts';
import { findRecoverableDigits } from '../../../src/dsp/recording-verifier.ts';
import { ALL_KEYS, keyTones, mixed } from '../../support/dsp/key-tones.ts';
import { masked } from '../../support/dsp/masked.ts';
import { throughMuLaw } from '../../support/dsp/mu-law.ts';
import { remnants } from '../../support/dsp/remnants.ts';
import { resampled } from '../../support/dsp/resampled.ts';
import { talk, VOICES } from '../../support/dsp/talk.ts';

/** Goal: `tonewall verify` finds what an attacker could use. Method: presses and remnants of known place. */

const SPEECH = join(import.meta.dirname, '../../../src/simulator/speech');

const found = (samples: Int16Array, rate: SampleRate): string =>
  findRecoverableDigits(samples, rate)
    .map(({ code }) => String.fromCharCode(code))
    .join('');

/** Share of the places at which something is found. */
function foundShare(
  samples: Int16Array,
  rate: SampleRate,
  places: readonly { readonly start: number; readonly end: number }[],
): number {
  const findings = findRecoverableDigits(samples, rate);
  const hit = places.filter(({ start, end }) =>
    findings.some(({ startSample, endSample }) => startSample < end && endSample > start),
  );
  return hit.length / places.length;
}

describe('the recording verifier', () => {
  it.each([8000, 16_000, 24_000] as const)('finds every press at %i Hz', (rateHz) => {
    const { samples, presses } = keyTones({
      rateHz,
      digits: ALL_KEYS,
      toneMs: 60,
      pauseMs: 80,
      noiseDbm0: -60,
    });
    expect(found(samples, rateHz)).toBe(ALL_KEYS);
    const findings = findRecoverableDigits(samples, rateHz);
    for (const [i, { startSample, endSample }] of findings.entries()) {
      expect(Math.abs(startSample - presses[i]!.onset) / rateHz).toBeLessThan(0.01);
      expect(Math.abs(endSample - presses[i]!.end) / rateHz).toBeLessThan(0.01);
    }
  });

  it('finds presses at 9 dB of signal to noise', () => {
    const { samples } = keyTones({ rateHz: 8000, digits: ALL_KEYS, toneMs: 80, pauseMs: 80, noiseDbm0: -16 });
    expect(found(samples, 8000)).toBe(ALL_KEYS);
  });

  it('finds presses that are 1.8 % off', () => {
    for (const offsetPercent of [-1.8, 1.8]) {
      const { samples } = keyTones({
        rateHz: 8000,
        digits: ALL_KEYS,
        toneMs: 60,
        pauseMs: 80,
        offsetPercent,
        noiseDbm0: -30,
      });
      expect(found(samples, 8000)).toBe(ALL_KEYS);
    }
  });

  it('finds remnants of 10 ms', () => {
    const { samples } = keyTones({ rateHz: 8000, digits: ALL_KEYS, toneMs: 10, pauseMs: 90, noiseDbm0: -65 });
    expect(found(throughMuLaw(samples), 8000)).toBe(ALL_KEYS);
  });

  it.each([
    { rateHz: 8000, snrDb: 20 },
    { rateHz: 16_000, snrDb: 20 },
    { rateHz: 24_000, snrDb: 20 },
    { rateHz: 8000, snrDb: 30 },
    { rateHz: 8000 },
    { rateHz: 8000, snrDb: 20, flat: 'before' },
    { rateHz: 8000, snrDb: 20, flat: 'both' },
  ] as const)(
    'finds 99 of 100 remnants of 3 ms in $snrDb dB of noise at $rateHz Hz, flat tone $flat',
    (around) => {
      const { samples, places } = remnants({ ...around, count: 300, lengthMs: 3 });
      expect(foundShare(samples, around.rateHz, places)).toBeGreaterThanOrEqual(0.99);
    },
  );

  it.each([
    { lengthMs: 3, least: 0.7 },
    { lengthMs: 5, least: 0.75 },
    { lengthMs: 8, least: 0.7 },
    { lengthMs: 40, least: 0.99 },
  ])('finds most remnants of $lengthMs ms in 10 dB of noise', ({ lengthMs, least }) => {
    const { samples, places } = remnants({ rateHz: 8000, count: 300, lengthMs, snrDb: 10 });
    expect(foundShare(samples, 8000, places)).toBeGreaterThanOrEqual(least);
  });

  it('finds what a masker leaves that mutes when it has detected', () => {
    const { samples, presses } = keyTones({
      rateHz: 8000,
      digits: ALL_KEYS,
      toneMs: 80,
      pauseMs: 80,
      noiseDbm0: -50,
    });
    for (const { onset, end } of presses) samples.fill(0, onset + 8 * 30, end);
    expect(found(samples, 8000)).toBe(ALL_KEYS);
  });

  it.each(VOICES)('finds nothing in what %s says', (voice) => {
    expect(findRecoverableDigits(talk(voice), 8000)).toEqual([]);
  });

  it('finds nothing in what the simulator says', async () => {
    const files = globSync('*.wav', { cwd: SPEECH });
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const { channels, sampleRate } = await readWav(join(SPEECH, file));
      expect(findRecoverableDigits(channels[0]!, sampleRate as SampleRate)).toEqual([]);
    }
  });

  it.each([8000, 16_000] as const)(
    'finds nothing in what our masker leaves of keys under speech at %i Hz',
    (rateHz) => {
      const { samples } = keyTones({ rateHz, digits: ALL_KEYS, toneMs: 80, pauseMs: 120, dbm0: -8 });
      const speech = Int16Array.from(resampled(talk('rms').subarray(0, 40_000), 8000, rateHz), Math.round);
      for (const mode of ['tone', 'silence', 'noise'] as const) {
        const { output } = masked(mixed(samples, speech, -20), rateHz, { mode });
        expect(findRecoverableDigits(output, rateHz)).toEqual([]);
      }
    },
  );

  it.each([300, 500, 1000, 1035, 1070, 1130, 1740, 3400])(
    'finds nothing in a mask of %i Hz, its ramps included',
    (maskFrequencyHz) => {
      const { samples } = keyTones({ rateHz: 8000, digits: ALL_KEYS, toneMs: 80, pauseMs: 120, dbm0: -8 });
      const { output } = masked(mixed(samples, talk('rms'), -20), 8000, { maskFrequencyHz });
      expect(findRecoverableDigits(output, 8000)).toEqual([]);
      expect(findRecoverableDigits(throughMuLaw(output), 8000)).toEqual([]);
    },
  );
});
