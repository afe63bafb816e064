import { NOISE_FLOOR, SILENT_POWER } from '../first-look.ts';
import * as at from '../layout.ts';
import { describe } from './description.ts';
import { measureDigit, measurePresence } from './evidence.ts';
import { advance, analyze, forget, hopEnergy, keep, recallHop } from './hop-analysis.ts';
import { beginInput, takeHop } from './input.ts';
import { hasOnset, hasPair, isLoud } from './onset.ts';
import { scoreOf } from './network.ts';
import { fit } from './predictor.ts';
import { completeSums, INNOVATION, RAW } from './tone-sums.ts';

/** Makes room for states: at least `bytes` from the start of memory. */
export function reserve(bytes: i32): void {
  const pages = (bytes + 0xffff) >> 16;
  if (pages > memory.size()) memory.grow(pages - memory.size());
}

/** A new call's state, of zeroed memory. */
export function begin(state: i32, factor: i32): void {
  store<f32>(state, <f32>NOISE_FLOOR, at.EXPECTED);
  beginInput(state, factor);
}

/**
 * Takes hops from the input up to the first that is described. Returns how many, plus `DESCRIBED` if the last one was:
 * features and score are its own.
 */
export function hops(state: i32, flags: i32): i32 {
  let count = 0;
  while (takeHop(state)) {
    count += 1;
    const end = hop(state, flags);
    if (end !== 0) return count | end;
  }
  return count;
}

/** When every ring holds silence already, one more silent hop changes nothing and costs nothing. */
function hop(state: i32, flags: i32): i32 {
  const isAlert = (flags & at.ALERT) !== 0;
  const energy = hopEnergy(state);
  if (energy < <f32>(SILENT_POWER * at.KERNEL_HOP_SAMPLES) && !isAlert) {
    store<i32>(state, load<i32>(state, at.HOPS) + 1, at.HOPS);
    const silent = load<i32>(state, at.SILENT_HOPS) + 1;
    store<i32>(state, silent, at.SILENT_HOPS);
    if (silent > at.RING_HOPS) return 0;
    advance(state);
    forget(state);
    return 0;
  }
  store<i32>(state, 0, at.SILENT_HOPS);
  if ((flags & at.DETECT) !== 0 && !isAlert) {
    store<i32>(state, load<i32>(state, at.HOPS) + 1, at.HOPS);
    store<i32>(state, 1, at.IS_COLD);
    advance(state);
    keep(state, energy);
    if (!isLoud(state, 0) || !hasPair(state)) return 0;
    warm(state);
  } else {
    warm(state);
    take(state, energy, flags);
    if (isAlert) {
      if ((flags & (at.SOUNDING | at.THOROUGH)) === at.SOUNDING) return at.WAITING;
    } else {
      if (!isLoud(state, 0)) return 0;
      if ((flags & at.THOROUGH) === 0 && !hasOnset(state)) return 0;
    }
  }
  describe(state);
  return at.DESCRIBED;
}

function take(state: i32, energy: f32, flags: i32): void {
  const hops = load<i32>(state, at.HOPS) + 1;
  store<i32>(state, hops, at.HOPS);
  if ((flags & at.FROZEN) === 0 && (hops & 1) === 1) fit(state);
  advance(state);
  analyze(state, energy);
}

/**
 * After hops that were only searched for digits, the predictor and the innovation know nothing of them: the ring's
 * hops are taken once more, in order, and are then as if they had been analysed when they came.
 */
function warm(state: i32): void {
  if (load<i32>(state, at.IS_COLD) === 0) return;
  store<i32>(state, 0, at.IS_COLD);
  const newest = state + at.NEWEST;
  const waiting = state + at.PHASES;
  memory.copy(waiting, newest, at.SUMS_BYTES);
  for (let i = 0; i < at.RING_HOPS; i += 1) {
    recallHop(state);
    take(state, hopEnergy(state), 0);
  }
  memory.copy(newest, waiting, at.SUMS_BYTES);
}

/** Computes all tone sums that nobody has asked for yet: a suspicion looks back over both rings. */
export function complete(state: i32): void {
  warm(state);
  completeSums(state, RAW, at.RING_HOPS);
  completeSums(state, INNOVATION, at.RING_HOPS);
}

/** The hold network on the newest hop's features and what was written after them. */
export function hold(state: i32): void {
  store<f32>(state, scoreOf(at.HOLD_NETWORK, at.HOLD_FEATURES, state + at.FEATURES), at.HOLD_SCORE);
}

/** Evidence for a digit. */
export function measure(state: i32): void {
  measureDigit(state);
}

export { describe, measurePresence };
