import { ROUNDING_NOISE } from '../first-look.ts';
import * as at from '../layout.ts';
import { angleOf, log10Of, sumOf } from './lanes.ts';
import { scoreOf } from './network.ts';
import { earlier } from './onset.ts';
import { completeSums, extendWindow, INNOVATION, openWindow, RAW } from './pair-fits.ts';
import { completeSegments } from './segments.ts';

const f = Math.fround;
const WAVES = 2 * at.TONES;
const DIGIT = at.DIGIT / 4;

/** Squared amplitude of a sine at 0 dBm0, see `constants.ts`: 20 log10(32768) - 3.14 dB. */
const DBM0_OF_1 = f(87.16899);

/** Numbers per segment, newest first. */
type Lanes = [number, number, number, number];

/** Complex amplitudes of row and column, [re, im, re, im]. */
type Amplitudes = readonly [number, number, number, number];

/** What the last 32 ms say about the strongest pair. */
export function measureDigit(x: Float32Array, n: Int32Array, s: number): void {
  completeSegments(x, n, s, RAW);
  completeSegments(x, n, s, INNOVATION);
  const newest = n[s + at.SLOT / 4]!;
  const slots = [0, 1, 2, 3].map((segment) => earlier(newest, segment * at.SEGMENT_HOPS)) as Lanes;
  const key = strongestKey(x, s, slots);
  n[s + at.DIGIT_KEY / 4] = key;
  const innovation = slots.map((slot) =>
    shareOf(
      x,
      s + at.INNOVATION_SEGMENTS / 4 + slot * WAVES,
      x[s + at.INNOVATION_SEGMENT_ENERGY / 4 + slot]!,
      key,
    ),
  ) as Lanes;
  const raw = slots.map((slot) =>
    shareOf(x, s + at.RAW_SEGMENTS / 4 + slot * WAVES, x[s + at.RAW_SEGMENT_ENERGY / 4 + slot]!, key),
  ) as Lanes;
  x[s + DIGIT] = Math.min(1, ...raw);
  x[s + DIGIT + 1] = sumOf(...raw) / 4;
  x[s + DIGIT + 12] = sumOf(...innovation) / 4;
  x[s + DIGIT + 13] = Math.min(1, ...innovation);
  const fits = slots.map((slot) =>
    amplitudes(x, s + at.RAW_SEGMENTS / 4 + slot * WAVES, at.SEGMENT_HOPS, key),
  );
  follow(x, s, 0, key >> 2, fits.map((fit) => fit[0]) as Lanes, fits.map((fit) => fit[1]) as Lanes);
  follow(x, s, 1, 4 + (key & 3), fits.map((fit) => fit[2]) as Lanes, fits.map((fit) => fit[3]) as Lanes);
  levels(x, s);
  compare(x, s, key, slots);
  x[s + at.DIGIT_SCORE / 4] = scoreOf(x, n, at.DIGIT_NETWORK, at.DIGIT_FEATURES, 4 * s + at.DIGIT);
}

/** Squared amplitudes of both tones of `key`, fitted to the newest 4 ms. */
export function measurePresence(x: Float32Array, n: Int32Array, s: number, key: number): void {
  completeSums(x, n, s, RAW, 2);
  const slot = openWindow(x, n, s, at.RAW_SUMS, 0);
  extendWindow(x, s, at.RAW_SUMS, slot, 1);
  const [rowRe, rowIm, columnRe, columnIm] = amplitudes(x, s + at.WINDOW_SUMS / 4, 2, key);
  x[s + at.PRESENT / 4] = f(f(rowRe * rowRe) + f(rowIm * rowIm));
  x[s + at.PRESENT / 4 + 1] = f(f(columnRe * columnRe) + f(columnIm * columnIm));
}

/** The row and the column with the most energy over the four segments, each tone by itself. */
function strongestKey(x: Float32Array, s: number, slots: Lanes): number {
  const tones = Array.from({ length: at.TONES }, (_, tone) => {
    let sum = 0;
    for (const slot of slots) {
      const c = x[s + at.RAW_SEGMENTS / 4 + slot * WAVES + tone]!;
      const d = x[s + at.RAW_SEGMENTS / 4 + slot * WAVES + at.TONES + tone]!;
      sum = f(sum + f(f(c * c) + f(d * d)));
    }
    return sum;
  });
  const rows = tones.slice(0, 4);
  const columns = tones.slice(4);
  return 4 * rows.indexOf(Math.max(...rows)) + columns.indexOf(Math.max(...columns));
}

