import { describe, expect, it } from 'vitest';
import type { SampleRate } from '../../src/core/sample-rate.ts';
import type { Sensitivity } from '../../src/dsp/masker.ts';
import { ALL_KEYS, keyTones } from '../support/dsp/key-tones.ts';
import type { Keying, KeyedSignal } from '../support/dsp/key-tones.ts';
import { digitsOf, masked } from '../support/dsp/masked.ts';
import type { MaskedSignal } from '../support/dsp/masked.ts';
import { throughMuLaw } from '../support/dsp/mu-law.ts';
import { decodeWithMultimon, multimonMissing } from '../support/dsp/multimon.ts';
import { decodeWithSpandsp, spandspMissing } from '../support/dsp/spandsp.ts';

/**
 * Goal: nothing that leaves for the agent tells a key, and every key is reported once. Method: two decoders that have
 * nothing in common with the product listen before and after; what they hear before is the positive control. Remnants
 * are judged by arithmetic: less than half a millisecond of any press may leave, since a maximum likelihood attacker
 * reads a digit from one millisecond.
 */

const LINES: readonly (Pick<Keying, 'toneMs' | 'pauseMs' | 'noiseDbm0'> & {
  name: string;
  isMuLaw?: boolean;
})[] = [
  { name: 'a clean line', toneMs: 70, pauseMs: 60, noiseDbm0: -70 },
  { name: 'digital silence', toneMs: 80, pauseMs: 80 },
  { name: 'mu-law', toneMs: 70, pauseMs: 60, noiseDbm0: -65, isMuLaw: true },
  { name: '20 dB of signal to noise', toneMs: 80, pauseMs: 80, noiseDbm0: -27 },
  { name: '12 dB of signal to noise', toneMs: 100, pauseMs: 80, noiseDbm0: -19 },
  { name: 'the shortest presses and pauses of Q.24', toneMs: 40, pauseMs: 40, noiseDbm0: -70 },
];
const RATES: readonly SampleRate[] = [8000, 16000, 24000];
const SENSITIVITIES: readonly Sensitivity[] = ['capture', 'normal'];

describe.each(RATES)('at %i Hz', (rateHz) => {
  describe.each(SENSITIVITIES)('in %s', (sensitivity) => {
    describe.each(LINES)('on $name', ({ isMuLaw = false, ...line }) => {
      const keyed = keyTones({ ...line, rateHz, digits: ALL_KEYS + ALL_KEYS, seed: rateHz + line.toneMs });
      const samples = isMuLaw ? throughMuLaw(keyed.samples) : keyed.samples;
      const result = masked(samples, rateHz, { sensitivity });

      it('reports every key once', () => {
        expect(digitsOf(result)).toBe(ALL_KEYS + ALL_KEYS);
      });

      it('lets less than half a millisecond of every press through', () => {
        expect(longestRemnantMs(keyed, result, rateHz)).toBeLessThan(0.5);
      });

      it.skipIf(spandspMissing())('leaves SpanDSP nothing of what it heard before', () => {
        expect(decodeWithSpandsp(samples, rateHz)).toBe(ALL_KEYS + ALL_KEYS);
        expect(decodeWithSpandsp(result.output, rateHz)).toBe('');
      });

      it.skipIf(multimonMissing())('leaves multimon-ng nothing of what it heard before', () => {
        // multimon-ng works on 22 ms blocks: the shortest pauses run together for it, and noise costs it some digits.
        expect(decodeWithMultimon(samples, rateHz).length).toBeGreaterThanOrEqual(
          line.toneMs >= 70 ? 28 : 16,
        );
        expect(decodeWithMultimon(result.output, rateHz)).toBe('');
      });
    });
  });
});

describe('a masker that mutes when a detector reports', () => {
  it.skipIf(spandspMissing())('leaves remnants that this measure finds', async () => {
    const { reportsOfSpandsp } = await import('../support/dsp/spandsp.ts');
    const keyed = keyTones({ rateHz: 8000, digits: ALL_KEYS, toneMs: 70, pauseMs: 60, noiseDbm0: -70 });
    const reports = reportsOfSpandsp(keyed.samples, 8000);
    const spans = reports.map(({ sample }) => ({ start: sample, end: sample + 560 }));
    expect(longestRemnantMs(keyed, { spans }, 8000)).toBeGreaterThan(20);
  });
});

/** The longest time of any press that is not masked, in ms. */
function longestRemnantMs(
  { presses }: KeyedSignal,
  { spans }: Pick<MaskedSignal, 'spans'>,
  rateHz: number,
): number {
  let longest = 0;
  for (const { onset, end } of presses) {
    let open = end - onset;
    for (const span of spans) open -= Math.max(0, Math.min(end, span.end) - Math.max(onset, span.start));
    longest = Math.max(longest, open);
  }
  return (longest / rateHz) * 1000;
}
