import { CORE_RATE_HZ, HOP_SAMPLES, PEAK_AT_0_DBM0, TONE_HZ } from './constants.ts';
import { radiansPerSample } from './pair-fit.ts';
import { SAVED_WINDOW } from './tone-bank.ts';
import type { ToneBank } from './tone-bank.ts';

/** Number of features that describe the evidence for a digit. */
export const DIGIT_FEATURES = 14;

/**
 * A digit is judged on four segments of 8 ms. 32 ms is what fits twice into no 23 ms burst and always into a 40 ms
 * press; 8 ms keeps the phase advance of a tone 3.5 % off below half a turn.
 */
const SEGMENTS = 4;
export const SEGMENT_HOPS = 4;
const SEGMENT_SAMPLES = SEGMENT_HOPS * HOP_SAMPLES;

/** The time that the evidence spans, in hops. */
export const EVIDENCE_HOPS = SEGMENTS * SEGMENT_HOPS;

const NOMINAL_ADVANCE = TONE_HZ.map((_, tone) => radiansPerSample(tone) * SEGMENT_SAMPLES);

/** The sums of past segments: the newest of one hop is the second of four hops later, and so on. */
class SegmentMemory {
  readonly #sums = new Float64Array(EVIDENCE_HOPS * SAVED_WINDOW);
  readonly #hops = new Float64Array(EVIDENCE_HOPS).fill(-1);

