import { DIGIT_FEATURES, GATE_FEATURES, HOLD_FEATURES } from '../dsp/kernel/layout.ts';
import type { NetworkWeights } from '../dsp/network.ts';

/** Index of the hold feature "mean gate score over 8 ms", and of "share of 8 ms that a pair explains". */
const MEAN_SCORE = GATE_FEATURES + 1;
const RAW_SHARE = 9;

/**
 * A hold rule by hand, so that training starts from nothing but the corpus and the seed: a suspicion goes on while the
 * mean score is above -3 or a pair explains more than 60 % of the signal.
 */
export const BOOTSTRAP_HOLD: NetworkWeights = {
  inputs: HOLD_FEATURES,
  hidden: 2,
  values: Float32Array.of(
    9,
    ...unit(HOLD_FEATURES, MEAN_SCORE, 3),
    -12,
    ...unit(HOLD_FEATURES, RAW_SHARE, 20),
    0,
    3,
    3,
  ),
};

/** Never reports a digit. */
export const BOOTSTRAP_DIGIT: NetworkWeights = {
  inputs: DIGIT_FEATURES,
  hidden: 1,
  values: Float32Array.of(0, ...unit(DIGIT_FEATURES, 0, 0), -10, 0),
};

function unit(length: number, index: number, value: number): number[] {
  return Array.from({ length }, (_, i) => (i === index ? value : 0));
}
