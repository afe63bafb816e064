import { uniform } from '../key-tones.ts';
import { AttackScene } from './attack-scene.ts';
import type { Attack, AttackedPress } from './attack-scene.ts';
import { fitBackground } from './background.ts';
import { FragmentLikelihood } from './fragment-likelihood.ts';
import { CrossValidation } from './shrinkage-lda.ts';
import { argmax, binomialTail, mean, normalTail, quantile } from './statistics.ts';
import { readWindows } from './windows.ts';
import type { WindowReading } from './windows.ts';

/** What one way of guessing makes of the presses. */
export interface RuleResult {
  readonly correct: number;
  readonly rowCorrect: number;
  readonly columnCorrect: number;
  /** Share of digits found; chance is 1/16. */
  readonly recovery: number;
  /** Probability that guessing alone finds as many digits, rows and columns. */
  readonly pValue: number;
  readonly pRow: number;
  readonly pColumn: number;
  readonly isSignificant: boolean;
}

export const RULES = ['fragment', 'window', 'learned', 'timing'] as const;
export type Rule = (typeof RULES)[number];

export interface AttackReport {
  readonly presses: number;
  /** Milliseconds of tone that came through untouched, per press. */
  readonly open: {
    readonly meanMs: number;
    readonly p99Ms: number;
    readonly maxMs: number;
    readonly share: number;
  };
  readonly rules: Readonly<Record<Rule, RuleResult>>;
  /** Any rule is better than guessing. */
  readonly leak: boolean;
}

/** One in a hundred over the rules, two of which are asked several questions. */
export const SIGNIFICANT = 0.01 / 6;
const SIGNIFICANT_HALF = 0.001;

const CHANCE = 1 / 16;

/** Times that shuffled keys are learned: a deviation is known to an eighth from 30. */
const SHUFFLES = 30;
const FRAGMENT_MS_MAX = 30;

/** An open time from here on can tell a digit: with half a millisecond an attacker does little better than guess. */
const OPEN_MS = 0.5;

/** Poles of the background's predictor: two per formant below half of the rate, and some. */
const ORDER: Readonly<Record<number, number>> = { 8000: 12, 16000: 20, 24000: 28 };

/**
 * Tries to get the digits back out of masked audio, knowing everything but them: maximum likelihood on untouched
 * fragments, maximum likelihood on fixed windows with the mask tone taken out, and discriminants that learn from nine
 * tenths of the presses what energies and mask edges say of the rest.
 */
export function attackMask(attack: Attack, seed = 1): AttackReport {
  const scene = new AttackScene(attack);
  const { keys } = scene;
  const open = scene.openMs();
  const timing = scene.timing();
  const readings = readWindows(scene);
  const features = timing.map((shape, i) => [...readings.flatMap(({ energies }) => energies[i]!), ...shape]);
  const rules = {
    fragment: judged(guessesFromFragments(scene, seed), keys),
    window: judgedWindows(readings, keys),
    learned: judgedLearner(new CrossValidation(features, seed), keys, 0.3),
    timing: widened(new CrossValidation(timing, seed), keys, 0.05, seed),
  };
  return {
    presses: keys.length,
    open: {
      meanMs: mean(open),
      p99Ms: quantile(open, 0.99),
      maxMs: Math.max(...open),
      share: mean(open.map((ms) => (ms >= OPEN_MS ? 1 : 0))),
    },
    rules,
    leak: Object.values(rules).some(({ isSignificant }) => isSignificant),
  };
}

function guessesFromFragments(scene: AttackScene, seed: number): number[] {
  const { rateHz } = scene.attack;
  const random = uniform(seed);
  const known = new Map<number, FragmentLikelihood>();
  return scene.attack.presses.map((press) => {
    const fragments = scene.fragments(press);
    if (fragments.length === 0) return Math.floor(random() * 16);
    const sum = new Float64Array(16);
    for (const { start, end } of fragments) {
      const length = Math.min(end - start, scene.ms(FRAGMENT_MS_MAX));
      const likelihood = known.get(length) ?? new FragmentLikelihood(length, rateHz);
      known.set(length, likelihood);
      const scores = fragmentScores(scene, press, start, length, likelihood);
      for (let key = 0; key < 16; key += 1) sum[key]! += scores[key]!;
    }
    return argmax(sum);
  });
}

