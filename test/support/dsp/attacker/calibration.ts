import { ALL_KEYS, peakOf, pressSequence, uniform } from '../key-tones.ts';
import { throughMuLaw } from '../mu-law.ts';
import { FragmentLikelihood } from './fragment-likelihood.ts';
import { argmax, normal } from './statistics.ts';

/** A line on which the beginning of a tone is left over. */
export interface FragmentLine {
  readonly name: string;
  /** White noise so many dB below the pair. */
  readonly noiseDb: number;
  readonly isMuLaw?: boolean;
}

export const FRAGMENT_LINES: readonly FragmentLine[] = [
  { name: 'noise 30 dB below', noiseDb: 30 },
  { name: 'G.711 µ-law', noiseDb: 45, isMuLaw: true },
  { name: 'noise 15 dB below', noiseDb: 15 },
  { name: 'noise 6 dB below', noiseDb: 6 },
];

const LEVEL_DBM0 = -10;

/** Quantisation noise of mu-law below the pair, in dB (G.711 keeps about 38 dB over its whole range). */
const MU_LAW_DB = 37.5;

const RATE_HZ = 8000;

/**
 * Share of digits that maximum likelihood reads from the first milliseconds of a tone, each of the 16 keys `trials`
 * times; levels and twists are random within 3 dB, phases are random.
 */
export function recoveryFromFragments(
  line: FragmentLine,
  fragmentMs: number,
  trials: number,
  seed = 1,
): number {
  const length = Math.round((fragmentMs * RATE_HZ) / 1000);
  const likelihood = new FragmentLikelihood(length, RATE_HZ);
  const random = uniform(seed);
  const spread = (): number => 6 * random() - 3;
  const pairPower = peakOf(LEVEL_DBM0) ** 2;
  const noise = pairPower * 10 ** (-line.noiseDb / 10);
  const quantisation = line.isMuLaw === true ? pairPower * 10 ** (-MU_LAW_DB / 10) : 1 / 12;
  const background = { weights: Float64Array.of(1), variance: noise + quantisation };
  let correct = 0;
  for (let i = 0; i < 16 * trials; i += 1) {
    const level = LEVEL_DBM0 + spread();
    const twist = spread();
    const { signal } = pressSequence(
      [
        {
          digit: ALL_KEYS[i % 16]!,
          toneMs: fragmentMs,
          pauseMs: 0,
          rowDbm0: level - twist / 2,
          columnDbm0: level + twist / 2,
        },
      ],
      { rateHz: RATE_HZ, marginMs: 0, random },
    );
    const heard = Int16Array.from(signal, (value) => Math.round(value + Math.sqrt(noise) * normal(random)));
    const fragment = Float64Array.from(line.isMuLaw === true ? throughMuLaw(heard) : heard);
    const scores = likelihood.ofKeys(fragment, new Float64Array(0), background, LEVEL_DBM0);
    if (argmax(scores) === i % 16) correct += 1;
  }
  return correct / (16 * trials);
}
