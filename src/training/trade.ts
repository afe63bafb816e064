/* oxlint-disable typescript/no-non-null-assertion -- typed-array reads, as in src/dsp. */
import type { NetworkWeights } from '../dsp/network.ts';
import type { Examples } from './feature-collector.ts';
import { scoresOf } from './network-trainer.ts';

/** The trade of a threshold, one per line: false alarms against misses. `weight`: negatives seen per one kept. */
export function tradeOf(name: string, network: NetworkWeights, examples: Examples, weight: number): string {
  const bad = scoresOf(network, examples.negatives).sort();
  const good = scoresOf(network, examples.positives);
  const groups = examples.positives.groups;
  const best =
    groups.length === 0
      ? good
      : Float64Array.from(groups, (from, i) =>
          good.subarray(from, groups[i + 1] ?? good.length).reduce((a, b) => Math.max(a, b), -99),
        );
  const lines = [
    `${name}: ${examples.positives.rows} positive and ${examples.negatives.rows} negative rows (x ${weight.toFixed(1)})`,
  ];
  for (const share of [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]) {
    const limit = bad[Math.floor(bad.length * (1 - share))] ?? 0;
    const missed = best.filter((score) => score <= limit).length / best.length;
    lines.push(
      `  threshold ${limit.toFixed(2)}: ${(100 * share).toFixed(2)} % of negatives pass, ${(100 * missed).toFixed(2)} % missed`,
    );
  }
  return lines.join('\n');
}
