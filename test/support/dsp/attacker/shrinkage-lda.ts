import { uniform } from '../key-tones.ts';
import { dot, factorize, solve } from './linear-algebra.ts';
import { argmax } from './statistics.ts';

const FOLDS = 10;

/** A feature further from its mean than this many deviations is an accident that must not rule the fit. */
const DEVIATIONS_MAX = 6;

interface KeySum {
  readonly sum: Float64Array;
  count: number;
}

interface ClassMeans {
  readonly means: readonly Float64Array[];
  readonly counts: readonly number[];
}

/**
 * What a linear discriminant makes of labelled features: trained on nine tenths, asked about the rest, ten times.
 * The covariance within the classes is drawn towards a multiple of the identity by `shrinkage`, since there may be
 * nearly as many features as examples.
 */
export class CrossValidation {
  readonly #features: readonly Float64Array[];
  readonly #size: number;
  readonly #foldOf: readonly number[];
  readonly #scatterOfFold: readonly Float64Array[];
  readonly #scatter: Float64Array;

  constructor(features: readonly (readonly number[])[], seed: number) {
    this.#features = standardized(features);
    this.#size = this.#features[0]?.length ?? 0;
    const random = uniform(seed);
    const order = features.map((_, i) => ({ i, rank: random() })).toSorted((a, b) => a.rank - b.rank);
    const foldOf = Array<number>(features.length).fill(0);
    for (const [place, { i }] of order.entries()) foldOf[i] = place % FOLDS;
    this.#foldOf = foldOf;
    this.#scatterOfFold = Array.from({ length: FOLDS }, (_, fold) => {
      const scatter = new Float64Array(this.#size ** 2);
      addScatter(
        scatter,
        this.#features.filter((_, i) => foldOf[i] === fold),
      );
      return scatter;
    });
    this.#scatter = new Float64Array(this.#size ** 2);
    for (const scatter of this.#scatterOfFold) addTo(this.#scatter, scatter, 1);
  }

