import { CORE_RATE_HZ } from './constants.ts';
import type { SampleRate } from '../core/sample-rate.ts';

/** How one stream becomes the 8 kHz core; the kernel does it. */
export interface Decimator {
  /** Input samples per core sample. */
  readonly factor: 1 | 2 | 3;
  /** Group delay in input samples: content at input position p appears in the core at (p + delay) / factor. */
  readonly delaySamples: number;
  /** Weights of a linear-phase low-pass: the centre, then each distance from it. */
  readonly weights: readonly number[];
}

/**
 * The band that matters ends at 1.7 kHz (highest tone +3.5 %), so what may fold into it starts at 6.3 kHz. At factor 2
 * a half-band filter (Lagrange, 11 taps) has 41 dB there, at factor 3 a third-band one (Hamming, 15 taps) has 40. Every
 * second weight of the one and every third of the other is zero.
 */
export const DECIMATORS: Readonly<Record<1 | 2 | 3, Decimator>> = {
  1: decimator(1, [1]),
  2: decimator(2, [256 / 512, 150 / 512, 0, -25 / 512, 0, 3 / 512]),
  3: decimator(3, windowedSinc(7, 3)),
};

export function decimatorFor(rate: SampleRate): Decimator {
  return DECIMATORS[(rate / CORE_RATE_HZ) as 1 | 2 | 3];
}

function decimator(factor: 1 | 2 | 3, weights: readonly number[]): Decimator {
  return { factor, weights, delaySamples: weights.length - 1 };
}

/** Half of a symmetric filter with unity gain at 0 Hz that lets the `factor`th part of the band pass. */
function windowedSinc(half: number, factor: number): number[] {
  const taps = Array.from({ length: half + 1 }, (_, k) => {
    if (k > 0 && k % factor === 0) return 0;
    const sinc = k === 0 ? 1 / factor : Math.sin((Math.PI * k) / factor) / (Math.PI * k);
    return sinc * (0.54 + 0.46 * Math.cos((Math.PI * k) / half));
  });
  const gain = taps.reduce((sum, tap, k) => sum + (k === 0 ? tap : 2 * tap), 0);
  return taps.map((tap) => tap / gain);
}
