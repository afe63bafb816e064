/** Sum of the four lanes: (0 + 2) + (1 + 3). */
export function sumOf(v: v128): f32 {
  const halves = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(halves, 0) + f32x4.extract_lane(halves, 1);
}

export function minOf(v: v128): f32 {
  const halves = f32x4.min(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return min(f32x4.extract_lane(halves, 0), f32x4.extract_lane(halves, 1));
}

export function maxOf(v: v128): f32 {
  const halves = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return max(f32x4.extract_lane(halves, 0), f32x4.extract_lane(halves, 1));
}

/** The sums of four vectors' lanes, each in the order of `sumOf`. */
export function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/**
 * Decimal logarithms of four positive numbers. The exponent counts from sqrt(1/2), so that the mantissa m lies about 1;
 * ln m = 2 s (1 + s^2/3 + s^4/5 + s^6/7 + s^8/9) with s = (m - 1) / (m + 1), better than 24 bits for |s| < 0.172.
 */
export function log10Of(x: v128): v128 {
  const shifted = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.shr_s(shifted, 23);
  const m = i32x4.sub(x, i32x4.shl(exponent, 23));
  const one = f32x4.splat(1);
  const s = f32x4.div(f32x4.sub(m, one), f32x4.add(m, one));
  const z = f32x4.mul(s, s);
  // 2 / (n ln 10) for n = 9, 7, 5, 3, 1.
  let sum = f32x4.add(f32x4.mul(z, f32x4.splat(0.09650988)), f32x4.splat(0.12408413));
  sum = f32x4.add(f32x4.mul(z, sum), f32x4.splat(0.17371779));
  sum = f32x4.add(f32x4.mul(z, sum), f32x4.splat(0.28952965));
  sum = f32x4.add(f32x4.mul(z, sum), f32x4.splat(0.8685889638));
  const whole = f32x4.mul(f32x4.convert_i32x4_s(exponent), f32x4.splat(0.30102999566));
  return f32x4.add(whole, f32x4.mul(s, sum));
}

/**
 * The angle of (x, y) in radians, 0 for (0, 0). Within an octant it is atan t; above tan(pi / 8) atan t is pi / 4 +
 * atan((t - 1) / (t + 1)). The polynomial is fitted to atan r for |r| < tan(pi / 8) with 2e-8 of relative error.
 */
export function angleOf(y: f32, x: f32): f32 {
  const longer = max(abs(x), abs(y));
  if (longer === 0) return 0;
  const t = min(abs(x), abs(y)) / longer;
  const isUpper = t > <f32>0.41421357;
  const r = isUpper ? (t - 1) / (t + 1) : t;
  const z = r * r;
  let sum = <f32>0.080602999 * z - <f32>0.13879848;
  sum = sum * z + <f32>0.19977926;
  sum = sum * z - <f32>0.33332955;
  let angle = r + r * (z * sum);
  if (isUpper) angle += <f32>0.78539816;
  if (abs(y) > abs(x)) angle = <f32>1.5707963 - angle;
  if (x < 0) angle = <f32>3.1415927 - angle;
  return y < 0 ? -angle : angle;
}
