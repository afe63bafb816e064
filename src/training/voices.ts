import { changeSpeed, telephoneBand } from './augmentation.ts';
import type { Random } from './random.ts';
import type { Recording } from './speech-corpus.ts';

const RATE = 8000;

/** The voice that is none: a line with nothing but noise on it. */
export const NOISE = 'noise';

const SPEEDS = [0.75, 1.25, 1.5] as const;
const EXTREME_SPEEDS = [0.7, 0.8, 0.9, 1.1, 1.4] as const;

/** A voice as it is, over the telephone's band, and slower and faster. */
export function variants(voice: Recording): Float32Array[] {
  if (voice.name === NOISE) return [voice.samples];
  return [
    voice.samples,
    telephoneBand(voice.samples),
    ...SPEEDS.map((speed) => changeSpeed(voice.samples, speed)),
  ];
}

/** Voices that nobody has, band-limited: what a receiver's talk-off is tried with. */
export function extremes(voice: Recording): Float32Array[] {
  if (voice.name === NOISE) return [];
  return EXTREME_SPEEDS.map((speed) => telephoneBand(changeSpeed(voice.samples, speed)));
}

/** White noise whose level changes every half second, from a digital to a very noisy line. */
export function lineNoise(seconds: number, random: Random): Recording {
  const samples = new Float32Array(seconds * RATE);
  let peak = 1;
  for (let i = 0; i < samples.length; i += 1) {
    if (i % 4000 === 0) peak = 10 ** random.between(0.3, 2.6);
    samples[i] = peak * random.normal();
  }
  return { name: NOISE, samples };
}
