import { describe, expect, it } from 'vitest';
import type { SampleRate } from '../../../src/core/sample-rate.ts';
import { OutputGuard } from '../../../src/dsp/output-guard.ts';
import { ALL_KEYS, keyTones } from '../../support/dsp/key-tones.ts';
import { masked } from '../../support/dsp/masked.ts';
import { resampled } from '../../support/dsp/resampled.ts';
import { talk, VOICES } from '../../support/dsp/talk.ts';

/** Goal: the last line before the agent. Method: audio that the masker has not touched, and audio that it has. */

/** Frames in which the guard hears a digit. */
function alarms(samples: Int16Array, rate: SampleRate): number[] {
  const guard = new OutputGuard(rate);
  const frame = rate / 50;
  const heard: number[] = [];
  for (let at = 0; at + frame <= samples.length; at += frame) {
    if (guard.check(samples.subarray(at, at + frame))) heard.push(at / frame);
  }
  return heard;
}

describe.each([8000, 16_000, 24_000] as const)('the output guard at %i Hz', (rateHz) => {
  it('hears every key that is not masked', () => {
    for (const digit of ALL_KEYS) {
      const { samples } = keyTones({ rateHz, digits: digit, toneMs: 80, pauseMs: 80, noiseDbm0: -50 });
      expect(alarms(samples, rateHz)).not.toEqual([]);
    }
  });

  it('hears nothing once they are masked', () => {
    const { samples } = keyTones({ rateHz, digits: ALL_KEYS, toneMs: 80, pauseMs: 80, noiseDbm0: -50 });
    for (const mode of ['tone', 'noise', 'silence'] as const) {
      expect(alarms(masked(samples, rateHz, { mode }).output, rateHz)).toEqual([]);
    }
  });

  it.each(VOICES)('hears no key in what %s says', (voice) => {
    const samples = Int16Array.from(resampled(talk(voice).subarray(0, 160_000), 8000, rateHz), Math.round);
    expect(alarms(samples, rateHz)).toEqual([]);
  });
});
