/** Half length of the interpolation filter, in periods of the lower rate. */
const HALF_PERIODS = 24;

/**
 * Samples at another rate, by windowed-sinc interpolation (Hann), flat to 0.9 of the lower Nyquist frequency. Slow and
 * exact: a yardstick for tests that owes nothing to the code under test.
 */
export function resampled(samples: ArrayLike<number>, fromHz: number, toHz: number): ArrayLike<number> {
  if (fromHz === toHz) return samples;
  const common = greatestCommonDivisor(fromHz, toHz);
  const [step, phases] = [fromHz / common, toHz / common];
  const cutoff = Math.min(1, toHz / fromHz);
  const half = HALF_PERIODS / cutoff;
  // The filter repeats with as many phases as the rates have between two samples that coincide.
  const filters = Array.from({ length: phases }, (_, phase) =>
    filterAt((phase * step) / phases, half, cutoff),
  );
  const out = new Float64Array(Math.floor((samples.length * toHz) / fromHz));
  const input = Float64Array.from(samples);
  for (const [phase, { first, weights }] of filters.entries()) {
    let base = first;
    for (let n = phase; n < out.length; n += phases, base += step) {
      const last = Math.min(weights.length, input.length - base);
      let sum = 0;
      for (let i = Math.max(0, -base); i < last; i += 1) sum += input[base + i]! * weights[i]!;
      out[n] = sum;
    }
  }
  return out;
}

/** Weights of the input samples around a place between them, the first of them at `first`. */
function filterAt(centre: number, half: number, cutoff: number): { first: number; weights: Float64Array } {
  const first = Math.ceil(centre - half);
  const weights = Float64Array.from({ length: Math.floor(centre + half) - first + 1 }, (_, i) => {
    const x = first + i - centre;
    const angle = Math.PI * cutoff * x;
    const sinc = x === 0 ? 1 : Math.sin(angle) / angle;
    return cutoff * sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / half));
  });
  return { first, weights };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
