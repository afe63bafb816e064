import { keyTone } from '../../src/simulator/key-tones.ts';

/** Like a held vowel: harmonics of 140 Hz, strongest below 800 Hz. */
export function voice(rate: number, frames: number): Int16Array {
  return Int16Array.from({ length: (frames * rate) / 50 }, (_, n) => {
    let sum = 0;
    for (let k = 1; k <= 12; k++) sum += Math.sin((2 * Math.PI * 140 * k * n) / rate + k * k) / k;
    return Math.round(2500 * sum);
  });
}

/** Half a second, 25 frames, with one key of 100 ms in it, -10 dBm0 per tone. */
export function keyPress(key: string, rate: number): Int16Array {
  const samples = new Int16Array(rate / 2);
  samples.set(keyTone(key, rate, { toneMs: 100, pauseMs: 0, levelDbm0: -10 }), rate / 5);
  return samples;
}

/** Level at a frequency in the loudest 20 ms, in dB of a full-scale sine. A Hann window keeps other tones out. */
export function loudestDb(samples: Int16Array, rate: number, frequencyHz: number): number {
  const length = rate / 50;
  let loudest = 0;
  for (let at = 0; at + length <= samples.length; at += length / 2) {
    let re = 0;
    let im = 0;
    for (let n = 0; n < length; n++) {
      const sample = samples[at + n]! * (1 - Math.cos((2 * Math.PI * n) / length));
      re += sample * Math.cos((2 * Math.PI * frequencyHz * n) / rate);
      im += sample * Math.sin((2 * Math.PI * frequencyHz * n) / rate);
    }
    loudest = Math.max(loudest, (2 * Math.hypot(re, im)) / length / 32768);
  }
  return 20 * Math.log10(loudest + 1e-9);
}

export function isSilent(samples: Int16Array): boolean {
  return samples.every((sample) => sample === 0);
}
