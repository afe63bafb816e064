import { LEAST_POWER } from '../first-look.ts';
import * as at from '../layout.ts';

/** Value of a ring `lag` hops before `slot`. */
export function earlier(state: i32, slot: i32, lag: i32): i32 {
  return state + (slot < lag ? slot - lag + at.RING_HOPS : slot - lag) * 4;
}

/** Are the 4 ms that end `lag` hops before the newest loud enough to matter? */
export function isLoud(state: i32, lag: i32): bool {
  const slot = load<i32>(state, at.SLOT);
  const energy =
    load<f32>(earlier(state, slot, lag), at.RAW_ENERGY) +
    load<f32>(earlier(state, slot, lag + 1), at.RAW_ENERGY);
  return energy >= <f32>(LEAST_POWER * 2 * at.KERNEL_HOP_SAMPLES);
}

export function hasOnset(state: i32): bool {
  return isLoud(state, 0);
}
