import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SampleRate } from '../../src/core/sample-rate.ts';
import { Masker } from '../../src/dsp/masker.ts';
import type { MaskerObserver } from '../../src/dsp/masker.ts';
import { ALL_KEYS, keyTones, lineNoise, mixed } from '../support/dsp/key-tones.ts';
import { DEFAULTS, digitsOf, masked } from '../support/dsp/masked.ts';
import { resampled } from '../support/dsp/resampled.ts';
import { talk } from '../support/dsp/talk.ts';

/** Goal: what the agent hears. Method: sample by sample comparison of output with input, and of spans with each other. */

const NOBODY: MaskerObserver = { digitStarted() {}, digitEnded() {}, maskStarted() {}, maskEnded() {} };
const RATES: readonly SampleRate[] = [8000, 16000, 24000];

function masker(sampleRate: SampleRate = 8000): Masker {
  return new Masker({ ...DEFAULTS, sampleRate }, NOBODY);
}

describe.each(RATES)('the output at %i Hz', (rateHz) => {
  it.each([3, 5, 7.3, 10])(
    'is the input, bit by bit, %f ms later, where nothing is masked',
    (lookaheadMs) => {
      const samples = lineNoise(rateHz, -30);
      const { output, latencySamples, spans } = masked(samples, rateHz, { lookaheadMs });
      expect(latencySamples).toBe(Math.round((lookaheadMs * rateHz) / 1000));
      expect(spans).toEqual([]);
      expect(output.subarray(0, latencySamples)).toEqual(new Int16Array(latencySamples));
      expect(output.subarray(latencySamples)).toEqual(samples.subarray(0, samples.length - latencySamples));
    },
  );

  it('carries speech unchanged outside of the spans that are reported', () => {
    const samples = Int16Array.from(
      resampled(talk('scotland').subarray(0, 8 * 8000), 8000, rateHz),
      Math.round,
    );
    const { output, latencySamples, spans } = masked(samples, rateHz);
    const isReturn = rateHz * 0.005;
    let changed = 0;
    for (let n = 0; n + latencySamples < samples.length; n += 1) {
      if (spans.some(({ start, end }) => n >= start && n < end + isReturn)) continue;
      if (output[n + latencySamples] !== samples[n]) changed += 1;
    }
    expect(changed).toBe(0);
  });

  it('holds nothing of the caller inside a span', () => {
    const keyed = keyTones({ rateHz, digits: ALL_KEYS, toneMs: 80, pauseMs: 100, noiseDbm0: -70 });
    const inverted = keyed.samples.map((sample) => (sample === -32768 ? 32767 : -sample));
    const [one, other] = [masked(keyed.samples, rateHz), masked(inverted, rateHz)];
    expect(other.spans).toEqual(one.spans);
    const mask = { at: 70 * (rateHz / 1000), length: 20 * (rateHz / 1000) };
    for (const { start } of one.spans) {
      const from = start + one.latencySamples + mask.at;
      const window = [one.output, other.output].map((output) => output.subarray(from, from + mask.length));
      expect(window[0]).toEqual(window[1]);
    }
  });

  it('has no click', () => {
    const keyed = keyTones({ rateHz, digits: ALL_KEYS, toneMs: 80, pauseMs: 130, noiseDbm0: -60, dbm0: -20 });
    const { output } = masked(keyed.samples, rateHz);
    // The steepest thing that may be heard is the mask: 500 Hz at -16 dBm0, 1421 sin(2 pi 500 / rate) per sample.
    const steepest = 3618 * 2 * Math.sin((Math.PI * 500) / rateHz);
    let jump = 0;
    for (let n = 1; n < output.length; n += 1) jump = Math.max(jump, Math.abs(output[n]! - output[n - 1]!));
    expect(jump).toBeLessThanOrEqual(steepest * 1.1);
  });
});

describe('the mask', () => {
  it('has the same shape for every key', () => {
    const shapes = Array.from(ALL_KEYS, (digit) => {
      const keyed = keyTones({ rateHz: 8000, digits: digit, toneMs: 90, pauseMs: 200, noiseDbm0: -70 });
      const { output, spans, latencySamples } = masked(keyed.samples, 8000);
      expect(spans).toHaveLength(1);
      const { start, end } = spans[0]!;
      // From the point where concealment has given way to the tone; before it only the caller's own past sounds.
      return { start, end, tone: output.slice(start + latencySamples + 65 * 8, end + latencySamples) };
    });
    for (const shape of shapes) expect(shape).toEqual(shapes[0]);
  });

  it('begins and ends with an outgoing frame in capture', () => {
    const keyed = keyTones({ rateHz: 8000, digits: ALL_KEYS, toneMs: 63, pauseMs: 171, noiseDbm0: -70 });
    const { spans, latencySamples } = masked(keyed.samples, 8000);
    expect(spans).toHaveLength(16);
    for (const { start, end } of spans)
      expect([(start + latencySamples) % 160, (end + latencySamples) % 160]).toEqual([0, 0]);
  });

  it.each([
    // The mean square of silence, and of the comfort noise at -55 dBm0: 824, less or more by its own variance.
    { mode: 'silence', least: 0, most: 0 },
    { mode: 'noise', least: 650, most: 1000 },
  ] as const)('is quiet in mode $mode', ({ mode, least, most }) => {
    const keyed = keyTones({ rateHz: 8000, digits: '4', toneMs: 200, pauseMs: 200, noiseDbm0: -70 });
    const { output, spans, latencySamples } = masked(keyed.samples, 8000, { mode });
    const inner = output.subarray(spans[0]!.start + latencySamples + 70 * 8, spans[0]!.end + latencySamples);
    const power = inner.reduce((sum, sample) => sum + sample * sample, 0) / inner.length;
    expect(power).toBeGreaterThanOrEqual(least);
    expect(power).toBeLessThanOrEqual(most);
  });
});

