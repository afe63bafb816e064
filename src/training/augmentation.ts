/* oxlint-disable typescript/no-non-null-assertion -- typed-array reads, as in src/dsp. */
import type { Random } from './random.ts';
import { throughCodec } from './speech-corpus.ts';
import type { Codec } from './speech-corpus.ts';

const RATE = 8000;
const PACKET = 160;

/** Plays faster and higher (factor > 1) or slower and lower, by cubic interpolation. */
export function changeSpeed(samples: Float32Array, factor: number): Float32Array {
  const out = new Float32Array(Math.floor((samples.length - 4) / factor));
  for (let n = 0; n < out.length; n += 1) {
    const position = n * factor + 1;
    const i = Math.floor(position);
    const t = position - i;
    const [a, b, c, d] = [samples[i - 1]!, samples[i]!, samples[i + 1]!, samples[i + 2]!];
    out[n] = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  }
  return out;
}

/** The band of a telephone line, 300 to 3400 Hz: second order at each end, twice at the top. */
export function telephoneBand(samples: Float32Array): Float32Array {
  let out = biquad(samples, 'high', 300, Math.SQRT1_2);
  for (const q of [0.541, 1.307]) out = biquad(out, 'low', 3400, q);
  return out;
}

/** 20 ms packets lost at random, replaced by zeros. */
export function losePackets(samples: Float32Array, share: number, random: Random): Float32Array {
  const out = Float32Array.from(samples);
  for (let at = 0; at < out.length; at += PACKET) if (random.next() < share) out.fill(0, at, at + PACKET);
  return out;
}

/** One echo, `delayMs` later and `lossDb` weaker. */
export function addEcho(samples: Float32Array, delayMs: number, lossDb: number): Float32Array {
  const delay = (delayMs * RATE) / 1000;
  const gain = 10 ** (-lossDb / 20);
  return samples.map((sample, i) => sample + (i >= delay ? gain * samples[i - delay]! : 0));
}

/** What a line or a terminal does to everything on it, voice and tones alike. */
export function degrade(samples: Float32Array, kind: Degradation, random: Random): Float32Array {
  switch (kind) {
    case 'none':
      return samples;
    case 'mu-law':
    case 'gsm':
    case 'amr':
    case 'amr-12.2':
    case 'opus':
    case 'opus-24':
      return throughCodec(samples, kind);
    case 'gsm-twice':
      return throughCodec(throughCodec(samples, 'gsm'), 'gsm');
    case 'echo':
      return addEcho(samples, random.between(10, 80), random.between(8, 20));
    case 'noise': {
      const peak = 10 ** random.between(0.5, 2.2);
      return samples.map((sample) => sample + peak * random.normal());
    }
    case 'clip':
      return samples.map((sample) => Math.max(-9000, Math.min(9000, 2 * sample)));
  }
}

export type Degradation = Codec | 'none' | 'gsm-twice' | 'echo' | 'noise' | 'clip';

/** Filter of the Audio EQ Cookbook (R. Bristow-Johnson). */
function biquad(samples: Float32Array, kind: 'low' | 'high', hz: number, q: number): Float32Array {
  const w = (2 * Math.PI * hz) / RATE;
  const alpha = Math.sin(w) / (2 * q);
  const cosine = Math.cos(w);
  const a0 = 1 + alpha;
  const b1 = (kind === 'low' ? 1 - cosine : -1 - cosine) / a0;
  const b0 = Math.abs(b1) / 2;
  const [a1, a2] = [(-2 * cosine) / a0, (1 - alpha) / a0];
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  return samples.map((x) => {
    const y = b0 * x + b1 * x1 + b0 * x2 - a1 * y1 - a2 * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    return y;
  });
}