/** At the onset the audio before tells what else sounds; later only what was heard before the press does. */
function fragmentScores(
  scene: AttackScene,
  { onset }: AttackedPress,
  start: number,
  length: number,
  likelihood: FragmentLikelihood,
): Float64Array {
  const { heard, attack } = scene;
  const order = ORDER[attack.rateHz] ?? 12;
  const fragment = heard.subarray(start, start + length);
  const isLate = start > onset + scene.ms(1);
  const before = isLate
    ? heard.subarray(Math.max(0, onset - scene.ms(60)), Math.max(0, onset - scene.ms(2)))
    : heard.subarray(Math.max(0, start - scene.ms(40)), start);
  const background = fitBackground(before, order);
  if (!isLate) return likelihood.ofKeys(fragment, before, background, attack.levelDbm0);
  const variance = Math.max(background.variance, 25);
  return likelihood.ofKeys(
    fragment,
    new Float64Array(0),
    { weights: background.weights, variance },
    attack.levelDbm0,
  );
}

function judged(guesses: readonly number[], keys: readonly number[]): RuleResult {
  const count = (isRight: (guess: number, key: number) => boolean): number =>
    guesses.filter((guess, i) => isRight(guess, keys[i]!)).length;
  return result(
    keys.length,
    count((guess, key) => guess === key),
    count((guess, key) => guess >> 2 === key >> 2),
    count((guess, key) => (guess & 3) === (key & 3)),
  );
}

function result(presses: number, correct: number, rowCorrect: number, columnCorrect: number): RuleResult {
  const pValue = binomialTail(correct, presses, CHANCE);
  return {
    correct,
    rowCorrect,
    columnCorrect,
    recovery: correct / presses,
    pValue,
    pRow: binomialTail(rowCorrect, presses, 1 / 4),
    pColumn: binomialTail(columnCorrect, presses, 1 / 4),
    isSignificant: pValue < SIGNIFICANT,
  };
}

/** All windows together, and the best of them with its probability multiplied by their number. */
function judgedWindows(readings: readonly WindowReading[], keys: readonly number[]): RuleResult {
  const together = keys.map((_, i) => {
    const sum = new Float64Array(16);
    for (const { likelihoods } of readings)
      for (let key = 0; key < 16; key += 1) sum[key]! += likelihoods[i]![key]!;
    return argmax(sum);
  });
  const found = judged(together, keys);
  const alone = readings.map(({ likelihoods }) => judged(likelihoods.map(argmax), keys).pValue);
  const isBestSignificant = Math.min(...alone) * readings.length < SIGNIFICANT;
  return { ...found, isSignificant: found.isSignificant || isBestSignificant };
}

/** Row and column are learned apart; each alone has more power than the digit. */
function judgedLearner(learner: CrossValidation, keys: readonly number[], shrinkage: number): RuleResult {
  const { rows, columns } = learner.guesses(keys, shrinkage);
  const found = judged(
    rows.map((row, i) => 4 * row + columns[i]!),
    keys,
  );
  return { ...found, isSignificant: isLearned(found) };
}

function isLearned({ pValue, pRow, pColumn }: Pick<RuleResult, 'pValue' | 'pRow' | 'pColumn'>): boolean {
  return pValue < SIGNIFICANT || Math.min(pRow, pColumn) < SIGNIFICANT_HALF;
}

/**
 * The same for features with few values, such as edges on a grid: guesses go right or wrong in groups there, and a
 * binomial distribution is too narrow for chance. Learning shuffled keys tells how wide it is.
 */
function widened(
  learner: CrossValidation,
  keys: readonly number[],
  shrinkage: number,
  seed: number,
): RuleResult {
  const found = judgedLearner(learner, keys, shrinkage);
  const random = uniform(seed);
  const shuffled = Array.from({ length: SHUFFLES }, () => {
    const ranks = keys.map(() => random());
    const order = keys.map((_, i) => i).toSorted((a, b) => ranks[a]! - ranks[b]!);
    return judgedLearner(
      learner,
      order.map((i) => keys[i]!),
      shrinkage,
    );
  });
  const probability = (of: 'correct' | 'rowCorrect' | 'columnCorrect', binomial: number): number => {
    const chance = shuffled.map((outcome) => outcome[of]);
    const centre = mean(chance);
    const deviation = Math.sqrt(mean(chance.map((count) => (count - centre) ** 2)));
    return Math.max(binomial, normalTail((found[of] - centre) / Math.max(deviation, 1)));
  };
  const wide = {
    pValue: probability('correct', found.pValue),
    pRow: probability('rowCorrect', found.pRow),
    pColumn: probability('columnCorrect', found.pColumn),
  };
  return { ...found, ...wide, isSignificant: isLearned(wide) };
}
