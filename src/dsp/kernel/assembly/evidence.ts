import { ROUNDING_NOISE } from '../first-look.ts';
import * as at from '../layout.ts';
import { angleOf, log10Of, maxOf, minOf, sumOf } from './lanes.ts';
import { scoreOf } from './network.ts';
import { extendWindow, openWindow } from './pair-fits.ts';
import { completeSegments } from './segments.ts';
import { completeSums, INNOVATION, RAW } from './tone-sums.ts';

const HALF: f32 = 0.5;

/** Squared amplitude of a sine at 0 dBm0, see `constants.ts`: 20 log10(32768) - 3.14 dB. */
const DBM0_OF_1: f32 = 87.16899;

/** What the last 32 ms say about the strongest pair: four segments of 8 ms, one in each lane, newest first. */
export function measureDigit(state: i32): void {
  completeSegments(state, RAW);
  completeSegments(state, INNOVATION);
  const first = load<i32>(state, at.SLOT);
  const second = earlierSegment(first);
  const third = earlierSegment(second);
  const fourth = earlierSegment(third);
  const key = strongestKey(state, first, second, third, fourth);
  store<i32>(state, key, at.DIGIT_KEY);
  const row = state + (key >> 2) * 4;
  const column = state + (4 + (key & 3)) * 4;
  const gram = gramOf(at.SEGMENT_HOPS, key);

  let a = lanesOf(row + at.INNOVATION_SEGMENTS, at.SUMS_BYTES, first, second, third, fourth);
  let b = lanesOf(row + at.INNOVATION_SEGMENTS + 32, at.SUMS_BYTES, first, second, third, fourth);
  let c = lanesOf(column + at.INNOVATION_SEGMENTS, at.SUMS_BYTES, first, second, third, fourth);
  let d = lanesOf(column + at.INNOVATION_SEGMENTS + 32, at.SUMS_BYTES, first, second, third, fourth);
  let energy = lanesOf(state + at.INNOVATION_SEGMENT_ENERGY, 4, first, second, third, fourth);
  const innovationEnergy = sumOf(energy);
  let share = shareOf(gram, a, b, c, d, energy);
  store<f32>(state, sumOf(share) / 4, at.DIGIT + 48);
  store<f32>(state, min<f32>(1, minOf(share)), at.DIGIT + 52);

  a = lanesOf(row + at.RAW_SEGMENTS, at.SUMS_BYTES, first, second, third, fourth);
  b = lanesOf(row + at.RAW_SEGMENTS + 32, at.SUMS_BYTES, first, second, third, fourth);
  c = lanesOf(column + at.RAW_SEGMENTS, at.SUMS_BYTES, first, second, third, fourth);
  d = lanesOf(column + at.RAW_SEGMENTS + 32, at.SUMS_BYTES, first, second, third, fourth);
  energy = lanesOf(state + at.RAW_SEGMENT_ENERGY, 4, first, second, third, fourth);
  share = shareOf(gram, a, b, c, d, energy);
  store<f32>(state, min<f32>(1, minOf(share)), at.DIGIT);
  store<f32>(state, sumOf(share) / 4, at.DIGIT + 4);

  follow(state, 0, key >> 2, cosine0(gram, a, b, c, d), f32x4.neg(sine0(gram, a, b, c, d)));
  follow(state, 1, 4 + (key & 3), cosine1(gram, a, b, c, d), f32x4.neg(sine1(gram, a, b, c, d)));
  levels(state);
  compare(state, key, first, second, third, fourth, (innovationEnergy + 1) / (sumOf(energy) + 1));
  store<f32>(state, scoreOf(at.DIGIT_NETWORK, at.DIGIT_FEATURES, state + at.DIGIT), at.DIGIT_SCORE);
}

/** Squared amplitudes of both tones of `key`, fitted to the newest 4 ms. */
export function measurePresence(state: i32, key: i32): void {
  completeSums(state, RAW, 2);
  const slot = openWindow(state, at.RAW_SUMS, 0);
  extendWindow(state, at.RAW_SUMS, slot, 1);
  const row = state + (key >> 2) * 4;
  const column = state + (4 + (key & 3)) * 4;
  const gram = gramOf(2, key);
  const a = v128.load32_splat(row, at.WINDOW_SUMS);
  const b = v128.load32_splat(row, at.WINDOW_SUMS + 32);
  const c = v128.load32_splat(column, at.WINDOW_SUMS);
  const d = v128.load32_splat(column, at.WINDOW_SUMS + 32);
  const inRow = square(cosine0(gram, a, b, c, d), sine0(gram, a, b, c, d));
  const inColumn = square(cosine1(gram, a, b, c, d), sine1(gram, a, b, c, d));
  store<f32>(state, f32x4.extract_lane(inRow, 0), at.PRESENT);
  store<f32>(state, f32x4.extract_lane(inColumn, 0), at.PRESENT + 4);
}

