import type { CounterName, GaugeName, HistogramName, MetricLabels } from './metric-catalogue.ts';

/** A counter with its labels already chosen: adding costs no look-up and no allocation. */
export interface Counter {
  add(amount: number): void;
}

export interface Gauge {
  set(value: number): void;
  add(amount: number): void;
}

export interface Histogram {
  observe(value: number): void;
}

/** Hands out metric handles. Hot paths ask once and keep the handle. */
export interface Meter {
  counter<N extends CounterName>(name: N, labels: MetricLabels<N>): Counter;
  gauge<N extends GaugeName>(name: N, labels: MetricLabels<N>): Gauge;
  histogram<N extends HistogramName>(name: N, labels: MetricLabels<N>): Histogram;
}
