import { describe, expect, it } from 'vitest';
import { frameBytes, frameSamples, silentFrame } from '../../../src/media/audio-format.ts';

// Samples and bytes per message as Vonage documents them.
describe('audio format', () => {
  it.each([
    [8000, 160, 320],
    [16000, 320, 640],
    [24000, 480, 960],
  ] as const)('has %d Hz frames of %d samples and %d bytes', (rate, samples, bytes) => {
    expect([frameSamples(rate), frameBytes(rate)]).toEqual([samples, bytes]);
  });

  it('has a silent frame for each size that is a whole frame, and none for others', () => {
    for (const size of [320, 640, 960]) expect(silentFrame(size)).toEqual(Buffer.alloc(size));
    for (const size of [0, 1, 319, 641, 1280]) expect(silentFrame(size)).toBeNull();
  });
});