/** Place in the ring of the segment before the one that ends at `slot`. */
function earlierSegment(slot: i32): i32 {
  return slot < at.SEGMENT_HOPS ? slot - at.SEGMENT_HOPS + at.RING_HOPS : slot - at.SEGMENT_HOPS;
}

/** The row and the column with the most energy over the four segments, each tone by itself. */
function strongestKey(state: i32, first: i32, second: i32, third: i32, fourth: i32): i32 {
  const ring = state + at.RAW_SEGMENTS;
  let rows = f32x4.splat(0);
  let columns = f32x4.splat(0);
  for (let segment = 0; segment < at.SEGMENTS; segment += 1) {
    const slot = segment < 2 ? (segment === 0 ? first : second) : segment === 2 ? third : fourth;
    const from = ring + slot * at.SUMS_BYTES;
    rows = f32x4.add(rows, square(v128.load(from), v128.load(from, 32)));
    columns = f32x4.add(columns, square(v128.load(from, 16), v128.load(from, 48)));
  }
  return 4 * strongest(rows) + strongest(columns);
}

/**
 * The other tones beside the key's: a voice that looks like a pair has neighbours, a press has none. Decimal logarithms
 * of: the strongest other row against the key's, the strongest other column against the key's, the strongest other tone
 * as one steady tone of 32 ms against the weaker one of the pair, and `innovation`, its share of the energy.
 */
function compare(
  state: i32,
  key: i32,
  first: i32,
  second: i32,
  third: i32,
  fourth: i32,
  innovation: f32,
): void {
  const turn = at.ROTATION + at.SEGMENT_HOPS * at.SUMS_BYTES;
  const rowTurnRe = v128.load(turn);
  const rowTurnIm = v128.load(turn + 32);
  const columnTurnRe = v128.load(turn + 16);
  const columnTurnIm = v128.load(turn + 48);
  const zero = f32x4.splat(0);
  let rows = zero;
  let columns = zero;
  let rowRe = zero;
  let rowIm = zero;
  let columnRe = zero;
  let columnIm = zero;
  // From the oldest on, each turned by the nominal advance until the newest.
  for (let segment = at.SEGMENTS - 1; segment >= 0; segment -= 1) {
    const slot = segment < 2 ? (segment === 0 ? first : second) : segment === 2 ? third : fourth;
    const from = state + at.RAW_SEGMENTS + slot * at.SUMS_BYTES;
    const rowCosine = v128.load(from);
    const rowSine = v128.load(from, 32);
    const columnCosine = v128.load(from, 16);
    const columnSine = v128.load(from, 48);
    rows = f32x4.add(rows, square(rowCosine, rowSine));
    columns = f32x4.add(columns, square(columnCosine, columnSine));
    const turnedRow = f32x4.add(f32x4.mul(rowRe, rowTurnRe), f32x4.mul(rowIm, rowTurnIm));
    rowIm = f32x4.add(rowSine, f32x4.sub(f32x4.mul(rowIm, rowTurnRe), f32x4.mul(rowRe, rowTurnIm)));
    rowRe = f32x4.add(rowCosine, turnedRow);
    const turnedColumn = f32x4.add(f32x4.mul(columnRe, columnTurnRe), f32x4.mul(columnIm, columnTurnIm));
    columnIm = f32x4.add(
      columnSine,
      f32x4.sub(f32x4.mul(columnIm, columnTurnRe), f32x4.mul(columnRe, columnTurnIm)),
    );
    columnRe = f32x4.add(columnCosine, turnedColumn);
  }
  const places = i32x4(0, 1, 2, 3);
  const isRow = i32x4.eq(places, i32x4.splat(key >> 2));
  const isColumn = i32x4.eq(places, i32x4.splat(key & 3));
  const row = maxOf(v128.and(rows, isRow)) + 1;
  const column = maxOf(v128.and(columns, isColumn)) + 1;
  const steadyRow = v128.andnot(square(rowRe, rowIm), isRow);
  const steadyColumn = v128.andnot(square(columnRe, columnIm), isColumn);
  const steady = max(maxOf(steadyRow), maxOf(steadyColumn)) / 4;
  let ratios = f32x4.splat(maxOf(v128.andnot(rows, isRow)) / row);
  ratios = f32x4.replace_lane(ratios, 1, maxOf(v128.andnot(columns, isColumn)) / column);
  ratios = f32x4.replace_lane(ratios, 2, steady / min(row, column));
  ratios = f32x4.replace_lane(ratios, 3, innovation);
  v128.store(state, log10Of(f32x4.add(ratios, f32x4.splat(1e-9))), at.DIGIT + 56);
}

