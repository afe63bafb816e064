import { describe, expect, it } from 'vitest';
import type { SampleRate } from '../../../src/core/sample-rate.ts';
import { findRecoverableDigits } from '../../../src/dsp/recording-verifier.ts';
import { ALL_KEYS, keyTones } from '../../support/dsp/key-tones.ts';
import { throughMuLaw } from '../../support/dsp/mu-law.ts';
import { talk, VOICES } from '../../support/dsp/talk.ts';

/** Goal: `tonewall verify` finds what an attacker could use. Method: presses and remnants of known place. */

const found = (samples: Int16Array, rate: SampleRate): string =>
  findRecoverableDigits(samples, rate)
    .map(({ code }) => String.fromCharCode(code))
    .join('');

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

  it('finds remnants of 10 ms', () => {
    const { samples } = keyTones({ rateHz: 8000, digits: ALL_KEYS, toneMs: 10, pauseMs: 90, noiseDbm0: -65 });
    expect(found(throughMuLaw(samples), 8000)).toBe(ALL_KEYS);
  });

  it('finds presses at 9 dB of signal to noise', () => {
    const { samples } = keyTones({ rateHz: 8000, digits: ALL_KEYS, toneMs: 80, pauseMs: 80, noiseDbm0: -16 });
    expect(found(samples, 8000)).toBe(ALL_KEYS);
  });

  it.each(VOICES)('finds nothing in what %s says', (voice) => {
    expect(findRecoverableDigits(talk(voice), 8000)).toEqual([]);
  });

  it('finds nothing in the mask itself', () => {
    const mask = Int16Array.from({ length: 8000 }, (_, n) =>
      Math.round(3618 * Math.sin((2 * Math.PI * 500 * n) / 8000)),
    );
    expect(findRecoverableDigits(mask, 8000)).toEqual([]);
  });
});
