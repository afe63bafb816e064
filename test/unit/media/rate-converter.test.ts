import { describe, expect, it } from 'vitest';
import { SAMPLE_RATES } from '../../../src/core/sample-rate.ts';
import type { SampleRate } from '../../../src/core/sample-rate.ts';
import { RateConverter, conversionDelayMs } from '../../../src/media/rate-converter.ts';

const PAIRS = SAMPLE_RATES.flatMap((from) =>
  SAMPLE_RATES.filter((to) => to !== from).map((to) => [from, to] as const),
);
const AMPLITUDE = 10_000;
const FRAMES = 25;

function convert(from: SampleRate, to: SampleRate, input: Int16Array): Int16Array {
  const converter = new RateConverter(from, to);
  const [inputFrame, outputFrame] = [from / 50, to / 50];
  const output = new Int16Array((input.length / inputFrame) * outputFrame);
  for (let frame = 0; frame * inputFrame < input.length; frame++) {
    converter.process(
      input.subarray(frame * inputFrame, (frame + 1) * inputFrame),
      output.subarray(frame * outputFrame, (frame + 1) * outputFrame),
    );
  }
  return output;
}

function sine(rate: SampleRate, frequencyHz: number): Int16Array {
  return Int16Array.from({ length: (FRAMES * rate) / 50 }, (_, n) =>
    Math.round(AMPLITUDE * Math.sin((2 * Math.PI * frequencyHz * n) / rate)),
  );
}

/** Gain in dB of one frequency, against the sine that went in; measured over the last 0.4 s. */
function gainDb(output: Int16Array, rate: SampleRate, frequencyHz: number): number {
  const tail = output.subarray(output.length - rate * 0.4);
  let re = 0;
  let im = 0;
  tail.forEach((sample, n) => {
    re += sample * Math.cos((2 * Math.PI * frequencyHz * n) / rate);
    im += sample * Math.sin((2 * Math.PI * frequencyHz * n) / rate);
  });
  return 20 * Math.log10((2 * Math.hypot(re, im)) / tail.length / AMPLITUDE + 1e-12);
}

describe('RateConverter', () => {
  it.each(PAIRS)('delays %d to %d Hz by exactly what it says', (from, to) => {
    const input = new Int16Array((3 * from) / 50);
    // 20 ms in, at a sample that exists at every rate.
    input[from / 50] = AMPLITUDE;
    const output = convert(from, to, input);
    const peak = output.indexOf(Math.max(...output));
    // 1 ms where 8 kHz is one of the rates, else half of that.
    const delay = Math.min(from, to) === 8000 ? to / 1000 : to / 2000;
    expect(peak).toBe(to / 50 + delay);
    expect(conversionDelayMs(from, to)).toBe((1000 * delay) / to);
    // Linear phase: what comes before the peak mirrors what comes after it.
    for (let n = 1; n <= delay; n++) expect(output[peak - n]).toBe(output[peak + n]);
  });

  it.each(PAIRS)('passes the speech band from %d to %d Hz', (from, to) => {
    for (const frequencyHz of [300, 1000, 2000, 3000]) {
      const gain = gainDb(convert(from, to, sine(from, frequencyHz)), to, frequencyHz);
      expect(Math.abs(gain), `${frequencyHz} Hz`).toBeLessThan(0.1);
    }
    expect(gainDb(convert(from, to, sine(from, 3400)), to, 3400)).toBeGreaterThan(-1.5);
  });

  it.each([
    [16000, 8000, 4800, 3200],
    [16000, 8000, 6500, 1500],
    [24000, 8000, 4800, 3200],
    [24000, 8000, 9000, 1000],
    [24000, 16000, 9600, 6400],
  ] as const)('keeps an alias out: %d to %d Hz, %d as %d Hz', (from, to, inHz, aliasHz) => {
    expect(gainDb(convert(from, to, sine(from, inHz)), to, aliasHz)).toBeLessThan(-50);
  });

  it.each([
    [8000, 16000, 3200, 4800],
    [8000, 24000, 3200, 4800],
    [8000, 24000, 1000, 9000],
    [16000, 24000, 6400, 9600],
  ] as const)('keeps an image out: %d to %d Hz, %d as %d Hz', (from, to, inHz, imageHz) => {
    expect(gainDb(convert(from, to, sine(from, inHz)), to, imageHz)).toBeLessThan(-50);
  });

  it('clips instead of wrapping around at full scale', () => {
    const square = Int16Array.from({ length: 480 }, (_, n) => (Math.floor(n / 8) % 2 === 0 ? 32767 : -32768));
    const output = convert(8000, 16000, square);
    // What follows a full positive sample is not near the other end, as it would be after a wrap-around.
    const next = output.filter((_, n) => output[n - 1] === 32767);
    expect(Math.min(...next)).toBeGreaterThan(-20_000);
    expect(output).toContain(32767);
  });

  it('remembers nothing after it was wiped', () => {
    const converter = new RateConverter(8000, 24000);
    const output = new Int16Array(480);
    converter.process(sine(8000, 1000).subarray(0, 160), output);
    converter.wipe();
    converter.process(new Int16Array(160), output);
    expect(output).toEqual(new Int16Array(480));
  });
});
