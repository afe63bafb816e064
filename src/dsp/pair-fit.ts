import { CORE_RATE_HZ, HOP_SAMPLES, TONE_HZ } from './constants.ts';

/** Longest window of a fit, in hops: 10 ms. */
const FIT_HOPS_MAX = 5;

/** Coefficients per pair: the upper triangle of a symmetric 4 x 4 matrix. */
const PACKED = 10;

/**
 * Regularisation of the Gram matrix as a share of the window. In windows of a few milliseconds neighbouring tones are
 * nearly dependent; without it rounding noise would be fitted.
 */
const RIDGE = 1e-3;

/** Centre of a hop relative to its first sample; correlation sums take their phase from there. */
const HOP_CENTRE = (HOP_SAMPLES - 1) / 2;

export function radiansPerSample(tone: number): number {
  return (2 * Math.PI * TONE_HZ[tone]!) / CORE_RATE_HZ;
}

/**
 * Inverse Gram matrices of [cos row, sin row, cos column, sin column] over windows of 1 to 5 hops, phase 0 in the
 * centre of the newest hop. With them the energy of the least-squares fit of a pair is a quadratic form of four
 * correlation sums. Off-diagonal terms are stored doubled, as the quadratic form uses them.
 */
const INVERSE_GRAM: readonly Float64Array[] = Array.from({ length: FIT_HOPS_MAX + 1 }, (_, hops) =>
  hops === 0 ? new Float64Array(0) : inverseGrams(hops),
);

/**
 * The least-squares energy of pair `key` in a window of `hops` hops, given its correlation sums
 * (`cosine[tone]`, `sine[tone]`).
 */
export function pairEnergy(hops: number, key: number, cosine: Float64Array, sine: Float64Array): number {
  const q = INVERSE_GRAM[hops]!;
  const o = key * PACKED;
  const row = key >> 2;
  const column = 4 + (key & 3);
  const a = cosine[row]!;
  const b = sine[row]!;
  const c = cosine[column]!;
  const d = sine[column]!;
  return (
    a * (q[o]! * a + q[o + 1]! * b + q[o + 2]! * c + q[o + 3]! * d) +
    b * (q[o + 4]! * b + q[o + 5]! * c + q[o + 6]! * d) +
    c * (q[o + 7]! * c + q[o + 8]! * d) +
    q[o + 9]! * d * d
  );
}

/** Amplitudes of the same fit into `out`: [cos row, sin row, cos column, sin column]. */
export function pairAmplitudesInto(
  out: Float64Array,
  hops: number,
  key: number,
  cosine: Float64Array,
  sine: Float64Array,
): void {
  const q = INVERSE_GRAM[hops]!;
  const o = key * PACKED;
  const row = key >> 2;
  const column = 4 + (key & 3);
  const a = cosine[row]!;
  const b = sine[row]!;
  const c = cosine[column]!;
  const d = sine[column]!;
  const h = 0.5;
  out[0] = q[o]! * a + h * (q[o + 1]! * b + q[o + 2]! * c + q[o + 3]! * d);
  out[1] = q[o + 4]! * b + h * (q[o + 1]! * a + q[o + 5]! * c + q[o + 6]! * d);
  out[2] = q[o + 7]! * c + h * (q[o + 2]! * a + q[o + 5]! * b + q[o + 8]! * d);
  out[3] = q[o + 9]! * d + h * (q[o + 3]! * a + q[o + 6]! * b + q[o + 8]! * c);
}

/** The packed matrices of all 16 pairs for one window length. */
export function inverseGrams(hops: number): Float64Array {
  const out = new Float64Array(16 * PACKED);
  for (let key = 0; key < 16; key += 1) {
    const inverse = invert4(gram(hops, radiansPerSample(key >> 2), radiansPerSample(4 + (key & 3))));
    let at = key * PACKED;
    for (let i = 0; i < 4; i += 1) {
      for (let j = i; j < 4; j += 1) {
        out[at] = inverse[i]![j]! * (i === j ? 1 : 2);
        at += 1;
      }
    }
  }
  return out;
}

function gram(hops: number, row: number, column: number): number[][] {
  const length = hops * HOP_SAMPLES;
  const matrix = [0, 1, 2, 3].map(() => [0, 0, 0, 0]);
  for (let n = 0; n < length; n += 1) {
    const m = n - length + HOP_SAMPLES - HOP_CENTRE;
    const basis = [Math.cos(row * m), Math.sin(row * m), Math.cos(column * m), Math.sin(column * m)];
    for (let i = 0; i < 4; i += 1) for (let j = 0; j < 4; j += 1) matrix[i]![j]! += basis[i]! * basis[j]!;
  }
  for (let i = 0; i < 4; i += 1) matrix[i]![i]! += RIDGE * length;
  return matrix;
}

/** Gauss-Jordan; the matrix is positive definite, so no pivoting is needed. */
function invert4(matrix: number[][]): number[][] {
  const rows = matrix.map((row, i) => [...row, ...[0, 1, 2, 3].map((j) => (i === j ? 1 : 0))]);
  for (let c = 0; c < 4; c += 1) {
    const pivot = rows[c]![c]!;
    rows[c] = rows[c]!.map((value) => value / pivot);
    for (let r = 0; r < 4; r += 1) {
      if (r === c) continue;
      const factor = rows[r]![c]!;
      rows[r] = rows[r]!.map((value, j) => value - factor * rows[c]![j]!);
    }
  }
  return rows.map((row) => row.slice(4));
}
