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

  it.each([
    { toneMs: 40, twistDb: 0, offsetPercent: 0, noiseDbm0: -70 },
    { toneMs: 40, twistDb: 6, offsetPercent: 1.8, noiseDbm0: -23 },
    { toneMs: 40, twistDb: -6, offsetPercent: -1.8, noiseDbm0: -23 },
    { toneMs: 200, twistDb: 6, offsetPercent: -1.8, noiseDbm0: -23 },
  ])('lets no more than 40 ms of a press leave: $toneMs ms, $twistDb dB, $offsetPercent %', (press) => {
    const frame = rateHz / 50;
    const { samples, presses } = keyTones({ rateHz, digits: ALL_KEYS, pauseMs: 83, dbm0: -11, ...press });
    const heard = alarms(samples, rateHz);
    for (const { onset, end } of presses) {
      const first = heard.find((at) => (at + 1) * frame > onset && at * frame < end + frame);
      expect(first).toBeDefined();
      expect(first! * frame - onset).toBeLessThanOrEqual(0.04 * rateHz);
    }
  });

  it.each([300, 500, 600, 1005, 1070, 1130, 1735, 3400])('hears no key in a mask of %i Hz', (hz) => {
    const mask = Int16Array.from(
      { length: rateHz },
      (_, n) => 3618 * Math.sin((2 * Math.PI * hz * n) / rateHz),
    );
    expect(alarms(mask, rateHz)).toEqual([]);
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