function strongest(tones: v128): i32 {
  return ctz(i32x4.bitmask(f32x4.eq(tones, f32x4.splat(maxOf(tones)))) | 8);
}

function square(x: v128, y: v128): v128 {
  return f32x4.add(f32x4.mul(x, x), f32x4.mul(y, y));
}

/** One number per segment, from a ring with so many bytes per place. */
function lanesOf(ring: i32, stride: i32, first: i32, second: i32, third: i32, fourth: i32): v128 {
  let lanes = v128.load32_splat(ring + first * stride);
  lanes = v128.load32_lane(ring + second * stride, lanes, 1);
  lanes = v128.load32_lane(ring + third * stride, lanes, 2);
  return v128.load32_lane(ring + fourth * stride, lanes, 3);
}

/** Address of a pair's inverse Gram matrix: ten coefficients, 16 bytes apart. */
function gramOf(hops: i32, key: i32): i32 {
  return at.GRAM + hops * at.GRAM_WINDOW_BYTES + (key >> 2) * 160 + (key & 3) * 4;
}

function q(gram: i32, i: i32): v128 {
  return v128.load32_splat(gram + i * 16);
}

/** Share of a segment's energy that the pair explains, see `fitPairs`. */
function shareOf(gram: i32, a: v128, b: v128, c: v128, d: v128, energy: v128): v128 {
  const withA = f32x4.add(
    f32x4.add(f32x4.mul(q(gram, 0), a), f32x4.mul(q(gram, 1), b)),
    f32x4.add(f32x4.mul(q(gram, 2), c), f32x4.mul(q(gram, 3), d)),
  );
  const withB = f32x4.add(
    f32x4.add(f32x4.mul(q(gram, 4), b), f32x4.mul(q(gram, 5), c)),
    f32x4.mul(q(gram, 6), d),
  );
  const withC = f32x4.add(f32x4.mul(q(gram, 7), c), f32x4.mul(q(gram, 8), d));
  const explained = f32x4.add(
    f32x4.add(f32x4.mul(a, withA), f32x4.mul(b, withB)),
    f32x4.add(f32x4.mul(c, withC), f32x4.mul(f32x4.mul(d, d), q(gram, 9))),
  );
  const noise = <f32>(at.SEGMENT_HOPS * at.KERNEL_HOP_SAMPLES) * <f32>ROUNDING_NOISE;
  return f32x4.div(explained, f32x4.add(energy, f32x4.splat(noise)));
}

/** Amplitudes of the fit; mixed coefficients are stored doubled. */
function cosine0(gram: i32, a: v128, b: v128, c: v128, d: v128): v128 {
  return amplitude(q(gram, 0), a, q(gram, 1), b, q(gram, 2), c, q(gram, 3), d);
}

function sine0(gram: i32, a: v128, b: v128, c: v128, d: v128): v128 {
  return amplitude(q(gram, 4), b, q(gram, 1), a, q(gram, 5), c, q(gram, 6), d);
}

function cosine1(gram: i32, a: v128, b: v128, c: v128, d: v128): v128 {
  return amplitude(q(gram, 7), c, q(gram, 2), a, q(gram, 5), b, q(gram, 8), d);
}

function sine1(gram: i32, a: v128, b: v128, c: v128, d: v128): v128 {
  return amplitude(q(gram, 9), d, q(gram, 3), a, q(gram, 6), b, q(gram, 8), c);
}

function amplitude(own: v128, a: v128, q1: v128, b: v128, q2: v128, c: v128, q3: v128, d: v128): v128 {
  const mixed = f32x4.add(f32x4.add(f32x4.mul(q1, b), f32x4.mul(q2, c)), f32x4.mul(q3, d));
  return f32x4.add(f32x4.mul(own, a), f32x4.mul(f32x4.splat(HALF), mixed));
}

