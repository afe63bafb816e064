import * as at from '../layout.ts';
import { maxOf, sumOf, sumsOf } from './lanes.ts';

/** Energy of the newest hop. */
export function hopEnergy(state: i32): f32 {
  return sumOf(squares(state + at.NEWEST));
}

function squares(from: i32): v128 {
  const a = v128.load(from, 0);
  const b = v128.load(from, 16);
  const c = v128.load(from, 32);
  const d = v128.load(from, 48);
  return f32x4.add(f32x4.add(f32x4.mul(a, a), f32x4.mul(b, b)), f32x4.add(f32x4.mul(c, c), f32x4.mul(d, d)));
}

/** Moves on to the next place in every ring. */
export function advance(state: i32): void {
  let slot = load<i32>(state, at.SLOT) + 1;
  if (slot === at.RING_HOPS) slot = 0;
  store<i32>(state, slot, at.SLOT);
  store<i32>(state, (load<i32>(state, at.LAG_SLOT) + 1) & (at.LAG_HOPS - 1), at.LAG_SLOT);
  const others = ~(1 << slot);
  store<i32>(state, load<i32>(state, at.RAW_KNOWN) & others, at.RAW_KNOWN);
  store<i32>(state, load<i32>(state, at.INNOVATION_KNOWN) & others, at.INNOVATION_KNOWN);
  store<i32>(state, load<i32>(state, at.RAW_SEGMENTS_KNOWN) & others, at.RAW_SEGMENTS_KNOWN);
  store<i32>(state, load<i32>(state, at.INNOVATION_SEGMENTS_KNOWN) & others, at.INNOVATION_SEGMENTS_KNOWN);
}

/** A silent hop counts as zeros. */
export function forget(state: i32): void {
  const slot = load<i32>(state, at.SLOT);
  memory.fill(state + at.SAMPLES, 0, at.SUMS_BYTES);
  memory.fill(state + at.RAW_SAMPLES + slot * at.SUMS_BYTES, 0, at.SUMS_BYTES);
  memory.fill(state + at.INNOVATION_SAMPLES + slot * at.SUMS_BYTES, 0, at.SUMS_BYTES);
  memory.fill(state + at.LAG_RING + load<i32>(state, at.LAG_SLOT) * at.LAG_STRIDE * 4, 0, at.LAG_STRIDE * 4);
  store<f32>(state + slot * 4, 0, at.RAW_ENERGY);
  store<f32>(state + slot * 4, 0, at.INNOVATION_ENERGY);
  store<f32>(state + slot * 4, 0, at.INNOVATION_PEAK);
}

/** Residual of the predictor, autocorrelations and energies of the newest hop, which then becomes history. */
export function analyze(state: i32, energy: f32): void {
  const slot = load<i32>(state, at.SLOT);
  const scalar = state + slot * 4;
  const residual = state + at.INNOVATION_SAMPLES + slot * at.SUMS_BYTES;
  whiten(state, residual);
  autocorrelate(state);
  store<f32>(scalar, energy, at.RAW_ENERGY);
  store<f32>(scalar, sumOf(squares(residual)), at.INNOVATION_ENERGY);
  store<f32>(scalar, highestSquare(residual), at.INNOVATION_PEAK);
  remember(state, slot);
}

/** Keeps the newest hop for whom the innovation does not matter now. */
export function keep(state: i32, energy: f32): void {
  const slot = load<i32>(state, at.SLOT);
  store<f32>(state + slot * 4, energy, at.RAW_ENERGY);
  remember(state, slot);
}

function remember(state: i32, slot: i32): void {
  const raw = state + slot * at.SUMS_BYTES;
  for (let offset = 0; offset < at.SUMS_BYTES; offset += 16) {
    const samples = v128.load(state + offset, at.NEWEST);
    v128.store(raw + offset, samples, at.RAW_SAMPLES);
    v128.store(state + offset, samples, at.SAMPLES);
  }
}

/** The oldest hop of the ring as the newest. */
export function recallHop(state: i32): void {
  const slot = load<i32>(state, at.SLOT) + 1;
  const oldest = slot === at.RING_HOPS ? 0 : slot;
  memory.copy(state + at.NEWEST, state + at.RAW_SAMPLES + oldest * at.SUMS_BYTES, at.SUMS_BYTES);
}

/** What the predictor does not predict: x[n] + a1 x[n - 1] + ... + a10 x[n - 10]. */
function whiten(state: i32, residual: i32): void {
  for (let offset = 0; offset < at.SUMS_BYTES; offset += 16) {
    const from = state + offset;
    let even = v128.load(from, at.NEWEST);
    let odd = term(state, from, 1);
    even = f32x4.add(even, term(state, from, 2));
    odd = f32x4.add(odd, term(state, from, 3));
    even = f32x4.add(even, term(state, from, 4));
    odd = f32x4.add(odd, term(state, from, 5));
    even = f32x4.add(even, term(state, from, 6));
    odd = f32x4.add(odd, term(state, from, 7));
    even = f32x4.add(even, term(state, from, 8));
    odd = f32x4.add(odd, term(state, from, 9));
    even = f32x4.add(even, term(state, from, 10));
    v128.store(residual + offset, f32x4.add(even, odd));
  }
}

function term(state: i32, from: i32, lag: i32): v128 {
  return f32x4.mul(v128.load32_splat(state + lag * 4, at.COEFFICIENTS), v128.load(from - lag * 4, at.NEWEST));
}

function autocorrelate(state: i32): void {
  const to = state + load<i32>(state, at.LAG_SLOT) * at.LAG_STRIDE * 4;
  const newest = state + at.NEWEST;
  v128.store(to, fourLags(newest, 0), at.LAG_RING);
  v128.store(to, fourLags(newest, 16), at.LAG_RING + 16);
  v128.store(to, fourLags(newest, 32), at.LAG_RING + 32);
}

/** Autocorrelations at four lags from `bytes` on. */
function fourLags(newest: i32, bytes: i32): v128 {
  const a = v128.load(newest, 0);
  const b = v128.load(newest, 16);
  const c = v128.load(newest, 32);
  const d = v128.load(newest, 48);
  const from = newest - bytes;
  return sumsOf(
    lagged(a, b, c, d, from),
    lagged(a, b, c, d, from - 4),
    lagged(a, b, c, d, from - 8),
    lagged(a, b, c, d, from - 12),
  );
}

function lagged(a: v128, b: v128, c: v128, d: v128, from: i32): v128 {
  return f32x4.add(
    f32x4.add(f32x4.mul(a, v128.load(from, 0)), f32x4.mul(b, v128.load(from, 16))),
    f32x4.add(f32x4.mul(c, v128.load(from, 32)), f32x4.mul(d, v128.load(from, 48))),
  );
}

function highestSquare(from: i32): f32 {
  const a = v128.load(from, 0);
  const b = v128.load(from, 16);
  const c = v128.load(from, 32);
  const d = v128.load(from, 48);
  const high = f32x4.max(
    f32x4.max(f32x4.mul(a, a), f32x4.mul(b, b)),
    f32x4.max(f32x4.mul(c, c), f32x4.mul(d, d)),
  );
  return maxOf(high);
}
