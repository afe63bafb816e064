import {
  AggregatorRegistry,
  collectDefaultMetrics,
  Counter as PrometheusCounter,
  Gauge as PrometheusGauge,
  Registry,
} from 'prom-client';
import { assert } from '../core/assert.ts';
import { blockCardNumbers } from '../core/digit-filter.ts';
import type { Counter, Gauge, Meter } from '../core/meter.ts';
import { METRICS } from '../core/metric-catalogue.ts';
import type { MetricName } from '../core/metric-catalogue.ts';
import { BucketCounts, exportedHistogram } from './bucket-counts.ts';

type Labels = Readonly<Record<string, string>>;

/** Plain data that can be sent to another process. */
export type MetricsSnapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** One series of a gauge: a number to add to, read when Prometheus asks. */
class Series implements Gauge {
  value = 0;
  readonly labels: Labels;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  set(value: number): void {
    this.value = value;
  }

  add(amount: number): void {
    this.value += amount;
  }
}

/** One series of a counter. Thousands of calls hold the same ones: a handle is the series itself. */
class CounterSeries extends Series implements Counter {
  override add(amount: number): void {
    assert(amount >= 0, 'a counter only rises');
    super.add(amount);
  }
}

/** The series of one metric, each made once. */
class SeriesTable<S> {
  readonly #make: (labels: Labels) => S;
  readonly #series = new Map<string, S>();

  constructor(make: (labels: Labels) => S) {
    this.#make = make;
  }

  of(labels: Labels): S {
    const key = Object.values(labels).join('\n');
    let series = this.#series.get(key);
    if (series === undefined) {
      series = this.#make(labels);
      this.#series.set(key, series);
    }
    return series;
  }

  all(): Iterable<S> {
    return this.#series.values();
  }
}

/**
 * The catalogue's metrics in a Prometheus registry of their own, with prefix `tonewall_`, and the usual process
 * metrics beside them. Series whose labels come from closed lists are exported with 0 from the start, so that an
 * alert on a first increase works.
 */
export class PrometheusMeter implements Meter {
  readonly contentType: string;
  readonly #registry = new Registry();
  readonly #tables = new Map<MetricName, SeriesTable<Series>>();
  readonly #histograms = new Map<MetricName, SeriesTable<BucketCounts>>();

  constructor() {
    this.contentType = this.#registry.contentType;
    collectDefaultMetrics({ register: this.#registry });
    for (const name of Object.keys(METRICS) as MetricName[]) this.#register(name);
  }

  /** The exposition text that Prometheus scrapes. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Everything that was counted, to be added up in another process. */
  snapshot(): Promise<MetricsSnapshot> {
    return this.#registry.getMetricsAsJSON();
  }

  /** The exposition text of this process and of others together. */
  async textWith(others: readonly MetricsSnapshot[]): Promise<string> {
    return AggregatorRegistry.aggregate([await this.snapshot(), ...others]).metrics();
  }

  counter: Meter['counter'] = (name, labels) => this.#table(name).of(this.#clean(name, labels));

  gauge: Meter['gauge'] = (name, labels) => this.#table(name).of(this.#clean(name, labels));

  histogram: Meter['histogram'] = (name, labels) => {
    const table = this.#histograms.get(name);
    assert(table !== undefined, 'a histogram of the catalogue');
    return table.of(this.#clean(name, labels));
  };

  /** The labels in the catalogue's order, through the last filter: their values come from closed lists of ours. */
  #clean(name: MetricName, labels: object): Labels {
    const given = new Map<string, string>(Object.entries(labels));
    return Object.fromEntries(
      Object.keys(METRICS[name].labels).map((label) => {
        const value = blockCardNumbers(given.get(label) ?? '');
        if (value.blocked > 0)
          this.counter('digit_leak_blocked_total', { sink: 'metric' }).add(value.blocked);
        return [label, value.text];
      }),
    );
  }

  #table(name: MetricName): SeriesTable<Series> {
    const table = this.#tables.get(name);
    assert(table !== undefined, 'a counter or gauge of the catalogue');
    return table;
  }

  #register(name: MetricName): void {
    const metric = METRICS[name];
    const exportedName = `tonewall_${name}`;
    if (metric.type === 'histogram') {
      const table = new SeriesTable((labels) => new BucketCounts(labels, metric.buckets));
      for (const labels of closedLabels(metric.labels)) table.of(labels);
      this.#histograms.set(name, table);
      this.#registry.registerMetric(exportedHistogram(exportedName, metric.help, () => table.all()));
      return;
    }
    const options = {
      name: exportedName,
      help: metric.help,
      labelNames: Object.keys(metric.labels),
      registers: [this.#registry],
    };
    const make = metric.type === 'counter' ? CounterSeries : Series;
    const table = new SeriesTable((labels) => new make(labels));
    for (const labels of closedLabels(metric.labels)) table.of(labels);
    this.#tables.set(name, table);
    if (metric.type === 'counter') {
      const counter = new PrometheusCounter({
        ...options,
        collect() {
          counter.reset();
          for (const series of table.all()) counter.inc(series.labels, series.value);
        },
      });
    } else {
      const gauge = new PrometheusGauge({
        ...options,
        collect() {
          for (const series of table.all()) gauge.set(series.labels, series.value);
        },
      });
    }
  }
}

/** Every combination of label values; none if a label is open. */
function closedLabels(labels: Readonly<Record<string, readonly string[] | null>>): Labels[] {
  return Object.entries(labels).reduce<Labels[]>(
    (combinations, [name, values]) =>
      combinations.flatMap((labelled) => (values ?? []).map((value) => ({ ...labelled, [name]: value }))),
    [{}],
  );
}
