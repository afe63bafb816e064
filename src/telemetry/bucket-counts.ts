/* oxlint-disable typescript/no-non-null-assertion -- typed-array reads, as in src/dsp. */
import type { Histogram as PrometheusHistogram } from 'prom-client';
import { assert } from '../core/assert.ts';
import type { Histogram } from '../core/meter.ts';

type Labels = Readonly<Record<string, string>>;

interface ExportedValue {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** One series of a histogram: where a value falls is counted in place, without a look-up and without an allocation. */
export class BucketCounts implements Histogram {
  readonly labels: Labels;
  readonly #upperBounds: Float64Array;
  /** Per bound the values up to it and above the bound before; last, those above all bounds. */
  readonly #counts: Float64Array;
  readonly #sum = new Float64Array(1);

  constructor(labels: Labels, upperBounds: readonly number[]) {
    this.labels = labels;
    this.#upperBounds = Float64Array.from(upperBounds);
    this.#counts = new Float64Array(upperBounds.length + 1);
  }

  observe(value: number): void {
    assert(Number.isFinite(value), 'an observation is a number');
    const bounds = this.#upperBounds;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket += 1;
    this.#counts[bucket]! += 1;
    this.#sum[0]! += value;
  }

  /** As Prometheus has them: every bucket counts what the smaller ones count too. */
  export(name: string): ExportedValue[] {
    let count = 0;
    const buckets = Array.from(this.#counts, (own, bucket): ExportedValue => {
      count += own;
      const le = this.#upperBounds[bucket] ?? '+Inf';
      return { metricName: `${name}_bucket`, labels: { le, ...this.labels }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: this.labels, value: this.#sum[0]! },
      { metricName: `${name}_count`, labels: this.labels, value: count },
    ];
  }
}

/**
 * A histogram that a registry of `prom-client` asks for its values like one of its own; the library's own looks its
 * series up by their labels and makes objects for every observation.
 */
export function exportedHistogram(
  name: string,
  help: string,
  series: () => Iterable<BucketCounts>,
): PrometheusHistogram {
  const metric = {
    name,
    help,
    type: 'histogram',
    get: async () => ({
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: [...series()].flatMap((one) => one.export(name)),
    }),
  };
  return metric as unknown as PrometheusHistogram;
}
