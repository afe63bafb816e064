/** What is kept clear of a fragment's edge on either side: the edge is known to 0.25 ms. */
const GAP_SAMPLES = 2;

/** The neighbourhood whose power counts, 3 ms, and the longer one that shows whether it is a flat tone, 5 ms. */
const NEAR_SAMPLES = 24;
const FLAT_SAMPLES = 40;

/** A flat tone leaves less than this of its power when every sample is told from the two before: -30 dB. */
const FLAT_REST = 0.001;

const ONE_TONE_REST = 0.006;

/** What one sine at the frequency of the flat tone beside it explains of that tone's ramp; of a pair it is half. */
const SAME_TONE_SHARE = 0.8;

/** Exponents of its ramp: none, straight, and the foot of a raised cosine. */
const RAMPS = [0, 1, 2] as const;

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
 * as silence, unless what is inside is that tone, beginning or ending.
 */
export function stepBefore(samples: ArrayLike<number>, from: number, to: number, power: number): number {
  const end = from - GAP_SAMPLES;
  return stepOver(samples, end - NEAR_SAMPLES, end - FLAT_SAMPLES, { from, to, foot: to }, power);
}

export function stepAfter(samples: ArrayLike<number>, from: number, to: number, power: number): number {
  const start = to + GAP_SAMPLES;
  return stepOver(samples, start, start, { from, to, foot: from - 1 }, power);
}

/** A fragment, and on which side the ramp of a tone beside it would begin. */
interface Inside {
  readonly from: number;
  readonly to: number;
  readonly foot: number;
}

function stepOver(
  samples: ArrayLike<number>,
  near: number,
  flat: number,
  inside: Inside,
  power: number,
): number {
  const beside = energyOf(samples, near) / NEAR_SAMPLES + ROUNDING_POWER;
  const c = flatTurn(samples, flat, FLAT_SAMPLES);
  if (restOf(samples, flat, FLAT_SAMPLES, c) >= FLAT_REST * beside) return power / beside;
  const turn = Math.acos(Math.max(-1, Math.min(1, c / 2)));
  const isSame = RAMPS.some((ramp) => shareOfSine(samples, inside, turn, ramp) > SAME_TONE_SHARE);
  return isSame ? 0 : Infinity;
}

/** Share of the energy inside that one sine of the given frequency explains, with a ramp that begins at the foot. */
function shareOfSine(
  samples: ArrayLike<number>,
  { from, to, foot }: Inside,
  turn: number,
  ramp: number,
): number {
  let [energy, cc, cs, ss, c, s] = [1e-9, 1e-9, 0, 1e-9, 0, 0];
  for (let n = from; n < to; n += 1) {
    const value = samples[n] ?? 0;
    const gain = (Math.abs(n - foot) / (to - from)) ** ramp;
    const cosine = gain * Math.cos(turn * (n - from));
    const sine = gain * Math.sin(turn * (n - from));
    energy += value * value;
    cc += cosine * cosine;
    cs += cosine * sine;
    ss += sine * sine;
    c += value * cosine;
    s += value * sine;
  }
  return (ss * c * c - 2 * cs * c * s + cc * s * s) / (cc * ss - cs * cs) / energy;
}

/**
 * Whether the stretch is one tone, such as a mask between the rows and the columns: over 3 ms it looks like a row and a
 * column. A pair leaves 2 % of its power at the least.
 */
export function isOneTone(samples: ArrayLike<number>, from: number, to: number, power: number): boolean {
  const c = flatTurn(samples, from, to - from);
  return restOf(samples, from, to - from, c) < ONE_TONE_REST * power;
}

/** The best c for x[n] + x[n-2] = c x[n-1], which holds for a steady sine: twice the cosine of its turn per sample. */
function flatTurn(samples: ArrayLike<number>, from: number, length: number): number {
  let product = 0;
  let square = 1e-9;
  for (let n = from + 2; n < from + length; n += 1) {
    const middle = samples[n - 1] ?? 0;
    product += middle * ((samples[n] ?? 0) + (samples[n - 2] ?? 0));
    square += middle * middle;
  }
  return product / square;
}

/** Power that is left when every sample is told that way from the two before. */
function restOf(samples: ArrayLike<number>, from: number, length: number, c: number): number {
  let rest = 0;
  for (let n = from + 2; n < from + length; n += 1) {
    rest += ((samples[n] ?? 0) + (samples[n - 2] ?? 0) - c * (samples[n - 1] ?? 0)) ** 2;
  }
  return rest / (length - 2);
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
