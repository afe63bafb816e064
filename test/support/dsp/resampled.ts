/** Half length of the interpolation filter, in periods of the lower rate. */
const HALF_PERIODS = 24;

/**
 * Samples at another rate, by windowed-sinc interpolation (Hann), flat to 0.9 of the lower Nyquist frequency. Slow and
 * exact: a yardstick for tests that owes nothing to the code under test.
 */
export function resampled(samples: ArrayLike<number>, fromHz: number, toHz: number): ArrayLike<number> {
  if (fromHz === toHz) return samples;
  const cutoff = Math.min(1, toHz / fromHz);
  const half = HALF_PERIODS / cutoff;
  const out = new Float64Array(Math.floor((samples.length * toHz) / fromHz));
  for (let n = 0; n < out.length; n += 1) {
    const centre = (n * fromHz) / toHz;
    const first = Math.max(0, Math.ceil(centre - half));
    const last = Math.min(samples.length - 1, Math.floor(centre + half));
    let sum = 0;
    for (let i = first; i <= last; i += 1) {
      const x = i - centre;
      const angle = Math.PI * cutoff * x;
      const sinc = x === 0 ? 1 : Math.sin(angle) / angle;
      sum += (samples[i] ?? 0) * cutoff * sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / half));
    }
    out[n] = sum;
  }
  return out;
}