/** The other tones beside the key's, see the vector code. */
function compare(x: Float32Array, s: number, key: number, slots: Lanes): void {
  const [row, column] = [key >> 2, 4 + (key & 3)];
  const turn = at.ROTATION / 4 + at.SEGMENT_HOPS * WAVES;
  const energies: number[] = [];
  const steady: number[] = [];
  for (let tone = 0; tone < at.TONES; tone += 1) {
    const [c, d] = [x[turn + tone]!, x[turn + at.TONES + tone]!];
    let [energy, re, im] = [0, 0, 0];
    for (const slot of [...slots].reverse()) {
      const cosine = x[s + at.RAW_SEGMENTS / 4 + slot * WAVES + tone]!;
      const sine = x[s + at.RAW_SEGMENTS / 4 + slot * WAVES + at.TONES + tone]!;
      energy = f(energy + f(f(cosine * cosine) + f(sine * sine)));
      const turned = f(f(re * c) + f(im * d));
      im = f(sine + f(f(im * c) - f(re * d)));
      re = f(cosine + turned);
    }
    energies.push(energy);
    steady.push(f(f(re * re) + f(im * im)));
  }
  const strongestOther = (of: readonly number[], from: number, to: number): number =>
    Math.max(...of.slice(from, to).filter((_, i) => from + i !== row && from + i !== column));
  const inRow = f(energies[row]! + 1);
  const inColumn = f(energies[column]! + 1);
  const energyOf = (ring: number): number =>
    f(sumOf(...(slots.map((slot) => x[s + ring / 4 + slot]!) as Lanes)) + 1);
  const ratios = [
    f(strongestOther(energies, 0, 4) / inRow),
    f(strongestOther(energies, 4, 8) / inColumn),
    f(f(strongestOther(steady, 0, 8) / 4) / Math.min(inRow, inColumn)),
    f(energyOf(at.INNOVATION_SEGMENT_ENERGY) / energyOf(at.RAW_SEGMENT_ENERGY)),
  ];
  x.set(
    ratios.map((ratio) => log10Of(f(ratio + f(1e-9)))),
    s + DIGIT + 14,
  );
}

/** Coefficient `i` of a pair's inverse Gram matrix, times `value`. */
function product(x: Float32Array, hops: number, key: number, i: number, value: number): number {
  const gram = (at.GRAM + hops * at.GRAM_WINDOW_BYTES) / 4 + (key >> 2) * 40 + (key & 3);
  return f(x[gram + 4 * i]! * value);
}

/** The pair's correlations in the sums that begin at `from`: cosine and sine of row, then of column. */
function correlations(x: Float32Array, from: number, key: number): Lanes {
  const row = from + (key >> 2);
  const column = from + 4 + (key & 3);
  return [x[row]!, x[row + at.TONES]!, x[column]!, x[column + at.TONES]!];
}

/** Share of a segment's energy that the pair explains, see `fitPairs`. */
function shareOf(x: Float32Array, from: number, energy: number, key: number): number {
  const [a, b, c, d] = correlations(x, from, key);
  const g = (i: number, value: number): number => product(x, at.SEGMENT_HOPS, key, i, value);
  const withA = f(f(g(0, a) + g(1, b)) + f(g(2, c) + g(3, d)));
  const withB = f(f(g(4, b) + g(5, c)) + g(6, d));
  const withC = f(g(7, c) + g(8, d));
  const explained = f(f(f(a * withA) + f(b * withB)) + f(f(c * withC) + g(9, f(d * d))));
  return f(explained / f(energy + at.SEGMENT_HOPS * at.KERNEL_HOP_SAMPLES * ROUNDING_NOISE));
}

/** Amplitudes of the fit: cosine and minus sine of row, then of column. Mixed coefficients are stored doubled. */
function amplitudes(x: Float32Array, from: number, hops: number, key: number): Amplitudes {
  const [a, b, c, d] = correlations(x, from, key);
  const g = (i: number, value: number): number => product(x, hops, key, i, value);
  const mixed = (p: number, q: number, r: number): number => f(0.5 * f(f(p + q) + r));
  return [
    f(g(0, a) + mixed(g(1, b), g(2, c), g(3, d))),
    -f(g(4, b) + mixed(g(1, a), g(5, c), g(6, d))),
    f(g(7, c) + mixed(g(2, a), g(5, b), g(8, d))),
    -f(g(9, d) + mixed(g(3, a), g(6, b), g(8, c))),
  ];
}

