import { LEAST_POWER } from '../first-look.ts';
import * as at from '../layout.ts';

/** Ring slot `lag` hops before `slot`. */
export function earlier(slot: number, lag: number): number {
  return slot < lag ? slot - lag + at.RING_HOPS : slot - lag;
}

/** Are the 4 ms that end `lag` hops before the newest loud enough to matter? */
export function isLoud(x: Float32Array, n: Int32Array, s: number, lag: number): boolean {
  const slot = n[s + at.SLOT / 4]!;
  const energies = s + at.RAW_ENERGY / 4;
  const energy = x[energies + earlier(slot, lag)]! + x[energies + earlier(slot, lag + 1)]!;
  return Math.fround(energy) >= LEAST_POWER * at.TWO_HOPS_SAMPLES;
}

export function hasOnset(x: Float32Array, n: Int32Array, s: number): boolean {
  return isLoud(x, n, s, 0);
}
