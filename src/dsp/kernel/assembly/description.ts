import { ROUNDING_NOISE } from '../first-look.ts';
import * as at from '../layout.ts';
import { log10Of } from './lanes.ts';
import { scoreOf } from './network.ts';
import { earlier, isLoud } from './onset.ts';
import { extendWindow, fitPairs, openWindow, pairWith } from './pair-fits.ts';
import { keepSegment } from './segments.ts';
import { completeSums, INNOVATION, RAW } from './tone-sums.ts';

/** Index of each window in `BESTS` and `ENERGIES`: the innovation's come first. */
const INNOVATION_2 = 0;
const INNOVATION_3 = 4;
const INNOVATION_4 = 8;
const RAW_2 = 12;
const RAW_3 = 16;
const RAW_4 = 20;
const RAW_5 = 24;

/** Features of the newest hop and the network's score of them. */
export function describe(state: i32): void {
  completeSums(state, INNOVATION, 4);
  completeSums(state, RAW, 5);
  const now = fitInnovation(state);
  fitSignal(state);
  shares(state);
  logarithms(state);
  compareWithEarlier(state, now);
  store<f32>(state, scoreOf(at.GATE_NETWORK, at.GATE_FEATURES, state + at.FEATURES), at.SCORE);
}

/** Fits the innovation's windows; returns the best pair of 4 ms. */
function fitInnovation(state: i32): i32 {
  let slot = openWindow(state, at.INNOVATION_SUMS, 0);
  let energy = load<f32>(state + slot * 4, at.INNOVATION_ENERGY);
  let key = 0;
  for (let hops = 2; hops <= 4; hops += 1) {
    slot = extendWindow(state, at.INNOVATION_SUMS, slot, hops - 1);
    energy += load<f32>(state + slot * 4, at.INNOVATION_ENERGY);
    const best = fitPairs(state, hops);
    store<f32>(state + hops * 4, best, at.BESTS + INNOVATION_2 - 8);
    store<f32>(state + hops * 4, energy, at.ENERGIES + INNOVATION_2 - 8);
    if (hops === 2) key = pairWith(state, best);
  }
  keepSegment(state, INNOVATION, load<i32>(state, at.SLOT), energy);
  return key;
}

/** Fits the signal's windows; takes the twist from 8 ms and the tones' powers from 10 ms. */
function fitSignal(state: i32): void {
  let slot = openWindow(state, at.RAW_SUMS, 0);
  let energy = load<f32>(state + slot * 4, at.RAW_ENERGY);
  for (let hops = 2; hops <= 5; hops += 1) {
    slot = extendWindow(state, at.RAW_SUMS, slot, hops - 1);
    energy += load<f32>(state + slot * 4, at.RAW_ENERGY);
    const best = fitPairs(state, hops);
    store<f32>(state + hops * 4, best, at.BESTS + RAW_2 - 8);
    store<f32>(state + hops * 4, energy, at.ENERGIES + RAW_2 - 8);
    if (hops < 4) continue;
    const key = pairWith(state, best);
    store<f32>(state, toneSquare(state, key >> 2), at.ROW_POWER);
    store<f32>(state, toneSquare(state, 4 + (key & 3)), at.COLUMN_POWER);
    if (hops === 4) {
      keepSegment(state, RAW, load<i32>(state, at.SLOT), energy);
      const squared = <f32>at.TWO_HOPS_SAMPLES;
      const row = load<f32>(state, at.ROW_POWER) / squared + 1;
      store<f32>(state, (load<f32>(state, at.COLUMN_POWER) / squared + 1) / row, at.FEATURES + 40);
    }
  }
  // Power per sample of a tone: 2 |sum|^2 / n^2.
  const samples = 5 * at.KERNEL_HOP_SAMPLES;
  const perSample = <f32>2 / <f32>(samples * samples);
  store<f32>(state, load<f32>(state, at.ROW_POWER) * perSample, at.ROW_POWER);
  store<f32>(state, load<f32>(state, at.COLUMN_POWER) * perSample, at.COLUMN_POWER);
}

/** Squared correlation of the open window with one tone. */
function toneSquare(state: i32, tone: i32): f32 {
  const c = load<f32>(state + tone * 4, at.WINDOW_SUMS);
  const s = load<f32>(state + tone * 4, at.WINDOW_SUMS + 32);
  return c * c + s * s;
}

