/** What sounds besides the tone, as a linear predictor: `error[n] = sum weights[k] x[n - k]`, `weights[0] = 1`. */
export interface Background {
  readonly weights: Float64Array;
  /** Power of the prediction error, in squared 16 bit units. */
  readonly variance: number;
}

/** White noise of rounding alone, for where there is nothing to learn from. */
const UNKNOWN: Background = { weights: Float64Array.of(1), variance: 100 };

/** Rounding and a little more; below it a predictor fits digital silence perfectly and every likelihood explodes. */
const FLOOR = 4;

/** Fits the predictor to audio by the autocorrelation method with a Hann window (Levinson and Durbin). */
export function fitBackground(samples: Float64Array, order: number): Background {
  if (samples.length <= 200) return UNKNOWN;
  const length = samples.length;
  const window = Float64Array.from(
    samples,
    (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 1)) / (length + 1)),
  );
  const power = window.reduce((sum, weight) => sum + weight * weight, 0);
  const correlation = Float64Array.from({ length: order + 1 }, (_, lag) => {
    let sum = 0;
    for (let n = lag; n < length; n += 1)
      sum += samples[n]! * window[n]! * samples[n - lag]! * window[n - lag]!;
    return sum / power;
  });
  correlation[0] = correlation[0]! * 1.0001 + FLOOR;
  const weights = new Float64Array(order + 1);
  weights[0] = 1;
  let error = correlation[0];
  for (let i = 1; i <= order; i += 1) {
    let sum = 0;
    for (let k = 0; k < i; k += 1) sum += weights[k]! * correlation[i - k]!;
    const reflection = -sum / error;
    const before = weights.slice(0, i);
    for (let k = 1; k <= i; k += 1) weights[k]! += reflection * before[i - k]!;
    error *= 1 - reflection * reflection;
  }
  return { weights, variance: Math.max(error, FLOOR) };
}

/** The prediction errors of `samples`, which follow on `past` (zeros where it is too short). */
export function predictionErrors(
  samples: Float64Array,
  past: Float64Array,
  weights: Float64Array,
): Float64Array {
  return samples.map((_, n) => {
    let sum = 0;
    for (let k = 0; k < weights.length; k += 1) {
      const value = n >= k ? samples[n - k]! : (past[past.length + n - k] ?? 0);
      sum += weights[k]! * value;
    }
    return sum;
  });
}
