import { CONDITIONING, NOISE_FLOOR } from '../first-look.ts';
import * as at from '../layout.ts';

/** Weighs the autocorrelations of past hops and solves for the predictor. */
export function fit(state: i32): void {
  const newest = load<i32>(state, at.LAG_SLOT) - at.TAPER_DELAY_HOPS;
  let low = f32x4.splat(0);
  let middle = f32x4.splat(0);
  let high = f32x4.splat(0);
  for (let w = 0; w < at.TAPER_HOPS; w += 1) {
    const weight = v128.load32_splat(w * 4, at.TAPER);
    const from = state + ((newest - w) & (at.LAG_HOPS - 1)) * at.LAG_STRIDE * 4;
    low = f32x4.add(low, f32x4.mul(weight, v128.load(from, at.LAG_RING)));
    middle = f32x4.add(middle, f32x4.mul(weight, v128.load(from, at.LAG_RING + 16)));
    high = f32x4.add(high, f32x4.mul(weight, v128.load(from, at.LAG_RING + 32)));
  }
  const floor = <f32>NOISE_FLOOR;
  const power = f32x4.extract_lane(low, 0) * <f32>CONDITIONING + floor;
  solve(state, f32x4.replace_lane(low, 0, power), middle, high);
}

/**
 * Schur's recursion: the generator's rows u and v lose one column per order, the reflection coefficient is their
 * ratio, and the predictor grows by it. Unlike Levinson's it has no dot product for the next order to wait for.
 * `v` is shifted by one place against `u` each order.
 */
function solve(state: i32, r0: v128, r1: v128, r2: v128): void {
  // u = r1 ... r11 (column i at lane i), v = r0 ... r10.
  let u0 = v128.shuffle<f32>(r0, r1, 1, 2, 3, 4);
  let u1 = v128.shuffle<f32>(r1, r2, 1, 2, 3, 4);
  let u2 = v128.shuffle<f32>(r2, r2, 1, 2, 3, 3);
  let v0 = r0;
  let v1 = r1;
  let v2 = r2;
  // a1 ... a12 and the same reversed, so that order m adds k times the reversed one: a_{m-1} ... a1, 1.
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let b0 = f32x4.replace_lane(f32x4.splat(0), 0, 1);
  let b1 = f32x4.splat(0);
  let b2 = f32x4.splat(0);
  let error = f32x4.extract_lane(r0, 0);
  for (let order = 1; order < at.LAGS; order += 1) {
    let k = -f32x4.extract_lane(u0, 0) / error;
    // The sums of a fading signal need not be positive definite: an unstable order is left out.
    if (!(abs(k) < <f32>0.9999)) k = 0;
    const kk = f32x4.splat(k);
    const w0 = f32x4.add(v0, f32x4.mul(kk, u0));
    const w1 = f32x4.add(v1, f32x4.mul(kk, u1));
    const w2 = f32x4.add(v2, f32x4.mul(kk, u2));
    u0 = f32x4.add(u0, f32x4.mul(kk, v0));
    u1 = f32x4.add(u1, f32x4.mul(kk, v1));
    u2 = f32x4.add(u2, f32x4.mul(kk, v2));
    // Next order: u's first column is spent.
    u0 = v128.shuffle<f32>(u0, u1, 1, 2, 3, 4);
    u1 = v128.shuffle<f32>(u1, u2, 1, 2, 3, 4);
    u2 = v128.shuffle<f32>(u2, u2, 1, 2, 3, 3);
    v0 = w0;
    v1 = w1;
    v2 = w2;
    const n0 = f32x4.add(a0, f32x4.mul(kk, b0));
    const n1 = f32x4.add(a1, f32x4.mul(kk, b1));
    const n2 = f32x4.add(a2, f32x4.mul(kk, b2));
    b0 = f32x4.add(b0, f32x4.mul(kk, a0));
    b1 = f32x4.add(b1, f32x4.mul(kk, a1));
    b2 = f32x4.add(b2, f32x4.mul(kk, a2));
    // The reversed predictor of the next order begins one place later.
    b2 = v128.shuffle<f32>(b1, b2, 3, 4, 5, 6);
    b1 = v128.shuffle<f32>(b0, b1, 3, 4, 5, 6);
    b0 = v128.shuffle<f32>(b0, b0, 0, 0, 1, 2);
    b0 = f32x4.replace_lane(b0, 0, k);
    a0 = n0;
    a1 = n1;
    a2 = n2;
    error = error * (1 - k * k);
  }
  // The coefficients lie one place later, behind the leading 1.
  v128.store(state, f32x4.replace_lane(v128.shuffle<f32>(a0, a0, 0, 0, 1, 2), 0, 1), at.COEFFICIENTS);
  v128.store(state, v128.shuffle<f32>(a0, a1, 3, 4, 5, 6), at.COEFFICIENTS + 16);
  v128.store(state, v128.shuffle<f32>(a1, a2, 3, 4, 5, 6), at.COEFFICIENTS + 32);
  store<f32>(state, max(error, <f32>NOISE_FLOOR), at.EXPECTED);
}