/** How one tone (`group` 0 row, 1 column) moves over the segments: its complex amplitudes are `re` + i `im`. */
function follow(state: i32, group: i32, tone: i32, re: v128, im: v128): void {
  const to = state + group * 4;
  store<f32>(to, f32x4.extract_lane(re, 0), at.PHASORS);
  store<f32>(to, f32x4.extract_lane(im, 0), at.PHASORS + 8);
  const p = square(re, im);
  const power = sumOf(p) / 4;
  // Until `levels` takes the logarithms. A codec may drop a piece in the middle, the ends tell a burst.
  const ends = min(f32x4.extract_lane(p, 0), f32x4.extract_lane(p, 3));
  store<f32>(to, (maxOf(p) + 1) / (ends + 1), at.SPREADS);
  store<f32>(to, power + <f32>1e-3, at.LEVELS);

  // Newer times the conjugate of older, turned back by the nominal advance: what is left is the offset.
  const zero = f32x4.splat(0);
  const newerRe = v128.shuffle<f32>(zero, re, 0, 4, 5, 6);
  const newerIm = v128.shuffle<f32>(zero, im, 0, 4, 5, 6);
  const a = f32x4.add(f32x4.mul(newerRe, re), f32x4.mul(newerIm, im));
  const b = f32x4.sub(f32x4.mul(newerIm, re), f32x4.mul(newerRe, im));
  const c = v128.load32_splat(tone * 4, at.ROTATION + at.SEGMENT_HOPS * at.SUMS_BYTES);
  const d = v128.load32_splat(tone * 4, at.ROTATION + at.SEGMENT_HOPS * at.SUMS_BYTES + 32);
  const sumRe = sumOf(f32x4.add(f32x4.mul(a, c), f32x4.mul(b, d)));
  const sumIm = sumOf(f32x4.sub(f32x4.mul(b, c), f32x4.mul(a, d)));
  const length = sqrt<f32>(sumRe * sumRe + sumIm * sumIm);
  const offset = angleOf(sumIm, sumRe) * load<f32>(tone * 4, at.PERCENT_PER_RADIAN);
  store<f32>(to, offset, at.OFFSETS);
  const feature = state + at.DIGIT + 8 + group * 16;
  store<f32>(feature, abs<f32>(offset));
  store<f32>(feature, 1 - length / (sumOf(f32x4.sqrt(square(a, b))) + <f32>1e-9), 4);

  const turnRe: f32 = length > 0 ? sumRe / length : 1;
  const turnIm: f32 = length > 0 ? sumIm / length : 0;
  const nominalRe = f32x4.extract_lane(c, 0);
  const nominalIm = f32x4.extract_lane(d, 0);
  const advanceRe = turnRe * nominalRe - turnIm * nominalIm;
  const advanceIm = turnRe * nominalIm + turnIm * nominalRe;
  store<f32>(feature, coherence(re, im, advanceRe, advanceIm, power), 12);
}

/** Share of the tone's energy that one steady tone explains, which advances by so much per segment. */
function coherence(re: v128, im: v128, advanceRe: f32, advanceIm: f32, power: f32): f32 {
  const twiceRe = advanceRe * advanceRe - advanceIm * advanceIm;
  const twiceIm = advanceRe * advanceIm + advanceRe * advanceIm;
  let c = f32x4.replace_lane(f32x4.splat(1), 1, advanceRe);
  c = f32x4.replace_lane(c, 2, twiceRe);
  c = f32x4.replace_lane(c, 3, twiceRe * advanceRe - twiceIm * advanceIm);
  let d = f32x4.replace_lane(f32x4.splat(0), 1, advanceIm);
  d = f32x4.replace_lane(d, 2, twiceIm);
  d = f32x4.replace_lane(d, 3, twiceRe * advanceIm + twiceIm * advanceRe);
  const sumRe = sumOf(f32x4.sub(f32x4.mul(re, c), f32x4.mul(im, d)));
  const sumIm = sumOf(f32x4.add(f32x4.mul(im, c), f32x4.mul(re, d)));
  const squared = <f32>(at.SEGMENTS * at.SEGMENTS);
  return (sumRe * sumRe + sumIm * sumIm) / (squared * power + <f32>1e-9);
}

/** Levels and spreads of both tones, from ratios to decibels. */
function levels(state: i32): void {
  const ten = f32x4.splat(10);
  const decibels = f32x4.mul(ten, log10Of(v128.load(state, at.LEVELS)));
  const row = f32x4.extract_lane(decibels, 0) - DBM0_OF_1;
  const column = f32x4.extract_lane(decibels, 1) - DBM0_OF_1;
  v128.store(state, decibels, at.LEVELS);
  store<f32>(state, row, at.LEVELS);
  store<f32>(state, column, at.LEVELS + 4);
  store<f32>(state, f32x4.extract_lane(decibels, 2), at.DIGIT + 16);
  store<f32>(state, f32x4.extract_lane(decibels, 3), at.DIGIT + 32);
  store<f32>(state, column - row, at.DIGIT + 40);
  store<f32>(state, min(row, column) / 10, at.DIGIT + 44);
}