  /** Row and column of each press, guessed apart by discriminants that have not seen the press. */
  guesses(keys: readonly number[], shrinkage: number): { rows: number[]; columns: number[] } {
    const rows = Array<number>(keys.length).fill(0);
    const columns = Array<number>(keys.length).fill(0);
    const sums = this.#sumsOfKeys(keys);
    for (let fold = 0; fold < FOLDS; fold += 1) {
      const factor = this.#covariance(
        this.#classMeans(sums, fold, 16, (key) => key),
        fold,
        shrinkage,
      );
      factorize(factor, this.#size);
      for (const [guesses, classOf] of [
        [rows, (key: number) => key >> 2],
        [columns, (key: number) => key & 3],
      ] as const) {
        const { means } = this.#classMeans(sums, fold, 4, classOf);
        const directions = means.map((average) => {
          const direction = Float64Array.from(average);
          solve(factor, this.#size, direction);
          return direction;
        });
        const offsets = means.map((average, c) => dot(average, directions[c]!) / 2);
        for (const [i, vector] of this.#features.entries()) {
          if (this.#foldOf[i] !== fold) continue;
          guesses[i] = argmax(directions.map((direction, c) => dot(direction, vector) - offsets[c]!));
        }
      }
    }
    return { rows, columns };
  }

  /** Sum and number of the examples per fold and key. */
  #sumsOfKeys(keys: readonly number[]): readonly (readonly KeySum[])[] {
    const sums = Array.from({ length: FOLDS }, () =>
      Array.from({ length: 16 }, () => ({ sum: new Float64Array(this.#size), count: 0 })),
    );
    for (const [i, vector] of this.#features.entries()) {
      const own = sums[this.#foldOf[i]!]![keys[i]!]!;
      addTo(own.sum, vector, 1);
      own.count += 1;
    }
    return sums;
  }

  /** Means and numbers of the examples per class outside of a fold. */
  #classMeans(
    sums: readonly (readonly KeySum[])[],
    fold: number,
    classes: number,
    classOf: (key: number) => number,
  ): ClassMeans {
    const means = Array.from({ length: classes }, () => new Float64Array(this.#size));
    const counts = Array<number>(classes).fill(0);
    for (const [other, ofFold] of sums.entries()) {
      if (other === fold) continue;
      for (const [key, { sum, count }] of ofFold.entries()) {
        addTo(means[classOf(key)]!, sum, 1);
        counts[classOf(key)]! += count;
      }
    }
    for (const [c, average] of means.entries()) {
      for (let k = 0; k < average.length; k += 1) average[k]! /= Math.max(1, counts[c]!);
    }
    return { means, counts };
  }

  /** Covariance within the keys, outside of a fold. */
  #covariance({ means, counts }: ClassMeans, fold: number, shrinkage: number): Float64Array {
    const size = this.#size;
    const covariance = Float64Array.from(this.#scatter);
    addTo(covariance, this.#scatterOfFold[fold]!, -1);
    for (const [c, average] of means.entries()) addOuter(covariance, average, -counts[c]!);
    const count = counts.reduce((sum, value) => sum + value, 0);
    let trace = 0;
    for (let k = 0; k < size; k += 1) trace += covariance[k * (size + 1)]! / count;
    for (let k = 0; k < covariance.length; k += 1) covariance[k]! *= (1 - shrinkage) / count;
    // The last term keeps a feature that never varies from making the matrix singular.
    for (let k = 0; k < size; k += 1) covariance[k * (size + 1)]! += (shrinkage * trace) / size + 1e-9;
    return covariance;
  }
}

/** Zero mean and unit deviation per feature. */
function standardized(features: readonly (readonly number[])[]): Float64Array[] {
  const count = features.length;
  const size = features[0]?.length ?? 0;
  const centre = new Float64Array(size);
  const deviation = new Float64Array(size);
  for (const vector of features) for (let k = 0; k < size; k += 1) centre[k]! += vector[k]! / count;
  for (const vector of features) {
    for (let k = 0; k < size; k += 1) deviation[k]! += (vector[k]! - centre[k]!) ** 2 / count;
  }
  return features.map((vector) =>
    Float64Array.from(vector, (value, k) => {
      const score = (value - centre[k]!) / (Math.sqrt(deviation[k]!) + 1e-9);
      return Math.max(-DEVIATIONS_MAX, Math.min(DEVIATIONS_MAX, score));
    }),
  );
}

/** Adds `vector vector^T` of each vector to the lower triangle, four at a time: memory is what this waits for. */
function addScatter(matrix: Float64Array, vectors: readonly Float64Array[]): void {
  const size = vectors[0]?.length ?? 0;
  const nothing = new Float64Array(size);
  for (let v = 0; v < vectors.length; v += 4) {
    const [a, b = nothing, c = nothing, d = nothing] = [
      vectors[v]!,
      vectors[v + 1],
      vectors[v + 2],
      vectors[v + 3],
    ];
    for (let i = 0; i < size; i += 1) {
      const ai = a[i]!;
      const bi = b[i]!;
      const ci = c[i]!;
      const di = d[i]!;
      const row = i * size;
      for (let j = 0; j <= i; j += 1) matrix[row + j]! += ai * a[j]! + bi * b[j]! + ci * c[j]! + di * d[j]!;
    }
  }
}

/** Adds `weight vector vector^T` to the lower triangle, the only one that factorising reads. */
function addOuter(matrix: Float64Array, vector: Float64Array, weight: number): void {
  const size = vector.length;
  for (let i = 0; i < size; i += 1) {
    const scale = weight * vector[i]!;
    const row = i * size;
    for (let j = 0; j <= i; j += 1) matrix[row + j]! += scale * vector[j]!;
  }
}

function addTo(sum: Float64Array, values: Float64Array, weight: number): void {
  for (let i = 0; i < sum.length; i += 1) sum[i]! += weight * values[i]!;
}
