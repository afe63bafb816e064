import * as at from '../layout.ts';

const f = Math.fround;
const WAVES = 2 * at.TONES;

export const RAW = 0;
export const INNOVATION = 1;

/** Computes the tone sums of the newest `hops` hops that are not known yet, of the signal or of its innovation. */
export function completeSums(x: Float32Array, n: Int32Array, s: number, signal: number, hops: number): void {
  const known = s + (signal === RAW ? at.RAW_KNOWN : at.INNOVATION_KNOWN) / 4;
  const samples = s + (signal === RAW ? at.RAW_SAMPLES : at.INNOVATION_SAMPLES) / 4;
  const sums = s + (signal === RAW ? at.RAW_SUMS : at.INNOVATION_SUMS) / 4;
  for (let hop = 0; hop < hops; hop += 1) {
    const slot = (n[s + at.SLOT / 4]! - hop + at.RING_HOPS) % at.RING_HOPS;
    if (((n[known]! >> slot) & 1) === 1) continue;
    for (let wave = 0; wave < WAVES; wave += 1) {
      const sign = wave < at.TONES ? 1 : -1;
      let sum = 0;
      for (let i = 0; i < 8; i += 1) {
        const early = x[samples + slot * WAVES + i]!;
        const late = x[samples + slot * WAVES + 15 - i]!;
        sum = f(sum + f(f(late + sign * early) * x[at.FOLDING / 4 + i * WAVES + wave]!));
      }
      x[sums + slot * WAVES + wave] = sum;
    }
    n[known]! |= 1 << slot;
  }
}

/** Opens a window that ends `lag` hops before the newest with that hop's sums; returns the hop's place in the ring. */
export function openWindow(x: Float32Array, n: Int32Array, s: number, ring: number, lag: number): number {
  const slot = (n[s + at.SLOT / 4]! - lag + at.RING_HOPS) % at.RING_HOPS;
  const from = s + ring / 4 + slot * WAVES;
  x.copyWithin(s + at.WINDOW_SUMS / 4, from, from + WAVES);
  return slot;
}

/** Adds the hop before `slot`, turned to the phase of the newest; returns its place. */
export function extendWindow(
  x: Float32Array,
  s: number,
  ring: number,
  slot: number,
  distance: number,
): number {
  const before = slot === 0 ? at.RING_HOPS - 1 : slot - 1;
  const from = s + ring / 4 + before * WAVES;
  const turn = at.ROTATION / 4 + distance * WAVES;
  const to = s + at.WINDOW_SUMS / 4;
  for (let tone = 0; tone < at.TONES; tone += 1) {
    const [c, d] = [x[from + tone]!, x[from + at.TONES + tone]!];
    const [rc, rs] = [x[turn + tone]!, x[turn + at.TONES + tone]!];
    x[to + tone]! += f(f(c * rc) + f(d * rs));
    x[to + at.TONES + tone]! += f(f(d * rc) - f(c * rs));
  }
  return before;
}

/** Energies of all 16 pairs in the open window into `PAIRS`; returns the best. */
export function fitPairs(x: Float32Array, s: number, hops: number): number {
  const sums = s + at.WINDOW_SUMS / 4;
  let best = -Infinity;
  for (let key = 0; key < 16; key += 1) {
    const row = key >> 2;
    const column = 4 + (key & 3);
    const q = (at.GRAM + hops * at.GRAM_WINDOW_BYTES) / 4 + row * 40 + (key & 3);
    const a = x[sums + row]!;
    const b = x[sums + at.TONES + row]!;
    const c = x[sums + column]!;
    const d = x[sums + at.TONES + column]!;
    const g = (i: number, value: number): number => f(x[q + 4 * i]! * value);
    const withA = f(f(g(0, a) + g(1, b)) + f(g(2, c) + g(3, d)));
    const withB = f(f(g(4, b) + g(5, c)) + g(6, d));
    const withC = f(g(7, c) + g(8, d));
    const energy = f(f(f(a * withA) + f(b * withB)) + f(f(c * withC) + g(9, f(d * d))));
    x[s + at.PAIRS / 4 + key] = energy;
    if (energy > best) best = energy;
  }
  return best;
}

/** The pair in `PAIRS` that has this energy. */
export function pairWith(x: Float32Array, s: number, energy: number): number {
  for (let key = 0; key < 15; key += 1) if (x[s + at.PAIRS / 4 + key] === energy) return key;
  return 15;
}
