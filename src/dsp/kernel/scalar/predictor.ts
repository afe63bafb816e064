import { CONDITIONING, NOISE_FLOOR } from '../first-look.ts';
import * as at from '../layout.ts';

const f = Math.fround;

/** The generator's rows, the predictor and its reverse, see the vector code. */
const u = new Float32Array(at.LAG_STRIDE);
const v = new Float32Array(at.LAG_STRIDE);
const a = new Float32Array(at.LAG_STRIDE);
const b = new Float32Array(at.LAG_STRIDE);

/** Weighs the autocorrelations of past hops and solves for the predictor by Schur's recursion. */
export function fit(x: Float32Array, n: Int32Array, s: number): void {
  const newest = n[s + at.LAG_SLOT / 4]! - at.TAPER_DELAY_HOPS;
  v.fill(0);
  for (let w = 0; w < at.TAPER_HOPS; w += 1) {
    const hop = (newest - w + at.LAG_HOPS) % at.LAG_HOPS;
    const lags = s + at.LAG_RING / 4 + hop * at.LAG_STRIDE;
    for (let i = 0; i < at.LAG_STRIDE; i += 1) v[i]! += f(x[at.TAPER / 4 + w]! * x[lags + i]!);
  }
  v[0] = f(v[0]! * f(CONDITIONING)) + NOISE_FLOOR;
  for (let i = 0; i < at.LAG_STRIDE; i += 1) u[i] = v[Math.min(i + 1, at.LAG_STRIDE - 1)]!;
  a.fill(0);
  b.fill(0);
  b[0] = 1;
  let error = v[0]!;
  for (let order = 1; order < at.LAGS; order += 1) {
    const k = f(-u[0]! / error);
    const reflection = Math.abs(k) < f(0.9999) ? k : 0;
    grow(reflection);
    error = f(error * f(1 - f(reflection * reflection)));
  }
  x[s + at.COEFFICIENTS / 4] = 1;
  for (let i = 1; i < at.LAG_STRIDE; i += 1) x[s + at.COEFFICIENTS / 4 + i] = a[i - 1]!;
  x[s + at.EXPECTED / 4] = Math.max(error, NOISE_FLOOR);
  for (const work of [u, v, a, b]) work.fill(0);
}

/** One order more. */
function grow(k: number): void {
  const last = at.LAG_STRIDE - 1;
  for (let i = 0; i <= last; i += 1) {
    const [ui, vi, ai, bi] = [u[i]!, v[i]!, a[i]!, b[i]!];
    u[i] = ui + f(k * vi);
    v[i] = vi + f(k * ui);
    a[i] = ai + f(k * bi);
    b[i] = bi + f(k * ai);
  }
  u.copyWithin(0, 1);
  b.copyWithin(1, 0);
  b[0] = k;
}
