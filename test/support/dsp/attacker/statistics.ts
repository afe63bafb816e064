/** Probability of `hits` or more of `trials` when each is a hit with the probability `chance`. */
export function binomialTail(hits: number, trials: number, chance: number): number {
  if (hits <= 0) return 1;
  let logTerm = 0;
  for (let i = 0; i < hits; i += 1) logTerm += Math.log((trials - i) / (i + 1));
  logTerm += hits * Math.log(chance) + (trials - hits) * Math.log1p(-chance);
  let term = Math.exp(logTerm);
  let sum = 0;
  for (let k = hits; k <= trials; k += 1) {
    sum += term;
    term *= ((trials - k) / (k + 1)) * (chance / (1 - chance));
  }
  return Math.min(1, sum);
}

/** Probability that a normal value is this many deviations or more above its mean (Abramowitz and Stegun 26.2.17). */
export function normalTail(deviations: number): number {
  const x = Math.abs(deviations);
  const t = 1 / (1 + 0.2316419 * x);
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return deviations >= 0 ? tail : 1 - tail;
}

/** One probability from those of independent runs (Fisher): small if they are small together. */
export function combinedProbability(probabilities: readonly number[]): number {
  const half = probabilities.reduce((sum, p) => sum - Math.log(Math.max(p, 1e-300)), 0);
  let term = Math.exp(-half);
  let sum = 0;
  for (let j = 0; j < probabilities.length; j += 1) {
    sum += term;
    term *= half / (j + 1);
  }
  return Math.min(1, sum);
}

/** Position of the largest value. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i += 1) if (values[i]! > values[best]!) best = i;
  return best;
}

/** The value that the given share of the values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Numbers of a normal distribution with deviation 1, by the method of Box and Muller. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
