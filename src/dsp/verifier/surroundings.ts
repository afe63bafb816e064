/** What is kept clear of a fragment's edge on either side: the edge is known to 0.25 ms. */
const GAP_SAMPLES = 2;

/** The neighbourhood whose power counts, 3 ms, and the longer one that shows whether it is a flat tone, 5 ms. */
const NEAR_SAMPLES = 24;
const FLAT_SAMPLES = 40;

/** A flat tone leaves less than this of its power when every sample is told from the two before: -30 dB. */
const FLAT_REST = 0.001;

/** Rounding to 16 bit has a power of 1/12; with this much nothing is divided by zero, and silence stays silent. */
const ROUNDING_POWER = 0.3;

/** How far around a fragment its like, or anything as loud, is sought: 25 ms, two periods of the lowest voice. */
const AROUND_SAMPLES = 200;
const AROUND_STEP = 8;

/** The like may be louder or softer by this factor; what is softer still does not make a voice. */
const LEAST_GAIN = 0.25;
const MOST_GAIN = 3;

/**
 * How far the power inside stands above what is beside it, as a ratio. A flat tone beside it, such as the mask, counts
 * as silence: it continues, and so explains nothing of what is inside.
 */
export function stepBefore(samples: ArrayLike<number>, from: number, power: number): number {
  const end = from - GAP_SAMPLES;
  return stepOver(samples, end - NEAR_SAMPLES, end - FLAT_SAMPLES, power);
}

export function stepAfter(samples: ArrayLike<number>, to: number, power: number): number {
  const start = to + GAP_SAMPLES;
  return stepOver(samples, start, start, power);
}

function stepOver(samples: ArrayLike<number>, near: number, flat: number, power: number): number {
  const beside = energyOf(samples, near) / NEAR_SAMPLES + ROUNDING_POWER;
  if (power >= 100 * beside) return power / beside;
  return flatRest(samples, flat) < FLAT_REST * beside ? Infinity : power / beside;
}

/** Power that is left when x[n] + x[n-2] is told as c x[n-1], which holds for every steady sine with some c. */
function flatRest(samples: ArrayLike<number>, from: number): number {
  let product = 0;
  let square = 1e-9;
  for (let n = from + 2; n < from + FLAT_SAMPLES; n += 1) {
    const middle = samples[n - 1] ?? 0;
    product += middle * ((samples[n] ?? 0) + (samples[n - 2] ?? 0));
    square += middle * middle;
  }
  const c = product / square;
  let rest = 0;
  for (let n = from + 2; n < from + FLAT_SAMPLES; n += 1) {
    rest += ((samples[n] ?? 0) + (samples[n - 2] ?? 0) - c * (samples[n - 1] ?? 0)) ** 2;
  }
  return rest / (FLAT_SAMPLES - 2);
}

/** How far the power inside stands above the loudest 3 ms within 25 ms on either side, as a ratio. */
export function isolation(samples: ArrayLike<number>, from: number, to: number, power: number): number {
  let loudest = 0;
  for (let n = 0; n + NEAR_SAMPLES <= AROUND_SAMPLES; n += AROUND_STEP) {
    const before = energyOf(samples, from - GAP_SAMPLES - AROUND_SAMPLES + n);
    const after = energyOf(samples, to + GAP_SAMPLES + n);
    loudest = Math.max(loudest, before, after);
  }
  return power / (loudest / NEAR_SAMPLES + ROUNDING_POWER);
}

function energyOf(samples: ArrayLike<number>, from: number): number {
  let energy = 0;
  for (let n = from; n < from + NEAR_SAMPLES; n += 1) energy += (samples[n] ?? 0) ** 2;
  return energy;
}

/**
 * What is left of the stretch, as a share of its energy, when it is told from the most similar stretch within 25 ms.
 * A voice repeats itself with every pulse of the glottis; the remnant of a key press has no like.
 */
export function novelty(samples: ArrayLike<number>, from: number, to: number): number {
  let energy = 1e-9;
  for (let n = from; n < to; n += 1) energy += (samples[n] ?? 0) ** 2;
  let least = energy;
  for (let lag = to - from + 2; lag <= AROUND_SAMPLES; lag += 1) {
    least = Math.min(least, restAt(samples, from, to, -lag, energy), restAt(samples, from, to, lag, energy));
  }
  return least / energy;
}

function restAt(samples: ArrayLike<number>, from: number, to: number, lag: number, energy: number): number {
  let product = 0;
  let square = 1e-9;
  for (let n = from; n < to; n += 1) {
    const like = samples[n + lag] ?? 0;
    product += (samples[n] ?? 0) * like;
    square += like * like;
  }
  const gain = product / square;
  if (gain <= LEAST_GAIN) return energy;
  const bounded = Math.min(gain, MOST_GAIN);
  return energy - 2 * bounded * product + bounded * bounded * square;
}
