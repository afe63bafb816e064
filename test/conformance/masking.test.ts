import { describe, expect, it } from 'vitest';
import type { SampleRate } from '../../src/core/sample-rate.ts';
import type { Sensitivity } from '../../src/dsp/masker.ts';
import { addNoise, ALL_KEYS, keyTones, pressSequence, toInt16, uniform } from '../support/dsp/key-tones.ts';
import type { Keying, KeyedSignal } from '../support/dsp/key-tones.ts';
import { digitsOf, masked } from '../support/dsp/masked.ts';
import type { MaskedSignal } from '../support/dsp/masked.ts';
import { throughMuLaw } from '../support/dsp/mu-law.ts';
import { decodeWithMultimon, multimonMissing } from '../support/dsp/multimon.ts';
import { decodeWithSpandsp, spandspMissing } from '../support/dsp/spandsp.ts';
import { talk, VOICES } from '../support/dsp/talk.ts';

/**
 * Goal: nothing that leaves for the agent tells a key, and every key is reported once. Method: two decoders that have
 * nothing in common with the product listen before and after; what they hear before is the positive control. Remnants
 * are judged by arithmetic: less than half a millisecond of any press may leave, since a maximum likelihood attacker
 * reads a digit from one millisecond.
 */

type Masking = Pick<MaskedSignal, 'spans'>;
type Stretch = Pick<KeyedSignal['presses'][number], 'onset' | 'end'>;

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

/**
 * Keys of -30 dBm0 per tone in noise of -25 dBm0 are too faint to be told from it. Whoever has just pressed a key that came
 * through badly is likely to press more.
 */
describe.each(SENSITIVITIES)('faint keys in %s', (sensitivity) => {
  /** Share of them that is open for half a millisecond or more. */
  function openShare(firstDbm0: number, pauseMs: number): number {
    let open = 0;
    let faint = 0;
    for (let seed = 1; seed <= 5; seed += 1) {
      const random = uniform(seed);
      const levels = [firstDbm0, ...Array.from({ length: 10 }, () => -30)];
      const { signal, presses } = pressSequence(
        levels.map((dbm0, i) => ({
          digit: ALL_KEYS[i]!,
          toneMs: 100,
          pauseMs: i === 0 ? pauseMs : 150,
          rowDbm0: dbm0,
          columnDbm0: dbm0,
        })),
        { rateHz: 8000, marginMs: 300, random },
      );
      addNoise(signal, -25, random);
      const result = masked(toInt16(signal), 8000, { sensitivity });
      expect(digitsOf(result)[0]).toBe(ALL_KEYS[0]);
      faint += presses.length - 1;
      open += presses.slice(1).filter((press) => remnantMs(press, result, 8000) >= 0.5).length;
    }
    return open / faint;
  }

  it('are all masked for five seconds after one that noise has mangled', () => {
    expect(openShare(-24, 2000)).toBe(0);
  });

  it('are mostly open after a clear one, and later', () => {
    expect(openShare(0, 2000)).toBeGreaterThan(0.5);
    expect(openShare(-24, 6000)).toBeGreaterThan(0.5);
  });
});

describe('a voice after a clear key', () => {
  it.each(VOICES)('is altered no more than before it: %s', (voice) => {
    const said = talk(voice);
    const keyed = keyTones({ rateHz: 8000, digits: '5', toneMs: 100, pauseMs: 300, noiseDbm0: -70 }).samples;
    const alteredMs = (before: Int16Array): number => {
      const samples = new Int16Array(before.length + said.length);
      samples.set(before);
      samples.set(said, before.length);
      const { spans } = masked(samples, 8000);
      return (
        spans.reduce((sum, { start, end }) => sum + Math.max(0, end - Math.max(start, before.length)), 0) / 8
      );
    };
    expect(alteredMs(keyed)).toBe(alteredMs(new Int16Array(keyed.length)));
  });
});

/** The caller's side of a call on a motorway: without a limit the noise itself would keep the mask up. */
describe('loud noise', () => {
  it.each([
    ['capture', 0.25],
    ['normal', 0.0625],
  ] as const)(
    'is heard again after a key in %s: at most %f of ten seconds are masked',
    (sensitivity, most) => {
      const keying: Keying = { rateHz: 8000, digits: ALL_KEYS, toneMs: 100, pauseMs: 10_000, noiseDbm0: -25 };
      const { samples, presses } = keyTones(keying);
      const { spans } = masked(samples, 8000, { sensitivity });
      const pauses = presses.length * 80_000;
      const tones = presses.length * 800;
      const maskedSamples = spans.reduce((sum, { start, end }) => sum + end - start, 0);
      expect((maskedSamples - tones) / pauses).toBeLessThan(most);
    },
  );
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
function longestRemnantMs({ presses }: KeyedSignal, result: Masking, rateHz: number): number {
  return Math.max(...presses.map((press) => remnantMs(press, result, rateHz)));
}

function remnantMs({ onset, end }: Stretch, { spans }: Masking, rateHz: number): number {
  let open = end - onset;
  for (const span of spans) open -= Math.max(0, Math.min(end, span.end) - Math.max(onset, span.start));
  return (open / rateHz) * 1000;
}
