/** The few pieces of dense algebra that the attacker needs; matrices are square, row by row, in one array. */

/** Replaces the lower triangle of a positive definite matrix by its Cholesky factor. */
export function factorize(matrix: Float64Array, size: number): void {
  for (let i = 0; i < size; i += 1) {
    const row = i * size;
    for (let j = 0; j <= i; j += 1) {
      const other = j * size;
      // Two sums side by side: one would wait for itself.
      let sum = matrix[row + j]!;
      let odd = 0;
      let k = 0;
      for (; k + 1 < j; k += 2) {
        sum -= matrix[row + k]! * matrix[other + k]!;
        odd -= matrix[row + k + 1]! * matrix[other + k + 1]!;
      }
      if (k < j) odd -= matrix[row + k]! * matrix[other + k]!;
      sum += odd;
      matrix[row + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / matrix[other + j]!;
    }
  }
}

/** Solves `factor factor^T x = right` in place. */
export function solve(factor: Float64Array, size: number, right: Float64Array): void {
  for (let i = 0; i < size; i += 1) {
    let sum = right[i]!;
    for (let k = 0; k < i; k += 1) sum -= factor[i * size + k]! * right[k]!;
    right[i] = sum / factor[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    let sum = right[i]!;
    for (let k = i + 1; k < size; k += 1) sum -= factor[k * size + i]! * right[k]!;
    right[i] = sum / factor[i * size + i]!;
  }
}

/** Logarithm of the determinant of a factorised matrix. */
export function logDeterminant(factor: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i += 1) sum += 2 * Math.log(factor[i * size + i]!);
  return sum;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  let odd = 0;
  let i = 0;
  for (; i + 1 < a.length; i += 2) {
    sum += a[i]! * b[i]!;
    odd += a[i + 1]! * b[i + 1]!;
  }
  return i < a.length ? sum + odd + a[i]! * b[i]! : sum + odd;
}

/**
 * Orthonormal vectors that span what the columns span outside of `basis`. Twice, since columns that are nearly alike
 * lose half of their digits in the first round. A column that is spanned already is left out.
 */
export function orthonormal(
  columns: readonly Float64Array[],
  basis: readonly Float64Array[] = [],
): Float64Array[] {
  const found: Float64Array[] = [];
  for (const column of columns) {
    const vector = Float64Array.from(column);
    for (let round = 0; round < 2; round += 1) {
      for (const known of [...basis, ...found]) {
        const share = dot(known, vector);
        for (let i = 0; i < vector.length; i += 1) vector[i]! -= share * known[i]!;
      }
    }
    const norm = Math.sqrt(dot(vector, vector));
    if (norm < 1e-9 * Math.sqrt(vector.length)) continue;
    found.push(vector.map((value) => value / norm));
  }
  return found;
}
