import { ROUNDING_NOISE } from '../first-look.ts';
import * as at from '../layout.ts';
import { log10Of } from './lanes.ts';
import { scoreOf } from './network.ts';
import { earlier, isLoud } from './onset.ts';
import { completeSums, extendWindow, fitPairs, INNOVATION, openWindow, pairWith, RAW } from './pair-fits.ts';
import { keepSegment } from './segments.ts';

const f = Math.fround;
const HOP = at.KERNEL_HOP_SAMPLES;

/** Index of each window among the bests and energies: the innovation's come first. */
const INNOVATION_3 = 1;
const RAW_2 = 3;
const RAW_3 = 4;

/** Place of each window's share among the features, and the window's hops. */
const SHARE_FEATURES = [0, 2, 4, 5, 7, 9, 11];
const WINDOW_HOPS = [2, 3, 4, 2, 3, 4, 5];

/** Features of the newest hop and the network's score of them. */
export function describe(x: Float32Array, n: Int32Array, s: number): void {
  completeSums(x, n, s, INNOVATION, 4);
  completeSums(x, n, s, RAW, 5);
  const key = fitWindows(x, n, s, 0, 4);
  fitWindows(x, n, s, RAW_2, 5);
  const perSample = f(2 / (25 * HOP * HOP));
  x[s + at.ROW_POWER / 4]! *= perSample;
  x[s + at.COLUMN_POWER / 4]! *= perSample;
  for (const [window, feature] of SHARE_FEATURES.entries()) {
    const noise = f(WINDOW_HOPS[window]! * HOP * ROUNDING_NOISE);
    const energy = f(x[s + at.ENERGIES / 4 + window]! + noise);
    x[s + at.FEATURES / 4 + feature] = x[s + at.BESTS / 4 + window]! / energy;
  }
  logarithms(x, n, s);
  compareWithEarlier(x, n, s, key);
  x[s + at.SCORE / 4] = scoreOf(x, n, at.GATE_NETWORK, at.GATE_FEATURES, 4 * s + at.FEATURES);
}

/** Fits the windows of one signal, of 2 to `longest` hops; returns the best pair of the shortest. */
function fitWindows(x: Float32Array, n: Int32Array, s: number, first: number, longest: number): number {
  const isRaw = first === RAW_2;
  const ring = isRaw ? at.RAW_SUMS : at.INNOVATION_SUMS;
  const energies = s + (isRaw ? at.RAW_ENERGY : at.INNOVATION_ENERGY) / 4;
  let slot = openWindow(x, n, s, ring, 0);
  let energy = x[energies + slot]!;
  let shortest = 0;
  for (let hops = 2; hops <= longest; hops += 1) {
    slot = extendWindow(x, s, ring, slot, hops - 1);
    energy = f(energy + x[energies + slot]!);
    const best = fitPairs(x, s, hops);
    x[s + at.BESTS / 4 + first + hops - 2] = best;
    x[s + at.ENERGIES / 4 + first + hops - 2] = energy;
    const key = pairWith(x, s, best);
    if (hops === 2) shortest = key;
    if (isRaw && hops >= 4) tonePowers(x, s, key, hops);
    if (hops === at.SEGMENT_HOPS) keepSegment(x, n, s, isRaw ? RAW : INNOVATION, n[s + at.SLOT / 4]!, energy);
  }
  return shortest;
}

/** Squared correlations of the best pair's tones, and in 8 ms their ratio. */
function tonePowers(x: Float32Array, s: number, key: number, hops: number): void {
  const sums = s + at.WINDOW_SUMS / 4;
  const [row, column] = [key >> 2, 4 + (key & 3)].map((tone) => {
    const [c, d] = [x[sums + tone]!, x[sums + at.TONES + tone]!];
    return f(f(c * c) + f(d * d));
  }) as [number, number];
  x[s + at.ROW_POWER / 4] = row;
  x[s + at.COLUMN_POWER / 4] = column;
  if (hops !== 4) return;
  const squared = at.TWO_HOPS_SAMPLES;
  x[s + at.FEATURES / 4 + 10] = f(f(column / squared) + 1) / f(f(row / squared) + 1);
}

/** The features that are ratios on a logarithmic scale. */
function logarithms(x: Float32Array, n: Int32Array, s: number): void {
  const slot = n[s + at.SLOT / 4]!;
  const innovation = (lag: number): number => x[s + at.INNOVATION_ENERGY / 4 + earlier(slot, lag)]!;
  const peak = (lag: number): number => x[s + at.INNOVATION_PEAK / 4 + earlier(slot, lag)]!;
  const rest = (window: number): number =>
    Math.max(0, f(x[s + at.ENERGIES / 4 + window]! - x[s + at.BESTS / 4 + window]!));
  const expected = f(x[s + at.EXPECTED / 4]! * HOP);
  const highest = Math.max(peak(0), peak(1));
  const before = f(innovation(5) + innovation(6));
  const two = x[s + at.ENERGIES / 4]!;
  const features = x.subarray(s + at.FEATURES / 4, s + at.FEATURES / 4 + at.GATE_FEATURES);
  features[1] = log10Of(f(f(two / f(2 * expected)) + f(1e-3)));
  features[3] = log10Of(f(f(rest(INNOVATION_3) / f(3 * expected)) + f(1e-3)));
  features[6] = log10Of(f(f(x[s + at.BESTS / 4 + RAW_2]! / (2 * HOP)) + 1));
  features[8] = log10Of(f(f(rest(RAW_3) / f(3 * expected)) + f(1e-3)));
  features[10] = log10Of(features[10]!);
  features[12] = log10Of(f(f(highest + 1) / f(f(two / (2 * HOP)) + 1)));
  features[13] = log10Of(f(f(innovation(0) + HOP) / f(innovation(1) + HOP)));
  features[14] = log10Of(f(f(two + HOP) / f(before + HOP)));
}

/** Does the best pair of the innovation show in the 4 ms before as well? */
function compareWithEarlier(x: Float32Array, n: Int32Array, s: number, key: number): void {
  const features = s + at.FEATURES / 4;
  x[features + 15] = 0;
  x[features + 16] = 0;
  if (!isLoud(x, n, s, 2)) return;
  const energies = s + at.INNOVATION_ENERGY / 4;
  const last = openWindow(x, n, s, at.INNOVATION_SUMS, 2);
  const before = extendWindow(x, s, at.INNOVATION_SUMS, last, 1);
  const energy = f(x[energies + last]! + x[energies + before]!);
  const best = fitPairs(x, s, 2);
  const earlierKey = pairWith(x, s, best);
  x[features + 15] = best / f(energy + 2 * HOP * ROUNDING_NOISE);
  x[features + 16] = Number(earlierKey >> 2 === key >> 2) + Number((earlierKey & 3) === (key & 3));
}
