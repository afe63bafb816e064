import { HOP_SAMPLES } from './constants.ts';
import { ToneBank } from './tone-bank.ts';
import { PREDICTOR_ORDER, Whitener } from './whitener.ts';

/** Number of features that describe the newest hop. */
export const GATE_FEATURES = 17;

/** The whitener is fitted anew every 4 ms: a voice's spectrum does not move faster. */
const FIT_INTERVAL_HOPS = 2;

/** Room for the predictor's history before the hop, rounded up to a hop. */
const HISTORY = HOP_SAMPLES;

/**
 * Turns 8 kHz samples into what the gate decides on: per hop of 2 ms, how well a tone pair explains the last
 * milliseconds of the signal and of its innovation.
 */
export class HopAnalyzer {
  /** Features of the newest hop, see `#describe`. */
  readonly features = new Float64Array(GATE_FEATURES);
  readonly raw = new ToneBank();
  readonly innovation = new ToneBank();
  /** While true the whitener keeps its shape: a suspected tone must not teach it. */
  isFrozen = false;

  readonly #whitener = new Whitener();
  readonly #samples = new Float64Array(HISTORY + HOP_SAMPLES);
  readonly #residual = new Float64Array(HOP_SAMPLES);
  /** Best pair and its share in the 4 ms of innovation that ended one and two hops ago. */
  readonly #earlierKeys = new Float64Array(2);
  readonly #earlierShares = new Float64Array(2);
  #fill = HISTORY;
  #hops = 0;

  /** Feeds one core sample; true when it completes a hop, whose features are then ready. */
  push(sample: number): boolean {
    this.#samples[this.#fill] = sample;
    this.#fill += 1;
    if (this.#fill < HISTORY + HOP_SAMPLES) return false;
    this.#fill = HISTORY;
    this.#analyze();
    return true;
  }

  /** Energy per sample that the whitener expects to be left over. */
  get expectedVariance(): number {
    return this.#whitener.expectedVariance;
  }

  wipe(): void {
    this.#samples.fill(0);
    this.#residual.fill(0);
    this.features.fill(0);
    this.raw.wipe();
    this.innovation.wipe();
    this.#whitener.wipe();
    this.#fill = HISTORY;
  }

  #analyze(): void {
    const samples = this.#samples;
    if (!this.isFrozen && this.#hops % FIT_INTERVAL_HOPS === 0) this.#whitener.fit();
    this.#hops += 1;
    this.#whitener.filterInto(this.#residual, samples, HISTORY);
    this.#whitener.observe(samples, HISTORY);
    this.raw.push(samples, HISTORY);
    this.innovation.push(this.#residual, 0);
    samples.copyWithin(HISTORY - PREDICTOR_ORDER, HISTORY + HOP_SAMPLES - PREDICTOR_ORDER);
    this.#describe();
  }

  #describe(): void {
    const f = this.features;
    const expected = this.#whitener.expectedVariance;
    const { innovation, raw } = this;
    innovation.open(0);
    innovation.extend(2);
    f[0] = innovation.fitBest();
    f[1] = Math.log10(innovation.windowEnergy / (2 * HOP_SAMPLES * expected) + 1e-3);
    const floor = HOP_SAMPLES;
    f[12] = Math.log10(
      (Math.max(innovation.hopPeak(0), innovation.hopPeak(1)) + 1) /
        (innovation.windowEnergy / (2 * HOP_SAMPLES) + 1),
    );
    f[13] = Math.log10((innovation.hopEnergy(0) + floor) / (innovation.hopEnergy(1) + floor));
    f[14] = Math.log10(
      (innovation.windowEnergy + floor) / (innovation.hopEnergy(5) + innovation.hopEnergy(6) + floor),
    );
    this.#compareWithEarlier(innovation.bestKey, f[0]!);
    innovation.extend(3);
    f[2] = innovation.fitBest();
    f[3] = Math.log10(
      (innovation.windowEnergy - innovation.pairEnergy) / (3 * HOP_SAMPLES * expected) + 1e-3,
    );
    innovation.extend(4);
    f[4] = innovation.fitBest();
    raw.open(0);
    raw.extend(2);
    f[5] = raw.fitBest();
    f[6] = Math.log10(raw.pairEnergy / (2 * HOP_SAMPLES) + 1);
    raw.extend(3);
    f[7] = raw.fitBest();
    f[8] = Math.log10((raw.windowEnergy - raw.pairEnergy) / (3 * HOP_SAMPLES * expected) + 1e-3);
    raw.extend(4);
    f[9] = raw.fitBest();
    const row = raw.toneEnergy(raw.bestKey >> 2);
    const column = raw.toneEnergy(4 + (raw.bestKey & 3));
    f[10] = Math.log10((column + 1) / (row + 1));
    raw.extend(5);
    f[11] = raw.fitBest();
  }

  /** A tone shows the same pair in two windows that share no sample; what speech resembles changes. */
  #compareWithEarlier(key: number, share: number): void {
    const slot = this.#hops & 1;
    const earlier = this.#earlierKeys[slot]!;
    this.features[15] = this.#earlierShares[slot]!;
    this.features[16] = (earlier >> 2 === key >> 2 ? 1 : 0) + ((earlier & 3) === (key & 3) ? 1 : 0);
    this.#earlierKeys[slot] = key;
    this.#earlierShares[slot] = share;
  }
}
