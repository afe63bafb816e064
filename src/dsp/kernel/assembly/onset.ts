import * as look from '../first-look.ts';
import * as at from '../layout.ts';
import { log10Of, maxOf } from './lanes.ts';
import { completeSums, INNOVATION, RAW } from './tone-sums.ts';

/** Place of a ring's value `lag` hops before `slot`. */
export function earlier(state: i32, slot: i32, lag: i32): i32 {
  return state + (slot < lag ? slot - lag + at.RING_HOPS : slot - lag) * 4;
}

/** Are the 4 ms that end `lag` hops before the newest loud enough to matter? */
export function isLoud(state: i32, lag: i32): bool {
  const slot = load<i32>(state, at.SLOT);
  const energy =
    load<f32>(earlier(state, slot, lag), at.RAW_ENERGY) +
    load<f32>(earlier(state, slot, lag + 1), at.RAW_ENERGY);
  return energy >= <f32>(look.LEAST_POWER * at.TWO_HOPS_SAMPLES);
}

/** Could a tone have begun in the last 4 ms, or one that crept in be there? */
export function hasOnset(state: i32): bool {
  const slot = load<i32>(state, at.SLOT);
  const now = state + slot * 4;
  const last = earlier(state, slot, 1);
  completeSums(state, RAW, 2);
  const rawEnergy = load<f32>(now, at.RAW_ENERGY) + load<f32>(last, at.RAW_ENERGY);
  const share = toneShare(state, slot, at.RAW_SUMS, rawEnergy);
  const energy = load<f32>(now, at.INNOVATION_ENERGY) + load<f32>(last, at.INNOVATION_ENERGY);
  const peak = max(load<f32>(now, at.INNOVATION_PEAK), load<f32>(last, at.INNOVATION_PEAK));
  const samples = <f32>at.TWO_HOPS_SAMPLES;
  const x = f32x4.splat(energy / (load<f32>(state, at.EXPECTED) * samples) + <f32>1e-3);
  const logarithms = log10Of(f32x4.replace_lane(x, 1, (peak + 1) / (energy / samples + 1)));
  const surprise = f32x4.extract_lane(logarithms, 0);
  const crest = f32x4.extract_lane(logarithms, 1);
  const first = <f32>look.FIRST_SURPRISE * surprise + <f32>look.FIRST_SHARE * share;
  if (first <= <f32>look.FIRST_LIMIT) return false;
  if (share > <f32>look.STEADY_SHARE) return true;
  completeSums(state, INNOVATION, 2);
  const innovationShare = toneShare(state, slot, at.INNOVATION_SUMS, energy);
  const second =
    <f32>look.SECOND_SURPRISE * surprise +
    <f32>look.SECOND_CREST * crest +
    (<f32>look.SECOND_SHARE * share + <f32>look.SECOND_INNOVATION_SHARE * innovationShare);
  return second > <f32>look.SECOND_LIMIT;
}

/**
 * Do the strongest row and the strongest column, both of them, explain the last 8 ms? Looked at every 8 ms, a quarter
 * of what a digit's evidence spans; the older half only when the newer says yes.
 */
export function hasPair(state: i32): bool {
  if ((load<i32>(state, at.HOPS) & 3) !== 0) return false;
  const slot = load<i32>(state, at.SLOT);
  completeSums(state, RAW, 2);
  if (!holdsPair(state, slot)) return false;
  completeSums(state, RAW, 4);
  return holdsPair(state, slot < 2 ? slot - 2 + at.RING_HOPS : slot - 2);
}

/** The same for 4 ms. */
function holdsPair(state: i32, slot: i32): bool {
  const before = slot === 0 ? at.RING_HOPS - 1 : slot - 1;
  const energy = load<f32>(state + slot * 4, at.RAW_ENERGY) + load<f32>(state + before * 4, at.RAW_ENERGY);
  const sums = state + at.RAW_SUMS;
  const newest = sums + slot * at.SUMS_BYTES;
  const older = sums + before * at.SUMS_BYTES;
  const row = maxOf(squares(newest, older, 0));
  const column = maxOf(squares(newest, older, 16));
  const whole = energy * <f32>at.KERNEL_HOP_SAMPLES;
  const least = whole * <f32>look.PAIR_LEAST;
  return row > least && column > least && row + column > whole * <f32>look.PAIR_SHARE;
}

/** Share of 4 ms of one signal that its strongest row and its strongest column have, each by itself. */
function toneShare(state: i32, slot: i32, ring: i32, energy: f32): f32 {
  const newest = state + ring + slot * at.SUMS_BYTES;
  const before = state + ring + (slot === 0 ? at.RING_HOPS - 1 : slot - 1) * at.SUMS_BYTES;
  const tones = maxOf(squares(newest, before, 0)) + maxOf(squares(newest, before, 16));
  const samples = <f32>at.TWO_HOPS_SAMPLES;
  return (tones * <f32>2) / (samples * (energy + samples * <f32>look.ROUNDING_NOISE));
}

/** Squared correlations of two hops with the four tones of a group. */
function squares(newest: i32, before: i32, group: i32): v128 {
  const c = v128.load(before + group, 0);
  const s = v128.load(before + group, 32);
  const rc = v128.load(group, at.ROTATION + at.SUMS_BYTES);
  const rs = v128.load(group, at.ROTATION + at.SUMS_BYTES + 32);
  const turnedC = f32x4.add(f32x4.mul(c, rc), f32x4.mul(s, rs));
  const turnedS = f32x4.sub(f32x4.mul(s, rc), f32x4.mul(c, rs));
  const cosine = f32x4.add(v128.load(newest + group, 0), turnedC);
  const sine = f32x4.add(v128.load(newest + group, 32), turnedS);
  return f32x4.add(f32x4.mul(cosine, cosine), f32x4.mul(sine, sine));
}
