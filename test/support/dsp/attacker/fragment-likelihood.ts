import { COLUMNS_HZ, peakOf, ROWS_HZ } from '../key-tones.ts';
import type { Background } from './background.ts';
import { predictionErrors } from './background.ts';
import { dot, factorize, logDeterminant, solve } from './linear-algebra.ts';

/** The attacker knows the level to about 6 dB: three equally likely levels. */
const LEVEL_SPREAD_DB = [-6, 0, 6];

const NO_PAST = new Float64Array(0);

/**
 * Log-likelihood of each of the 16 keys for a fragment of audio, the best that can be done with it: both tones have
 * amplitudes of a normal distribution and any phase, the background is predicted from what preceded and taken out of
 * fragment and templates alike.
 */
export class FragmentLikelihood {
  /** Sine and cosine of each tone, rows first. */
  readonly #templates: readonly Float64Array[];

  constructor(lengthSamples: number, rateHz: number) {
    this.#templates = [...ROWS_HZ, ...COLUMNS_HZ].flatMap((hz) =>
      [Math.sin, Math.cos].map((wave) =>
        Float64Array.from({ length: lengthSamples }, (_, n) => wave((2 * Math.PI * hz * n) / rateHz)),
      ),
    );
  }

  ofKeys(
    fragment: Float64Array,
    past: Float64Array,
    { weights, variance }: Background,
    levelDbm0: number,
  ): Float64Array {
    const errors = predictionErrors(fragment, past, weights);
    const columns = this.#templates.map((template) => predictionErrors(template, NO_PAST, weights));
    const matches = columns.map((column) => dot(column, errors) / variance);
    const gram = columns.map((a) => columns.map((b) => dot(a, b) / variance));
    return Float64Array.from({ length: 16 }, (_, key) => {
      const row = 2 * (key >> 2);
      const column = 8 + 2 * (key & 3);
      return evidence([row, row + 1, column, column + 1], matches, gram, levelDbm0);
    });
  }
}

/** Integral of the likelihood over the four amplitudes, averaged over the levels. */
function evidence(
  columns: readonly number[],
  matches: readonly number[],
  gram: readonly (readonly number[])[],
  levelDbm0: number,
): number {
  const terms = LEVEL_SPREAD_DB.map((spread) => {
    const power = peakOf(levelDbm0 + spread) ** 2 / 2;
    const precision = new Float64Array(16);
    for (const [i, a] of columns.entries()) {
      for (const [j, b] of columns.entries()) precision[4 * i + j] = gram[a]![b]! + (i === j ? 1 / power : 0);
    }
    factorize(precision, 4);
    const match = Float64Array.from(columns, (at) => matches[at]!);
    const solution = Float64Array.from(match);
    solve(precision, 4, solution);
    return 0.5 * (dot(match, solution) - logDeterminant(precision, 4) - 4 * Math.log(power));
  });
  const largest = Math.max(...terms);
  return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0) / terms.length);
}
