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

/** Angle of (x, y) in radians, see the vector code. */
export function angleOf(y: number, x: number): number {
  const f = Math.fround;
  const [ax, ay] = [Math.abs(x), Math.abs(y)];
  const longer = Math.max(ax, ay);
  if (longer === 0) return 0;
  const t = f(Math.min(ax, ay) / longer);
  const isUpper = t > f(0.41421357);
  const r = isUpper ? f(f(t - 1) / f(t + 1)) : t;
  const z = f(r * r);
  let sum = f(f(f(0.080602999) * z) - f(0.13879848));
  sum = f(f(sum * z) + f(0.19977926));
  sum = f(f(sum * z) - f(0.33332955));
  let angle = f(r + f(r * f(z * sum)));
  if (isUpper) angle = f(angle + f(0.78539816));
  if (ay > ax) angle = f(f(1.5707963) - angle);
  if (x < 0) angle = f(f(3.1415927) - angle);
  return y < 0 ? -angle : angle;
}
