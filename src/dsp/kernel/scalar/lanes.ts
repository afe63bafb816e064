/** Sum of four numbers in the order of the vector code: (0 + 2) + (1 + 3). */
export function sumOf(a: number, b: number, c: number, d: number): number {
  return Math.fround(Math.fround(a + c) + Math.fround(b + d));
}

/** Sum of a lane's four products in the order of the vector code: (0 + 1) + (2 + 3). */
export function lane(a: Float32Array, i: number, b: Float32Array, j: number): number {
  const low = Math.fround(Math.fround(a[i]! * b[j]!) + Math.fround(a[i + 4]! * b[j + 4]!));
  const high = Math.fround(Math.fround(a[i + 8]! * b[j + 8]!) + Math.fround(a[i + 12]! * b[j + 12]!));
  return Math.fround(low + high);
}

/** Scalar product of 16 numbers from `i` with 16 from `j`. */
export function dot(x: Float32Array, i: number, j: number): number {
  return sumOf(
    lane(x, i, x, j),
    lane(x, i + 1, x, j + 1),
    lane(x, i + 2, x, j + 2),
    lane(x, i + 3, x, j + 3),
  );
}

const single = new Float32Array(1);
const bits = new Int32Array(single.buffer);

/** Decimal logarithm, see the vector code. */
export function log10Of(x: number): number {
  single[0] = x;
  const exponent = (bits[0]! - 0x3f3504f3) >> 23;
  bits[0] = bits[0]! - (exponent << 23);
  const m = single[0];
  const f = Math.fround;
  const s = f(f(m - 1) / f(m + 1));
  const z = f(s * s);
  let sum = f(f(z * f(0.09650988)) + f(0.12408413));
  sum = f(f(z * sum) + f(0.17371779));
  sum = f(f(z * sum) + f(0.28952965));
  sum = f(f(z * sum) + f(0.8685889638));
  return f(f(exponent * f(0.30102999566)) + f(s * sum));
}
