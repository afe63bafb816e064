import { describe, expect, it } from 'vitest';
import type { SampleRate } from '../../../src/core/sample-rate.ts';
import { decimatorFor } from '../../../src/dsp/decimator.ts';
import { appendInput } from '../../../src/dsp/kernel/kernel-port.ts';
import { ALERT, LAST_SILENCE, NEWEST } from '../../../src/dsp/kernel/layout.ts';
import { ScalarKernel } from '../../../src/dsp/kernel/scalar-kernel.ts';
import { SimdKernel } from '../../../src/dsp/kernel/simd-kernel.ts';
import { StatePool } from '../../../src/dsp/kernel/state-pool.ts';

/** Goal: the core hears the DTMF band as it is and nothing folds into it. Method: response to sines. */
describe.each([
  ['vector', SimdKernel],
  ['scalar', ScalarKernel],
])('the decimator of the %s kernel', (_name, KernelClass) => {
  /** The core's hops of an input. */
  function hopsOf(rate: SampleRate, input: Int16Array, chunk: number): { hops: number[][]; silence: number } {
    const kernel = new KernelClass();
    const state = new StatePool(kernel).acquire({}, decimatorFor(rate).factor);
    const hops: number[][] = [];
    for (let at = 0; at < input.length; at += chunk) {
      appendInput(kernel, state, input, at, Math.min(at + chunk, input.length));
      while (kernel.hops(state, ALERT) > 0)
        hops.push(Array.from(kernel.floats.subarray((state + NEWEST) / 4, (state + NEWEST) / 4 + 16)));
    }
    return { hops, silence: kernel.integers[(state + LAST_SILENCE) / 4]! };
  }

  function gainDb(rate: SampleRate, hz: number): number {
    const input = Int16Array.from({ length: rate / 10 }, (_, n) =>
      Math.round(10_000 * Math.sin((2 * Math.PI * hz * n) / rate)),
    );
    const heard = hopsOf(rate, input, rate / 50)
      .hops.slice(6)
      .flat();
    return 10 * Math.log10(heard.reduce((sum, sample) => sum + sample * sample, 0) / heard.length / 5e7);
  }

  it.each([16_000, 24_000] as const)('passes the tones of both groups at %i Hz within 0.5 dB', (rate) => {
    for (const hz of [670, 697, 941, 1209, 1633, 1690]) expect(Math.abs(gainDb(rate, hz))).toBeLessThan(0.5);
  });

  it.each([16_000, 24_000] as const)('keeps what would fold into the tones 30 dB down at %i Hz', (rate) => {
    for (const hz of [6310, 6700, 7300]) expect(gainDb(rate, hz)).toBeLessThan(-30);
  });

  it('hands 8 kHz through unchanged, however the input is cut', () => {
    const input = Int16Array.from({ length: 160 }, (_, n) => n * 100);
    for (const chunk of [160, 7, 16, 50])
      expect(hopsOf(8000, input, chunk).hops.flat()).toEqual(Array.from(input));
  });

  it.each([16_000, 24_000] as const)('delays %i Hz by what it says', (rate) => {
    const { factor, delaySamples } = decimatorFor(rate);
    const input = new Int16Array(16 * factor);
    // An impulse whose delayed position is that of core sample 8.
    input[8 * factor + factor - 1 - delaySamples] = 10_000;
    const [hop] = hopsOf(rate, input, input.length).hops;
    expect(hop!.indexOf(Math.max(...hop!))).toBe(8);
  });

  it('knows how long the last exact silence was, in input samples', () => {
    const input = Int16Array.from({ length: 960 }, (_, n) => (n >= 100 && n < 420 ? 0 : 500));
    for (const rate of [8000, 16_000, 24_000] as const) expect(hopsOf(rate, input, 96).silence).toBe(320);
  });

  it('takes no zero of a tone for a silence', () => {
    const input = Int16Array.from({ length: 960 }, (_, n) =>
      (n >= 100 && n < 420) || n % 80 >= 65 ? 0 : 500,
    );
    for (const rate of [8000, 16_000, 24_000] as const) expect(hopsOf(rate, input, 96).silence).toBe(320);
  });
});
