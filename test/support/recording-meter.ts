import type { Counter, Gauge, Histogram, Meter } from '../../src/core/meter.ts';

/** Keeps every series in memory, for tests that ask what was counted. */
export class RecordingMeter implements Meter {
  readonly #values = new Map<string, number>();

  counter: Meter['counter'] = (name, labels) => this.#series(name, labels);
  gauge: Meter['gauge'] = (name, labels) => this.#series(name, labels);
  histogram: Meter['histogram'] = (name, labels) => this.#series(name, labels);

  /** The value of a counter or gauge, or the number of observations of a histogram; 0 if never touched. */
  value(name: string, labels: object = {}): number {
    return this.#values.get(keyOf(name, labels)) ?? 0;
  }

  #series(name: string, labels: object): Counter & Gauge & Histogram {
    const key = keyOf(name, labels);
    const add = (amount: number): void => void this.#values.set(key, (this.#values.get(key) ?? 0) + amount);
    return { add, set: (value) => void this.#values.set(key, value), observe: () => add(1) };
  }
}

function keyOf(name: string, labels: object): string {
  return [
    name,
    ...Object.entries(labels)
      .map(([label, value]) => `${label}=${value}`)
      .toSorted(),
  ].join(' ');
}
