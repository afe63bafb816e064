/* oxlint-disable typescript/no-non-null-assertion -- typed-array reads, as in src/dsp. */
import type { NetworkWeights } from '../dsp/network.ts';
import type { Examples } from './feature-collector.ts';
import { scoresOf } from './network-trainer.ts';

const SHARES = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3] as const;

interface Trade {
  /** Score that this share of the negatives exceeds. */
  readonly limit: number;
  readonly share: number;
  /** Share of the positives, or of their groups, that does not reach it. */
  readonly missed: number;
}

/** What thresholds cost, one per line: false alarms against misses. `weight`: negatives seen per one kept. */
export function tradeOf(name: string, network: NetworkWeights, examples: Examples, weight: number): string {
  const { positives, negatives } = examples;
  return [
    `${name}: ${positives.rows} positive and ${negatives.rows} negative rows (x ${weight.toFixed(1)})`,
    ...trades(network, examples).map(
      ({ limit, share, missed }) =>
        `  threshold ${limit.toFixed(2)}: ${(100 * share).toFixed(2)} % of negatives pass, ${(100 * missed).toFixed(2)} % missed`,
    ),
  ].join('\n');
}

function trades(network: NetworkWeights, { positives, negatives }: Examples): Trade[] {
  const bad = scoresOf(network, negatives).sort();
  const good = scoresOf(network, positives);
  const { groups } = positives;
  const best =
    groups.length === 0
      ? good
      : Float64Array.from(groups, (from, i) =>
          good.subarray(from, groups[i + 1] ?? good.length).reduce((a, b) => Math.max(a, b), -99),
        );
  return SHARES.map((share) => {
    const limit = bad[Math.floor(bad.length * (1 - share))] ?? 0;
    return { limit, share, missed: best.filter((score) => score <= limit).length / best.length };
  });
}