/** How one tone (`group` 0 row, 1 column) moves over the segments: its complex amplitudes are `re` + i `im`. */
function follow(x: Float32Array, s: number, group: number, tone: number, re: Lanes, im: Lanes): void {
  x[s + at.PHASORS / 4 + group] = re[0];
  x[s + at.PHASORS / 4 + group + 2] = im[0];
  const p = re.map((value, i) => f(f(value * value) + f(im[i]! * im[i]!))) as Lanes;
  const power = f(sumOf(...p) / 4);
  // A codec may drop a piece in the middle, the ends tell a burst.
  x[s + at.SPREADS / 4 + group] = f(Math.max(...p) + 1) / f(Math.min(p[0], p[3]) + 1);
  x[s + at.LEVELS / 4 + group] = power + f(1e-3);

  // Newer times the conjugate of older, turned back by the nominal advance: what is left is the offset.
  const turn = at.ROTATION / 4 + at.SEGMENT_HOPS * WAVES + tone;
  const [c, d] = [x[turn]!, x[turn + at.TONES]!];
  const [turnedRe, turnedIm, lengths]: [Lanes, Lanes, Lanes] = [
    [0, 0, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ];
  for (let i = 1; i < at.SEGMENTS; i += 1) {
    const a = f(f(re[i - 1]! * re[i]!) + f(im[i - 1]! * im[i]!));
    const b = f(f(im[i - 1]! * re[i]!) - f(re[i - 1]! * im[i]!));
    turnedRe[i] = f(f(a * c) + f(b * d));
    turnedIm[i] = f(f(b * c) - f(a * d));
    lengths[i] = f(Math.sqrt(f(f(a * a) + f(b * b))));
  }
  const sumRe = sumOf(...turnedRe);
  const sumIm = sumOf(...turnedIm);
  const length = f(Math.sqrt(f(f(sumRe * sumRe) + f(sumIm * sumIm))));
  const offset = f(angleOf(sumIm, sumRe) * x[at.PERCENT_PER_RADIAN / 4 + tone]!);
  x[s + at.OFFSETS / 4 + group] = offset;
  const feature = s + DIGIT + 2 + group * 4;
  x[feature] = Math.abs(offset);
  x[feature + 1] = 1 - f(length / f(sumOf(...lengths) + f(1e-9)));

  const turnRe = length > 0 ? f(sumRe / length) : 1;
  const turnIm = length > 0 ? f(sumIm / length) : 0;
  const advanceRe = f(f(turnRe * c) - f(turnIm * d));
  const advanceIm = f(f(turnRe * d) + f(turnIm * c));
  x[feature + 3] = coherence(re, im, advanceRe, advanceIm, power);
}

/** Share of the tone's energy that one steady tone explains, which advances by so much per segment. */
function coherence(re: Lanes, im: Lanes, advanceRe: number, advanceIm: number, power: number): number {
  const twiceRe = f(f(advanceRe * advanceRe) - f(advanceIm * advanceIm));
  const twiceIm = f(f(advanceRe * advanceIm) + f(advanceRe * advanceIm));
  const c = [1, advanceRe, twiceRe, f(f(twiceRe * advanceRe) - f(twiceIm * advanceIm))] as const;
  const d = [0, advanceIm, twiceIm, f(f(twiceRe * advanceIm) + f(twiceIm * advanceRe))] as const;
  const sumRe = sumOf(...(re.map((value, i) => f(f(value * c[i]!) - f(im[i]! * d[i]!))) as Lanes));
  const sumIm = sumOf(...(re.map((value, i) => f(f(im[i]! * c[i]!) + f(value * d[i]!))) as Lanes));
  const squared = at.SEGMENTS * at.SEGMENTS;
  return f(f(sumRe * sumRe) + f(sumIm * sumIm)) / f(f(squared * power) + f(1e-9));
}

/** Levels and spreads of both tones, from ratios to decibels. */
function levels(x: Float32Array, s: number): void {
  const decibels = (place: number): number => f(10 * log10Of(x[s + place]!));
  const row = f(decibels(at.LEVELS / 4) - DBM0_OF_1);
  const column = f(decibels(at.LEVELS / 4 + 1) - DBM0_OF_1);
  const [rowSpread, columnSpread] = [decibels(at.SPREADS / 4), decibels(at.SPREADS / 4 + 1)];
  x.set([row, column, rowSpread, columnSpread], s + at.LEVELS / 4);
  x[s + DIGIT + 4] = rowSpread;
  x[s + DIGIT + 8] = columnSpread;
  x[s + DIGIT + 10] = column - row;
  x[s + DIGIT + 11] = Math.min(row, column) / 10;
}
