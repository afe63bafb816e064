import * as at from '../layout.ts';

export const RAW = 0;
export const INNOVATION = 1;

/** Computes the tone sums of the newest `hops` hops that are not known yet, of the signal or of its innovation. */
export function completeSums(state: i32, signal: i32, hops: i32): void {
  const knownAt = state + signal * (at.INNOVATION_KNOWN - at.RAW_KNOWN);
  const samples = state + signal * (at.INNOVATION_SAMPLES - at.RAW_SAMPLES) + at.RAW_SAMPLES;
  const sums = state + signal * (at.INNOVATION_SUMS - at.RAW_SUMS) + at.RAW_SUMS;
  let known = load<i32>(knownAt, at.RAW_KNOWN);
  let slot = load<i32>(state, at.SLOT);
  for (let hop = 0; hop < hops; hop += 1) {
    if (((known >> slot) & 1) === 0) {
      sumTones(state, samples + slot * at.SUMS_BYTES, sums + slot * at.SUMS_BYTES);
      known |= 1 << slot;
    }
    slot = slot === 0 ? at.RING_HOPS - 1 : slot - 1;
  }
  store<i32>(knownAt, known, at.RAW_KNOWN);
}

/** Cosines are even and sines odd about the hop's centre: folding the hop there halves the products. */
function sumTones(state: i32, from: i32, to: i32): void {
  fold(state, v128.load(from, 0), v128.load(from, 48), 0);
  fold(state, v128.load(from, 16), v128.load(from, 32), 16);
  let c0 = f32x4.splat(0);
  let c1 = f32x4.splat(0);
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  for (let i = 0; i < 8; i += 1) {
    const waves = i * at.SUMS_BYTES;
    const even = v128.load32_splat(state + i * 4, at.FOLDED);
    const odd = v128.load32_splat(state + i * 4, at.FOLDED + 32);
    c0 = f32x4.add(c0, f32x4.mul(even, v128.load(waves, at.FOLDING)));
    c1 = f32x4.add(c1, f32x4.mul(even, v128.load(waves, at.FOLDING + 16)));
    s0 = f32x4.add(s0, f32x4.mul(odd, v128.load(waves, at.FOLDING + 32)));
    s1 = f32x4.add(s1, f32x4.mul(odd, v128.load(waves, at.FOLDING + 48)));
  }
  v128.store(to, c0, 0);
  v128.store(to, c1, 16);
  v128.store(to, s0, 32);
  v128.store(to, s1, 48);
}

/** Sums and differences of four samples and their mirror images, which count from the hop's end. */
function fold(state: i32, early: v128, late: v128, offset: i32): void {
  const mirrored = v128.shuffle<f32>(late, late, 3, 2, 1, 0);
  v128.store(state + offset, f32x4.add(mirrored, early), at.FOLDED);
  v128.store(state + offset, f32x4.sub(mirrored, early), at.FOLDED + 32);
}
