import type { SampleRate } from '../../core/sample-rate.ts';

/** Everything below works at this rate: the highest tone is 1633 Hz, and what is above 4 kHz tells nothing of a key. */
export const BAND_RATE_HZ = 8000;

/** Reach of the filter to either side. 1.25 ms blur the edges of a tone by less than the search's step of 0.5 ms. */
const REACH_MS = 1.25;

/** Cut-off of the filter: the tones pass whole, and little comes back mirrored at 4 kHz. */
const CUTOFF_HZ = 3700;

/** The telephone band of a recording: itself at 8 kHz, else low-passed (sinc under a Hann window) and thinned out. */
export function lowBand(samples: Int16Array, rate: SampleRate): ArrayLike<number> {
  if (rate === BAND_RATE_HZ) return samples;
  const factor = rate / BAND_RATE_HZ;
  const reach = (REACH_MS * rate) / 1000;
  const taps = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => tapAt(i - reach, reach, rate));
  const sum = taps.reduce((total, tap) => total + tap, 0);
  const out = new Float64Array(Math.floor(samples.length / factor));
  for (let n = 0; n < out.length; n += 1) {
    const first = n * factor - reach;
    let value = 0;
    for (let i = 0; i < taps.length; i += 1) value += taps[i]! * (samples[first + i] ?? 0);
    out[n] = value / sum;
  }
  return out;
}

function tapAt(distance: number, reach: number, rate: number): number {
  const hann = 0.5 + 0.5 * Math.cos((Math.PI * distance) / (reach + 1));
  const angle = (2 * Math.PI * CUTOFF_HZ * distance) / rate;
  return hann * (angle === 0 ? 1 : Math.sin(angle) / angle);
}
