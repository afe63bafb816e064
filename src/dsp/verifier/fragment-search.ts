import { CORE_SAMPLES, scanCores } from './core-scan.ts';
import { LEAST_BALANCE, LEAST_PEAK } from './key-pairs.ts';
import { BAND_RATE_HZ } from './low-band.ts';
import { PairFit } from './pair-fit.ts';
import type { Stretch } from './stretch.ts';
import { isOneTone, isolation, novelty, stepAfter, stepBefore } from './surroundings.ts';

/** A fragment grows while the pair, carried on, explains all but this share of its power in the samples beside it. */
const GROWTH_REST = 0.3;
const GROWTH_LOOK_SAMPLES = 3;

/** The pair is fitted again after so much growth. */
const REFIT_RATIO = 1.15;

/** A stretch of 8 ms is the same from whichever core it has grown: the others inside it are passed over. */
const SETTLED_SAMPLES = 64;

/** Longer stretches are the business of the search for presses, which need no quiet beside them. */
const LONGEST_SAMPLES = 128;

/**
 * What makes a fragment certain: the least length in ms; the least ratios in dB of the pair to what it leaves
 * unexplained (`purity`), to the louder and to the quieter of its two sides, and to the loudest 3 ms within 25 ms
 * (`isolation`); the share in dB that at least stays when it is told from its like (`novelty`); the most growth or decay
 * per second. In the order of the comment at `findFragments`. Set by hand on 2.7 hours of speech: as strict as 3 ms at
 * 20 dB of signal to noise allow, of which 1 in 100 may be lost.
 */
const CERTAIN = [
  { lengthMs: 2.5, purity: 10, louder: 10, quieter: 10, isolation: -Infinity, novelty: -2.5, growth: 220 },
  { lengthMs: 2.5, purity: 8.5, louder: 7, quieter: 7, isolation: 5, novelty: -2, growth: 220 },
  { lengthMs: 4, purity: 8.5, louder: 6, quieter: 6, isolation: 0, novelty: -3, growth: 250 },
  { lengthMs: 6, purity: 8.5, louder: -5, quieter: 6, isolation: -Infinity, novelty: -3, growth: 150 },
  { lengthMs: 2.5, purity: 14, louder: -5, quieter: 15, isolation: -Infinity, novelty: -2, growth: 120 },
  {
    lengthMs: 2.5,
    purity: 14,
    louder: 16,
    quieter: 16,
    isolation: -Infinity,
    novelty: -Infinity,
    growth: 200,
  },
].map((rule) => ({
  samples: (rule.lengthMs * BAND_RATE_HZ) / 1000,
  purity: ratioOf(rule.purity),
  louder: ratioOf(rule.louder),
  quieter: ratioOf(rule.quieter),
  isolation: ratioOf(rule.isolation),
  novelty: ratioOf(rule.novelty),
  growth: rule.growth / BAND_RATE_HZ,
}));

/** Rounding to 16 bit has a power of 1/12; with this much nothing is divided by zero. */
const ROUNDING_POWER = 0.3;

/**
 * Remnants of 3 to 16 ms. So short a piece of a vowel often resembles a pair; what tells a remnant from it is that it
 * begins and ends at once, keeps its level, and has no like around it, whereas a vowel decays and repeats with every
 * pulse of the glottis. A remnant is certain when
 *  - both sides are quiet;
 *  - both are less quiet, but nothing around is as loud;
 *  - it is 4 ms long, and nothing around is louder;
 *  - it is 6 ms long, and one side is quiet;
 *  - one side is quiet, and all else is nearly perfect;
 *  - it is so clear that it may repeat, as a chopped tone does.
 */
export function findFragments(samples: ArrayLike<number>, report: (stretch: Stretch) => void): void {
  const fit = new PairFit();
  let last: Stretch = { start: 0, end: 0, key: -1, evidence: 0 };
  scanCores(samples, (start, key) => {
    if (key === last.key && start >= last.start && start + CORE_SAMPLES <= last.end) return;
    fit.start(samples, start, start + CORE_SAMPLES, key);
    const stretch = grown(samples, start, key, fit);
    const isFound = isCertain(samples, stretch, fit);
    if (isFound || stretch.end - stretch.start >= SETTLED_SAMPLES) last = stretch;
    if (isFound) report(stretch);
  });
}

function grown(samples: ArrayLike<number>, core: number, key: number, fit: PairFit): Stretch {
  let start = core;
  let end = core + CORE_SAMPLES;
  let fitted = CORE_SAMPLES;
  const rest = GROWTH_REST * fit.power * GROWTH_LOOK_SAMPLES;
  for (let isGrowing = true; isGrowing && end - start < LONGEST_SAMPLES;) {
    isGrowing = false;
    if (start >= GROWTH_LOOK_SAMPLES && restIn(samples, start - GROWTH_LOOK_SAMPLES, fit) < rest) {
      start -= 1;
      isGrowing = true;
    }
    if (end + GROWTH_LOOK_SAMPLES <= samples.length && restIn(samples, end, fit) < rest) {
      end += 1;
      isGrowing = true;
    }
    if (end - start < REFIT_RATIO * fitted) continue;
    fit.settle(samples, start, end);
    fitted = end - start;
  }
  fit.settle(samples, start, end);
  return { start, end, key, evidence: fit.evidence };
}

function restIn(samples: ArrayLike<number>, from: number, fit: PairFit): number {
  let rest = 0;
  for (let n = from; n < from + GROWTH_LOOK_SAMPLES; n += 1) rest += (samples[n]! - fit.valueAt(n)) ** 2;
  return rest;
}

function isCertain(samples: ArrayLike<number>, { start, end }: Stretch, fit: PairFit): boolean {
  const { power, rowPower, columnPower } = fit;
  const weaker = Math.min(rowPower, columnPower);
  if (weaker < (LEAST_PEAK * LEAST_PEAK) / 2 || weaker < LEAST_BALANCE * Math.max(rowPower, columnPower))
    return false;
  const length = end - start;
  const purity = power / (fit.residual / length + ROUNDING_POWER);
  const before = stepBefore(samples, start, end, power);
  const after = stepAfter(samples, start, end, power);
  const growth = Math.abs(fit.growth);
  const fitting = CERTAIN.filter(
    (rule) =>
      length >= rule.samples &&
      purity >= rule.purity &&
      Math.min(before, after) >= rule.louder &&
      Math.max(before, after) >= rule.quieter &&
      growth <= rule.growth,
  );
  if (fitting.length === 0) return false;
  if (isOneTone(samples, start, end, power)) return false;
  const rest = novelty(samples, start, end);
  const above = isolation(samples, start, end, power);
  return fitting.some((rule) => rest >= rule.novelty && above >= rule.isolation);
}

function ratioOf(db: number): number {
  return 10 ** (db / 10);
}
