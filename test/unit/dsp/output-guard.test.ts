import { describe, expect, it } from 'vitest';
import { readWav } from '../../../src/audio-file/wav.ts';
import { SAMPLE_RATES } from '../../../src/core/sample-rate.ts';
import { OutputGuard } from '../../../src/dsp/output-guard.ts';
import { keyTone } from '../../../src/simulator/key-tones.ts';
import { SPOKEN_LINES, speechPath } from '../../../src/simulator/spoken-lines.ts';
import type { SpokenLine } from '../../../src/simulator/spoken-lines.ts';

/** In which of its frames of 20 ms the guard hears a key. */
function alarms(samples: Int16Array, rate: (typeof SAMPLE_RATES)[number]): boolean[] {
  const guard = new OutputGuard(rate);
  const frameSamples = rate / 50;
  const heard: boolean[] = [];
  for (let at = 0; at + frameSamples <= samples.length; at += frameSamples) {
    heard.push(guard.check(samples.subarray(at, at + frameSamples)));
  }
  return heard;
}

/** A flat tone as the mask has it. */
function flatTone(rate: number, hz: number): Int16Array {
  return Int16Array.from({ length: rate }, (_, n) =>
    Math.round(3600 * Math.sin((2 * Math.PI * hz * n) / rate)),
  );
}

describe('OutputGuard', () => {
  it.each(SAMPLE_RATES)('hears every key within 60 ms at %i Hz', (rate) => {
    for (const key of '0123456789*#') {
      const tone = keyTone(key, rate, { toneMs: 100, pauseMs: 0, levelDbm0: -10 });
      expect(alarms(tone, rate).slice(0, 3)).toContain(true);
    }
  });

  it.each([-3, -20, -35])('hears a key at %i dBm0 per tone', (levelDbm0) => {
    expect(alarms(keyTone('5', 8000, { toneMs: 100, pauseMs: 0, levelDbm0 }), 8000)).toContain(true);
  });

  it('is quiet on the mask, on silence and on one tone of a key alone', () => {
    expect(alarms(flatTone(8000, 500), 8000)).not.toContain(true);
    expect(alarms(flatTone(8000, 770), 8000)).not.toContain(true);
    expect(alarms(new Int16Array(8000), 8000)).not.toContain(true);
  });

  it.each(Object.keys(SPOKEN_LINES) as SpokenLine[])('is quiet on the speech of %s', async (line) => {
    const { channels } = await readWav(speechPath(line));
    expect(alarms(channels[0] ?? new Int16Array(0), 16_000)).not.toContain(true);
  });

  it('starts over after wipe', () => {
    const tone = keyTone('5', 8000, { toneMs: 40, pauseMs: 0, levelDbm0: -10 });
    const guard = new OutputGuard(8000);
    guard.check(tone.subarray(0, 160));
    guard.wipe();
    expect(guard.check(tone.subarray(160, 320))).toBe(false);
  });
});
