/* oxlint-disable typescript/no-non-null-assertion -- typed-array reads, as in src/dsp. */
import { networkScore } from '../dsp/network.ts';
import type { NetworkWeights } from '../dsp/network.ts';
import type { FeatureSet } from './feature-set.ts';
import { Random } from './random.ts';

export interface TrainingPlan {
  readonly hidden: number;
  readonly steps: number;
  readonly seed: number;
  /** The best row of each positive group is enough (a press must be seen once); else every row counts. */
  readonly isOnePerGroup: boolean;
}

const BATCH = 1024;
const LEARNING_RATE = 4e-3;

/** Adam (Kingma and Ba 2014) with the authors' constants. */
const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

/** After this share of the steps training turns to the negatives that look most like positives. */
const HARD_AFTER = 0.3;
const HARD_SHARE = 0.1;

/** Trains a network to tell `positives` from `negatives`, each half of every batch. */
export function trainNetwork(
  positives: FeatureSet,
  negatives: FeatureSet,
  plan: TrainingPlan,
): NetworkWeights {
  const random = new Random(plan.seed);
  const scaling = scalingOf(positives, negatives);
  const model = new Model(positives.width, plan.hidden, scaling, random);
  let hard: Uint32Array | undefined;
  for (let step = 1; step <= plan.steps; step += 1) {
    if (hard === undefined && step > plan.steps * HARD_AFTER) hard = hardest(model.weights(), negatives);
    for (let i = 0; i < BATCH / 2; i += 1) {
      const one = pickPositive(positives, model, random, plan.isOnePerGroup && step > plan.steps * 0.1);
      model.learn(positives.values, one, 1);
      const isHard = hard !== undefined && random.next() < 0.9;
      const other = isHard ? hard![random.integer(hard!.length)]! : random.integer(negatives.rows);
      model.learn(negatives.values, other, 0);
    }
    model.step(LEARNING_RATE * 0.5 * (1 + Math.cos((Math.PI * step) / plan.steps)));
  }
  return model.weights();
}

/** Two networks as one whose score is the mean of theirs: what one seed has learned by chance weighs half. */
export function meanOf(a: NetworkWeights, b: NetworkWeights): NetworkWeights {
  const rows = a.hidden * (a.inputs + 1);
  const halves = [a, b].map(({ values }) => values.subarray(rows).map((weight) => weight / 2)) as [
    Float32Array,
    Float32Array,
  ];
  return {
    inputs: a.inputs,
    hidden: a.hidden + b.hidden,
    values: Float32Array.of(
      ...a.values.subarray(0, rows),
      ...b.values.subarray(0, rows),
      halves[0][0]! + halves[1][0]!,
      ...halves[0].subarray(1),
      ...halves[1].subarray(1),
    ),
  };
}

function pickPositive(set: FeatureSet, model: Model, random: Random, isBestOfGroup: boolean): number {
  if (!isBestOfGroup) return random.integer(set.rows);
  const group = random.integer(set.groups.length);
  const from = set.groups[group]!;
  const to = set.groups[group + 1] ?? set.rows;
  let best = from;
  let bestScore = -Infinity;
  for (let row = from; row < to; row += 1) {
    const score = model.forward(set.values, row);
    if (score > bestScore) {
      bestScore = score;
      best = row;
    }
  }
  return best;
}

/** Rows of the negatives with the highest scores. */
function hardest(weights: NetworkWeights, negatives: FeatureSet): Uint32Array {
  const scores = scoresOf(weights, negatives);
  const limit = Float64Array.from(scores).sort()[Math.floor(scores.length * (1 - HARD_SHARE))]!;
  return Uint32Array.from(scores.keys()).filter((row) => scores[row]! >= limit);
}

export function scoresOf(weights: NetworkWeights, set: FeatureSet): Float64Array {
  const row = new Float64Array(set.width);
  return Float64Array.from({ length: set.rows }, (_, at) => {
    for (let i = 0; i < set.width; i += 1) row[i] = set.values[at * set.width + i]!;
    return networkScore(weights, row);
  });
}