describe('chunks of any length', () => {
  const keyed = keyTones({ rateHz: 8000, digits: '1590#A', toneMs: 60, pauseMs: 60, noiseDbm0: -60 });
  const samples = mixed(keyed.samples, talk('scotland'), -15);
  const reference = masked(samples, 8000);

  it('of whole frames give the same output however they are grouped', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 }), (frames) => {
        const result = masked(
          samples,
          8000,
          {},
          frames.map((count) => 160 * count),
        );
        expect(result.output).toEqual(reference.output);
      }),
      { numRuns: 15 },
    );
  });

  it('never change what is heard nor leave more than half a millisecond of a press', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 60 }), (chunks) => {
        const result = masked(samples, 8000, {}, chunks);
        expect(digitsOf(result)).toBe('1590#A');
        expect(result.output).toHaveLength(samples.length);
        for (const { onset, end } of keyed.presses) {
          let open = end - onset;
          for (const span of result.spans)
            open -= Math.max(0, Math.min(end, span.end) - Math.max(onset, span.start));
          expect(open).toBeLessThan(4);
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe('a masker', () => {
  const keyed = keyTones({ rateHz: 8000, digits: '123', toneMs: 80, pauseMs: 80, noiseDbm0: -60 });

  it('passes audio and still hears when disarmed', () => {
    const heard: string[] = [];
    const subject = new Masker(
      { ...DEFAULTS, sampleRate: 8000 },
      { ...NOBODY, digitStarted: (code) => heard.push(String.fromCharCode(code)) },
    );
    subject.setArmed(false);
    const output = new Int16Array(keyed.samples.length);
    subject.process(keyed.samples, output);
    expect(heard.join('')).toBe('123');
    expect(output.subarray(80)).toEqual(keyed.samples.subarray(0, -80));
  });

  it('is silent while muted, with a ramp and not a step', () => {
    const subject = masker();
    const input = lineNoise(1600, -20);
    const output = new Int16Array(1600);
    subject.process(input, output);
    subject.setMuted(true);
    subject.process(input, output);
    expect(output.subarray(0, 20).some((sample) => sample !== 0)).toBe(true);
    expect(output.subarray(40)).toEqual(new Int16Array(1560));
    subject.setMuted(false);
    subject.process(input, output);
    expect(output.subarray(80)).toEqual(input.subarray(0, -80));
  });

  it('sounds the mask for a telephone event without a tone', () => {
    const spans: number[] = [];
    const subject = new Masker(
      { ...DEFAULTS, sampleRate: 8000 },
      { ...NOBODY, maskStarted: (at) => spans.push(at), maskEnded: (at) => spans.push(at) },
    );
    const [input, output] = [lineNoise(1600, -60), new Int16Array(1600)];
    subject.process(input, output);
    subject.coverEvent(100);
    subject.process(input, output);
    expect(spans).toEqual([1520, 2320]);
    // After the 5 ms ramp the tone has its level, -16 dBm0: a peak of 3618.
    expect(Math.max(...output.subarray(80, 700))).toBeGreaterThan(3500);
  });

  it('neither splits nor moves a press when a gap in the input is reported', () => {
    const long = keyTones({ rateHz: 8000, digits: '7', toneMs: 300, pauseMs: 200, noiseDbm0: -60 });
    const heard: number[] = [];
    const subject = new Masker(
      { ...DEFAULTS, sampleRate: 8000 },
      { ...NOBODY, digitStarted: (code) => heard.push(code) },
    );
    const kept = [...Array(long.samples.length / 160).keys()].filter((frame) => frame < 20 || frame > 23);
    const output = new Int16Array(160);
    let leaked = 0;
    for (const frame of kept) {
      if (frame === 24) subject.reportGap(640);
      subject.process(long.samples.subarray(frame * 160, (frame + 1) * 160), output);
      leaked = Math.max(leaked, ...output);
    }
    expect(heard).toEqual([0x37]);
    // The tones peak at 14 400; the mask at 3618.
    expect(leaked).toBeLessThan(3700);
  });

  it('changes sensitivity without a gap', () => {
    const subject = masker();
    const input = lineNoise(8000, -30);
    const output = new Int16Array(8000);
    for (let at = 0; at < 8000; at += 160) {
      subject.setSensitivity(at % 320 === 0 ? 'normal' : 'capture');
      subject.process(input.subarray(at, at + 160), output.subarray(at, at + 160));
    }
    expect(output.subarray(80)).toEqual(input.subarray(0, -80));
  });

  it('keeps nothing of the caller after wipe', () => {
    const subject = masker();
    subject.process(keyed.samples, new Int16Array(keyed.samples.length));
    subject.wipe();
    const output = new Int16Array(400);
    subject.process(new Int16Array(400), output);
    expect(output.subarray(0, 80)).toEqual(new Int16Array(80));
  });

  it('allocates nothing per frame', () => {
    // In a process of its own, compiled as a server is: the test runner's hooks keep functions from being optimised.
    const script = join(import.meta.dirname, '..', 'support', 'dsp', 'allocation.ts');
    const bytesPerFrame = Number(execFileSync(process.execPath, [script], { encoding: 'utf8' }));
    // One boxed number per hop would be 120 bytes.
    expect(bytesPerFrame).toBeLessThan(8);
  });
});
