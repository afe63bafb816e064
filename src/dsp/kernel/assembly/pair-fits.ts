import * as at from '../layout.ts';
import { maxOf } from './lanes.ts';

/**
 * Fits all 16 pairs to a window of `hops` hops whose tone sums lie in `WINDOW_SUMS`. Returns the best pair's energy;
 * all of them stay in `PAIRS`.
 */
export function fitPairs(state: i32, hops: i32): f32 {
  const gram = hops * at.GRAM_WINDOW_BYTES;
  const c = v128.load(state, at.WINDOW_SUMS + 16);
  const d = v128.load(state, at.WINDOW_SUMS + 48);
  const first = fitRow(state, gram, c, d);
  const second = fitRow(state + 4, gram + 160, c, d);
  const third = fitRow(state + 8, gram + 320, c, d);
  const fourth = fitRow(state + 12, gram + 480, c, d);
  v128.store(state, first, at.PAIRS);
  v128.store(state, second, at.PAIRS + 16);
  v128.store(state, third, at.PAIRS + 32);
  v128.store(state, fourth, at.PAIRS + 48);
  return maxOf(f32x4.max(f32x4.max(first, second), f32x4.max(third, fourth)));
}

/** Least-squares energies of one row with the four columns: a quadratic form of four correlation sums each. */
function fitRow(row: i32, gram: i32, c: v128, d: v128): v128 {
  const a = v128.load32_splat(row, at.WINDOW_SUMS);
  const b = v128.load32_splat(row, at.WINDOW_SUMS + 32);
  const withA = f32x4.add(
    f32x4.add(f32x4.mul(v128.load(gram, at.GRAM), a), f32x4.mul(v128.load(gram, at.GRAM + 16), b)),
    f32x4.add(f32x4.mul(v128.load(gram, at.GRAM + 32), c), f32x4.mul(v128.load(gram, at.GRAM + 48), d)),
  );
  const withB = f32x4.add(
    f32x4.add(f32x4.mul(v128.load(gram, at.GRAM + 64), b), f32x4.mul(v128.load(gram, at.GRAM + 80), c)),
    f32x4.mul(v128.load(gram, at.GRAM + 96), d),
  );
  const withC = f32x4.add(
    f32x4.mul(v128.load(gram, at.GRAM + 112), c),
    f32x4.mul(v128.load(gram, at.GRAM + 128), d),
  );
  return f32x4.add(
    f32x4.add(f32x4.mul(a, withA), f32x4.mul(b, withB)),
    f32x4.add(f32x4.mul(c, withC), f32x4.mul(f32x4.mul(d, d), v128.load(gram, at.GRAM + 144))),
  );
}

/** The pair in `PAIRS` that has this energy. */
export function pairWith(state: i32, energy: f32): i32 {
  const wanted = f32x4.splat(energy);
  const places =
    i32x4.bitmask(f32x4.eq(v128.load(state, at.PAIRS), wanted)) |
    (i32x4.bitmask(f32x4.eq(v128.load(state, at.PAIRS + 16), wanted)) << 4) |
    (i32x4.bitmask(f32x4.eq(v128.load(state, at.PAIRS + 32), wanted)) << 8) |
    (i32x4.bitmask(f32x4.eq(v128.load(state, at.PAIRS + 48), wanted)) << 12);
  return ctz(places | 0x8000);
}

/** Opens a window that ends `lag` hops before the newest with that hop's sums; returns the hop's place in the ring. */
export function openWindow(state: i32, ring: i32, lag: i32): i32 {
  const newest = load<i32>(state, at.SLOT) - lag;
  const slot = newest < 0 ? newest + at.RING_HOPS : newest;
  const from = state + ring + slot * at.SUMS_BYTES;
  for (let part = 0; part < at.SUMS_BYTES; part += 16) {
    v128.store(state + part, v128.load(from + part), at.WINDOW_SUMS);
  }
  return slot;
}

/**
 * Adds to the window the hop before `slot`, turned to the phase of the window's newest hop, which is `distance` hops
 * later. Returns the place of the hop that was added.
 */
export function extendWindow(state: i32, ring: i32, slot: i32, distance: i32): i32 {
  const before = slot === 0 ? at.RING_HOPS - 1 : slot - 1;
  const from = state + ring + before * at.SUMS_BYTES;
  const turn = distance * at.SUMS_BYTES;
  for (let half = 0; half < 32; half += 16) {
    const c = v128.load(from + half, 0);
    const s = v128.load(from + half, 32);
    const rc = v128.load(turn + half, at.ROTATION);
    const rs = v128.load(turn + half, at.ROTATION + 32);
    const cosine = f32x4.add(f32x4.mul(c, rc), f32x4.mul(s, rs));
    const sine = f32x4.sub(f32x4.mul(s, rc), f32x4.mul(c, rs));
    const to = state + half;
    v128.store(to, f32x4.add(v128.load(to, at.WINDOW_SUMS), cosine), at.WINDOW_SUMS);
    v128.store(to, f32x4.add(v128.load(to, at.WINDOW_SUMS + 32), sine), at.WINDOW_SUMS + 32);
  }
  return before;
}