  /** Makes sure that the four segments that end with `hop` are known. */
  follow(bank: ToneBank, hop: number): void {
    for (let s = 0; s < SEGMENTS; s += 1) {
      const end = hop - s * SEGMENT_HOPS;
      const slot = ((end % EVIDENCE_HOPS) + EVIDENCE_HOPS) % EVIDENCE_HOPS;
      if (this.#hops[slot] === end) continue;
      bank.open(s * SEGMENT_HOPS, SEGMENT_HOPS);
      bank.save(this.#sums, slot * SAVED_WINDOW);
      this.#hops[slot] = end;
    }
  }

  /** Opens the segment that ends with `hop`. */
  restore(bank: ToneBank, hop: number): void {
    const slot = ((hop % EVIDENCE_HOPS) + EVIDENCE_HOPS) % EVIDENCE_HOPS;
    bank.restore(this.#sums, slot * SAVED_WINDOW, SEGMENT_HOPS);
  }

  wipe(): void {
    this.#sums.fill(0);
    this.#hops.fill(-1);
  }
}

/** What the last 32 ms say about one tone pair. */
export class PairEvidence {
  key = 0;
  /** Deviation from the nominal frequency in percent, row and column. */
  rowOffsetPercent = 0;
  columnOffsetPercent = 0;
  /** Mean level of each tone in dBm0, and how far it varies between the segments in dB. */
  rowDbm0 = 0;
  columnDbm0 = 0;
  rowSpreadDb = 0;
  columnSpreadDb = 0;
  readonly features = new Float64Array(DIGIT_FEATURES);

  readonly #raw = new SegmentMemory();
  readonly #innovation = new SegmentMemory();
  /** Complex amplitudes per segment, newest first: [cos, -sin] of the row, then of the column. */
  readonly #real = [new Float64Array(SEGMENTS), new Float64Array(SEGMENTS)] as const;
  readonly #imaginary = [new Float64Array(SEGMENTS), new Float64Array(SEGMENTS)] as const;
  readonly #tones = new Float64Array(8);
  /** Results of `#follow` for one tone: offset in percent, phase jitter in radians, spread in dB, level in dBm0, coherence. */
  readonly #followed = new Float64Array(5);

  /** Measures the newest 32 ms of the signal and of its innovation. */
  measure(raw: ToneBank, innovation: ToneBank, hop: number): void {
    this.#raw.follow(raw, hop);
    this.#innovation.follow(innovation, hop);
    this.key = this.#strongestKey(raw, hop);
    let minimum = 1;
    let mean = 0;
    let innovationMinimum = 1;
    let innovationMean = 0;
    for (let s = 0; s < SEGMENTS; s += 1) {
      this.#raw.restore(raw, hop - s * SEGMENT_HOPS);
      const share = raw.fitKey(this.key);
      this.#real[0][s] = raw.amplitudes[0]!;
      this.#imaginary[0][s] = -raw.amplitudes[1]!;
      this.#real[1][s] = raw.amplitudes[2]!;
      this.#imaginary[1][s] = -raw.amplitudes[3]!;
      mean += share / SEGMENTS;
      if (share < minimum) minimum = share;
      this.#innovation.restore(innovation, hop - s * SEGMENT_HOPS);
      const unpredicted = innovation.fitKey(this.key);
      innovationMean += unpredicted / SEGMENTS;
      if (unpredicted < innovationMinimum) innovationMinimum = unpredicted;
    }
    const f = this.features;
    const followed = this.#followed;
    f[0] = minimum;
    f[1] = mean;
    this.#follow(0, this.key >> 2);
    this.rowOffsetPercent = followed[0]!;
    this.rowSpreadDb = followed[2]!;
    this.rowDbm0 = followed[3]!;
    f[2] = Math.abs(followed[0]!);
    f[3] = followed[1]!;
    f[4] = followed[2]!;
    f[5] = followed[4]!;
    this.#follow(1, 4 + (this.key & 3));
    this.columnOffsetPercent = followed[0]!;
    this.columnSpreadDb = followed[2]!;
    this.columnDbm0 = followed[3]!;
    f[6] = Math.abs(followed[0]!);
    f[7] = followed[1]!;
    f[8] = followed[2]!;
    f[9] = followed[4]!;
    f[10] = this.columnDbm0 - this.rowDbm0;
    f[11] = Math.min(this.rowDbm0, this.columnDbm0) / 10;
    f[12] = innovationMean;
    f[13] = innovationMinimum;
  }

  /** Phase of a tone (0 row, 1 column) in the centre of the newest hop, in radians. */
  phase(group: 0 | 1): number {
    return Math.atan2(this.#imaginary[group][0]!, this.#real[group][0]!);
  }

  /** How one tone moves over the segments, into `#followed`. */
  #follow(group: 0 | 1, tone: number): void {
    const re = this.#real[group];
    const im = this.#imaginary[group];
    const turnRe = Math.cos(NOMINAL_ADVANCE[tone]!);
    const turnIm = -Math.sin(NOMINAL_ADVANCE[tone]!);
    let sumRe = 0;
    let sumIm = 0;
    let products = 0;
    let low = Infinity;
    let high = 0;
    let power = 0;
    for (let s = 0; s < SEGMENTS; s += 1) {
      const p = re[s]! * re[s]! + im[s]! * im[s]!;
      power += p / SEGMENTS;
      if (p < low) low = p;
      if (p > high) high = p;
      if (s === 0) continue;
      // Newer times the conjugate of older, turned back by the nominal advance: what is left is the offset.
      const a = re[s - 1]! * re[s]! + im[s - 1]! * im[s]!;
      const b = im[s - 1]! * re[s]! - re[s - 1]! * im[s]!;
      sumRe += a * turnRe - b * turnIm;
      sumIm += a * turnIm + b * turnRe;
      products += Math.sqrt(a * a + b * b);
    }
    const advance = Math.atan2(sumIm, sumRe);
    const out = this.#followed;
    out[0] = ((advance * CORE_RATE_HZ) / (2 * Math.PI * SEGMENT_SAMPLES) / TONE_HZ[tone]!) * 100;
    out[1] = 1 - Math.sqrt(sumRe * sumRe + sumIm * sumIm) / (products + 1e-9);
    out[2] = 10 * Math.log10((high + 1) / (low + 1));
    out[3] = 10 * Math.log10((power + 1e-3) / (PEAK_AT_0_DBM0 * PEAK_AT_0_DBM0));
    out[4] = this.#coherence(group, advance + NOMINAL_ADVANCE[tone]!, power);
  }

  /** Share of the tone's energy that one steady tone of the measured frequency explains. */
  #coherence(group: 0 | 1, advance: number, power: number): number {
    let re = 0;
    let im = 0;
    for (let s = 0; s < SEGMENTS; s += 1) {
      const c = Math.cos(advance * s);
      const d = Math.sin(advance * s);
      re += this.#real[group][s]! * c - this.#imaginary[group][s]! * d;
      im += this.#imaginary[group][s]! * c + this.#real[group][s]! * d;
    }
    return (re * re + im * im) / (SEGMENTS * SEGMENTS * power + 1e-9);
  }

  #strongestKey(raw: ToneBank, hop: number): number {
    const tones = this.#tones;
    tones.fill(0);
    for (let s = 0; s < SEGMENTS; s += 1) {
      this.#raw.restore(raw, hop - s * SEGMENT_HOPS);
      for (let tone = 0; tone < 8; tone += 1) tones[tone]! += raw.toneEnergy(tone);
    }
    let row = 0;
    let column = 0;
    for (let i = 1; i < 4; i += 1) {
      if (tones[i]! > tones[row]!) row = i;
      if (tones[4 + i]! > tones[4 + column]!) column = i;
    }
    return 4 * row + column;
  }

  wipe(): void {
    this.#raw.wipe();
    this.#innovation.wipe();
    for (const list of [...this.#real, ...this.#imaginary]) list.fill(0);
    this.#tones.fill(0);
    this.#followed.fill(0);
    this.features.fill(0);
    this.key = 0;
    this.rowOffsetPercent = 0;
    this.columnOffsetPercent = 0;
    this.rowDbm0 = 0;
    this.columnDbm0 = 0;
    this.rowSpreadDb = 0;
    this.columnSpreadDb = 0;
  }
}
