import { CORE_RATE_HZ, HOP_SAMPLES, TONE_HZ } from './constants.ts';

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
 * Inverse Gram matrices of [cos row, sin row, cos column, sin column] of all 16 pairs over a window of some hops, phase
 * 0 in the centre of the newest hop. With them the energy of the least-squares fit of a pair is a quadratic form of four
 * correlation sums. Off-diagonal terms are stored doubled, as the quadratic form uses them.
 */
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