/** Share of each window that its best pair explains. */
function shares(state: i32): void {
  store<f32>(state, share(state, INNOVATION_2, 2), at.FEATURES);
  store<f32>(state, share(state, INNOVATION_3, 3), at.FEATURES + 8);
  store<f32>(state, share(state, INNOVATION_4, 4), at.FEATURES + 16);
  store<f32>(state, share(state, RAW_2, 2), at.FEATURES + 20);
  store<f32>(state, share(state, RAW_3, 3), at.FEATURES + 28);
  store<f32>(state, share(state, RAW_4, 4), at.FEATURES + 36);
  store<f32>(state, share(state, RAW_5, 5), at.FEATURES + 44);
}

function share(state: i32, window: i32, hops: i32): f32 {
  const noise = <f32>(hops * at.KERNEL_HOP_SAMPLES) * <f32>ROUNDING_NOISE;
  return load<f32>(state + window, at.BESTS) / (load<f32>(state + window, at.ENERGIES) + noise);
}

/** The features that are ratios on a logarithmic scale, four at a time. */
function logarithms(state: i32): void {
  const slot = load<i32>(state, at.SLOT);
  const hop = <f32>at.KERNEL_HOP_SAMPLES;
  const expected = load<f32>(state, at.EXPECTED) * hop;
  const now = load<f32>(state + slot * 4, at.INNOVATION_ENERGY);
  const last = earlier(state, slot, 1);
  const before =
    load<f32>(earlier(state, slot, 5), at.INNOVATION_ENERGY) +
    load<f32>(earlier(state, slot, 6), at.INNOVATION_ENERGY);
  const peak = max(load<f32>(state + slot * 4, at.INNOVATION_PEAK), load<f32>(last, at.INNOVATION_PEAK));
  const two = load<f32>(state, at.ENERGIES + INNOVATION_2);
  const three = rest(state, INNOVATION_3);
  let x = f32x4.splat(two / (2 * expected) + <f32>1e-3);
  x = f32x4.replace_lane(x, 1, three / (3 * expected) + <f32>1e-3);
  x = f32x4.replace_lane(x, 2, load<f32>(state, at.BESTS + RAW_2) / (2 * hop) + 1);
  x = f32x4.replace_lane(x, 3, rest(state, RAW_3) / (3 * expected) + <f32>1e-3);
  let y = f32x4.splat(load<f32>(state, at.FEATURES + 40));
  y = f32x4.replace_lane(y, 1, (peak + 1) / (two / (2 * hop) + 1));
  y = f32x4.replace_lane(y, 2, (now + hop) / (load<f32>(last, at.INNOVATION_ENERGY) + hop));
  y = f32x4.replace_lane(y, 3, (two + hop) / (before + hop));
  x = log10Of(x);
  y = log10Of(y);
  store<f32>(state, f32x4.extract_lane(x, 0), at.FEATURES + 4);
  store<f32>(state, f32x4.extract_lane(x, 1), at.FEATURES + 12);
  store<f32>(state, f32x4.extract_lane(x, 2), at.FEATURES + 24);
  store<f32>(state, f32x4.extract_lane(x, 3), at.FEATURES + 32);
  store<f32>(state, f32x4.extract_lane(y, 0), at.FEATURES + 40);
  store<f32>(state, f32x4.extract_lane(y, 1), at.FEATURES + 48);
  store<f32>(state, f32x4.extract_lane(y, 2), at.FEATURES + 52);
  store<f32>(state, f32x4.extract_lane(y, 3), at.FEATURES + 56);
}

/** What the best pair leaves of a window. */
function rest(state: i32, window: i32): f32 {
  return max<f32>(0, load<f32>(state + window, at.ENERGIES) - load<f32>(state + window, at.BESTS));
}

/**
 * A tone shows the same pair in two windows that share no sample; what speech resembles changes. What was too faint
 * to be looked at resembles nothing.
 */
function compareWithEarlier(state: i32, key: i32): void {
  let share: f32 = 0;
  let same = 0;
  if (isLoud(state, 2)) {
    let slot = openWindow(state, at.INNOVATION_SUMS, 2);
    let energy = load<f32>(state + slot * 4, at.INNOVATION_ENERGY);
    slot = extendWindow(state, at.INNOVATION_SUMS, slot, 1);
    energy += load<f32>(state + slot * 4, at.INNOVATION_ENERGY);
    const best = fitPairs(state, 2);
    const earlierKey = pairWith(state, best);
    share = best / (energy + <f32>at.TWO_HOPS_SAMPLES * <f32>ROUNDING_NOISE);
    same = i32(earlierKey >> 2 === key >> 2) + i32((earlierKey & 3) === (key & 3));
  }
  store<f32>(state, share, at.FEATURES + 60);
  store<f32>(state, <f32>same, at.FEATURES + 64);
}
