import { describe, expect, it } from 'vitest';
import type { SampleRate } from '../../../src/core/sample-rate.ts';
import { Decimator } from '../../../src/dsp/decimator.ts';

/** Goal: the core hears the DTMF band as it is and nothing folds into it. Method: response to sines. */

function gainDb(rate: SampleRate, hz: number): number {
  const decimator = new Decimator(rate);
  const input = Int16Array.from({ length: rate / 10 }, (_, n) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * hz * n) / rate)),
  );
  const hop = new Float32Array(16);
  let energy = 0;
  let hops = 0;
  for (let at = 0; at < input.length;) {
    at = decimator.collect(input, at, input.length);
    if (!decimator.isFull) continue;
    decimator.hopInto(hop, 0);
    if (hops > 5) energy += hop.reduce((sum, sample) => sum + sample * sample, 0);
    hops += 1;
  }
  return 10 * Math.log10(energy / ((hops - 6) * 16) / 5e7);
}

describe('the decimator', () => {
  it.each([16_000, 24_000] as const)('passes the tones of both groups at %i Hz within 0.5 dB', (rate) => {
    for (const hz of [670, 697, 941, 1209, 1633, 1690]) expect(Math.abs(gainDb(rate, hz))).toBeLessThan(0.5);
  });

  it.each([16_000, 24_000] as const)('keeps what would fold into the tones 30 dB down at %i Hz', (rate) => {
    for (const hz of [6310, 6700, 7300]) expect(gainDb(rate, hz)).toBeLessThan(-30);
  });

  it('hands 8 kHz through unchanged', () => {
    const decimator = new Decimator(8000);
    const input = Int16Array.from({ length: 40 }, (_, n) => n * 100);
    const hop = new Float32Array(16);
    expect(decimator.collect(input, 0, 40)).toBe(16);
    decimator.hopInto(hop, 0);
    expect(Array.from(hop)).toEqual(Array.from(input.subarray(0, 16)));
  });

  it('delays by what it says', () => {
    for (const rate of [16_000, 24_000] as const) {
      const decimator = new Decimator(rate);
      const input = new Int16Array(16 * decimator.factor);
      // An impulse whose delayed position is that of core sample 8.
      input[8 * decimator.factor + decimator.factor - 1 - decimator.delaySamples] = 10_000;
      decimator.collect(input, 0, input.length);
      const hop = new Float32Array(16);
      decimator.hopInto(hop, 0);
      expect(hop.indexOf(Math.max(...hop))).toBe(8);
    }
  });
});
