import { NOISE_FLOOR, SILENT_POWER } from '../first-look.ts';
import * as at from '../layout.ts';
import { describe } from './description.ts';
import { hasOnset, isLoud } from './onset.ts';
import { advance, analyze, forget, hopEnergy } from './hop-analysis.ts';
import { fit } from './predictor.ts';
import { completeSums, INNOVATION, RAW } from './tone-sums.ts';

/** Makes room for states: at least `bytes` from the start of memory. */
export function reserve(bytes: i32): void {
  const pages = (bytes + 0xffff) >> 16;
  if (pages > memory.size()) memory.grow(pages - memory.size());
}

/**
 * Takes the hop that lies in the state's `NEWEST`. Returns 1 when it was described: features and score are its own.
 * When every ring holds silence already, one more silent hop changes nothing and costs nothing.
 */
export function hop(state: i32, flags: i32): i32 {
  const isAlert = (flags & at.ALERT) !== 0;
  const energy = hopEnergy(state);
  const isSilent = energy < <f32>(SILENT_POWER * at.KERNEL_HOP_SAMPLES) && !isAlert;
  const hops = load<i32>(state, at.HOPS) + 1;
  store<i32>(state, hops, at.HOPS);
  if (isSilent) {
    const silent = load<i32>(state, at.SILENT_HOPS) + 1;
    store<i32>(state, silent, at.SILENT_HOPS);
    if (silent > at.RING_HOPS) return 0;
    advance(state);
    forget(state);
    return 0;
  }
  store<i32>(state, 0, at.SILENT_HOPS);
  if ((flags & at.FROZEN) === 0 && (hops & 1) === 1) fit(state);
  advance(state);
  analyze(state, energy);
  if (!isAlert) {
    if (!isLoud(state, 0)) return 0;
    if ((flags & at.THOROUGH) === 0 && !hasOnset(state)) return 0;
  }
  describe(state);
  return 1;
}

/** Computes all tone sums that nobody has asked for yet: a suspicion looks back over both rings. */
export function complete(state: i32): void {
  completeSums(state, RAW, at.RING_HOPS);
  completeSums(state, INNOVATION, at.RING_HOPS);
}

/** A new call's state, of zeroed memory. */
export function begin(state: i32): void {
  store<f32>(state, <f32>NOISE_FLOOR, at.EXPECTED);
}