interface Scaling {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

function scalingOf(...sets: FeatureSet[]): Scaling {
  const width = sets[0]!.width;
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  for (const set of sets) {
    const { values } = set;
    for (let at = 0; at < values.length; at += 1) {
      mean[at % width]! += values[at]! / set.rows / sets.length;
      square[at % width]! += (values[at]! * values[at]!) / set.rows / sets.length;
    }
  }
  return {
    mean,
    deviation: square.map((value, i) => Math.sqrt(Math.max(1e-9, value - mean[i]! * mean[i]!))),
  };
}

/** The network in training: parameters in the order of `NetworkWeights`, on scaled features. */
class Model {
  readonly #inputs: number;
  readonly #hidden: number;
  readonly #scaling: Scaling;
  readonly #parameters: Float64Array;
  readonly #gradient: Float64Array;
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  readonly #x: Float64Array;
  readonly #sums: Float64Array;
  #steps = 0;

  constructor(inputs: number, hidden: number, scaling: Scaling, random: Random) {
    this.#inputs = inputs;
    this.#hidden = hidden;
    this.#scaling = scaling;
    const count = hidden * (inputs + 1) + 1 + hidden;
    this.#parameters = Float64Array.from({ length: count }, () => random.normal() / Math.sqrt(inputs));
    this.#gradient = new Float64Array(count);
    this.#first = new Float64Array(count);
    this.#second = new Float64Array(count);
    this.#x = new Float64Array(inputs);
    this.#sums = new Float64Array(hidden);
  }

  forward(values: Float32Array, row: number): number {
    const { mean, deviation } = this.#scaling;
    const p = this.#parameters;
    const n = this.#inputs;
    for (let i = 0; i < n; i += 1) this.#x[i] = (values[row * n + i]! - mean[i]!) / deviation[i]!;
    let out = this.#hidden * (n + 1);
    let score = p[out]!;
    for (let h = 0; h < this.#hidden; h += 1) {
      let sum = p[h * (n + 1)]!;
      for (let i = 0; i < n; i += 1) sum += p[h * (n + 1) + 1 + i]! * this.#x[i]!;
      this.#sums[h] = sum;
      out += 1;
      score += (p[out]! * sum) / (1 + Math.abs(sum));
    }
    return score;
  }

  /** Adds the gradient of the logistic loss of one row. */
  learn(values: Float32Array, row: number, target: 0 | 1): void {
    const score = this.forward(values, row);
    const slope = 1 / (1 + Math.exp(-score)) - target;
    const g = this.#gradient;
    const n = this.#inputs;
    const bias = this.#hidden * (n + 1);
    g[bias]! += slope;
    for (let h = 0; h < this.#hidden; h += 1) {
      const sum = this.#sums[h]!;
      const scale = 1 / (1 + Math.abs(sum));
      const inner = slope * this.#parameters[bias + 1 + h]! * scale * scale;
      g[bias + 1 + h]! += slope * sum * scale;
      const at = h * (n + 1);
      g[at]! += inner;
      for (let i = 0; i < n; i += 1) g[at + 1 + i]! += inner * this.#x[i]!;
    }
  }

  /** One step of Adam with the gradient collected since the last. */
  step(rate: number): void {
    this.#steps += 1;
    const g = this.#gradient;
    const correct1 = 1 - BETA_1 ** this.#steps;
    const correct2 = 1 - BETA_2 ** this.#steps;
    for (let i = 0; i < g.length; i += 1) {
      const gradient = g[i]! / BATCH;
      this.#first[i] = BETA_1 * this.#first[i]! + (1 - BETA_1) * gradient;
      this.#second[i] = BETA_2 * this.#second[i]! + (1 - BETA_2) * gradient * gradient;
      const root = Math.sqrt(this.#second[i]! / correct2) + EPSILON;
      this.#parameters[i]! -= (rate * this.#first[i]!) / correct1 / root;
    }
    g.fill(0);
  }

  /** The network for unscaled features. */
  weights(): NetworkWeights {
    const { mean, deviation } = this.#scaling;
    const values = Float32Array.from(this.#parameters);
    for (let h = 0; h < this.#hidden; h += 1) {
      const at = h * (this.#inputs + 1);
      let bias = this.#parameters[at]!;
      for (let i = 0; i < this.#inputs; i += 1) {
        const weight = this.#parameters[at + 1 + i]! / deviation[i]!;
        values[at + 1 + i] = weight;
        bias -= weight * mean[i]!;
      }
      values[at] = bias;
    }
    return { inputs: this.#inputs, hidden: this.#hidden, values };
  }
}
