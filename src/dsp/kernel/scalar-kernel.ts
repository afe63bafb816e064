import { NOISE_FLOOR, SILENT_POWER } from './first-look.ts';
import { writeConstants } from './kernel-port.ts';
import type { Kernel } from './kernel-port.ts';
import * as at from './layout.ts';
import { describe } from './scalar/description.ts';
import { measureDigit, measurePresence } from './scalar/evidence.ts';
import { advance, analyze, forget, hopEnergy, keep, recallHop } from './scalar/hop-analysis.ts';
import { beginInput, takeHop } from './scalar/input.ts';
import { scoreOf } from './scalar/network.ts';
import { hasOnset, hasPair, isLoud } from './scalar/onset.ts';
import { completeSums, INNOVATION, RAW } from './scalar/pair-fits.ts';
import { fit } from './scalar/predictor.ts';

/**
 * The kernel without vectors, for machines that have none and as the readable reference: every step is that of
 * `assembly/`, rounded to single precision in the same order.
 */
export class ScalarKernel implements Kernel {
  floats: Float32Array = new Float32Array(at.STATES / 4);
  integers: Int32Array = new Int32Array(this.floats.buffer);
  shorts: Int16Array = new Int16Array(this.floats.buffer);

  constructor() {
    writeConstants(this);
  }

  reserve(bytes: number): void {
    if (bytes <= this.floats.byteLength) return;
    const old = this.floats;
    this.floats = new Float32Array(bytes / 4);
    this.floats.set(old);
    old.fill(0);
    this.integers = new Int32Array(this.floats.buffer);
    this.shorts = new Int16Array(this.floats.buffer);
  }

  begin(state: number, factor: number): void {
    this.floats[(state + at.EXPECTED) / 4] = NOISE_FLOOR;
    beginInput(this.integers, state / 4, factor);
  }

  hops(state: number, flags: number): number {
    let count = 0;
    while (takeHop(this.floats, this.integers, this.shorts, state / 4)) {
      count += 1;
      const end = this.#hop(state / 4, flags);
      if (end !== 0) return count | end;
    }
    return count;
  }

  complete(state: number): void {
    this.#warm(state / 4);
    completeSums(this.floats, this.integers, state / 4, RAW, at.RING_HOPS);
    completeSums(this.floats, this.integers, state / 4, INNOVATION, at.RING_HOPS);
  }

  hold(state: number): void {
    const [x, n] = [this.floats, this.integers];
    const score = scoreOf(x, n, at.HOLD_NETWORK, at.HOLD_FEATURES, state + at.FEATURES);
    x[(state + at.HOLD_SCORE) / 4] = score;
  }

  describe(state: number): void {
    describe(this.floats, this.integers, state / 4);
  }

  measure(state: number): void {
    measureDigit(this.floats, this.integers, state / 4);
  }

  measurePresence(state: number, key: number): void {
    measurePresence(this.floats, this.integers, state / 4, key);
  }

  #hop(s: number, flags: number): number {
    const [x, n] = [this.floats, this.integers];
    const isAlert = (flags & at.ALERT) !== 0;
    const energy = hopEnergy(x, s);
    if (energy < SILENT_POWER * at.KERNEL_HOP_SAMPLES && !isAlert) {
      n[s + at.HOPS / 4]! += 1;
      n[s + at.SILENT_HOPS / 4]! += 1;
      if (n[s + at.SILENT_HOPS / 4]! > at.RING_HOPS) return 0;
      advance(n, s);
      forget(x, n, s);
      return 0;
    }
    n[s + at.SILENT_HOPS / 4] = 0;
    if ((flags & at.DETECT) !== 0 && !isAlert) {
      n[s + at.HOPS / 4]! += 1;
      n[s + at.IS_COLD / 4] = 1;
      advance(n, s);
      keep(x, n, s, energy);
      if (!isLoud(x, n, s, 0) || !hasPair(x, n, s)) return 0;
      this.#warm(s);
    } else {
      this.#warm(s);
      this.#take(s, energy, flags);
      if (isAlert && (flags & (at.SOUNDING | at.THOROUGH)) === at.SOUNDING) return at.WAITING;
      const isLookedAt =
        isAlert || (isLoud(x, n, s, 0) && ((flags & at.THOROUGH) !== 0 || hasOnset(x, n, s)));
      if (!isLookedAt) return 0;
    }
    describe(x, n, s);
    return at.DESCRIBED;
  }

  #take(s: number, energy: number, flags: number): void {
    const [x, n] = [this.floats, this.integers];
    n[s + at.HOPS / 4]! += 1;
    if ((flags & at.FROZEN) === 0 && (n[s + at.HOPS / 4]! & 1) === 1) fit(x, n, s);
    advance(n, s);
    analyze(x, n, s, energy);
  }

  /** After hops that were only searched for digits: takes the ring's hops once more, in order. */
  #warm(s: number): void {
    const [x, n] = [this.floats, this.integers];
    if (n[s + at.IS_COLD / 4] === 0) return;
    n[s + at.IS_COLD / 4] = 0;
    const newest = s + at.NEWEST / 4;
    x.copyWithin(s + at.PHASES / 4, newest, newest + at.KERNEL_HOP_SAMPLES);
    for (let i = 0; i < at.RING_HOPS; i += 1) {
      recallHop(x, n, s);
      this.#take(s, hopEnergy(x, s), 0);
    }
    x.copyWithin(newest, s + at.PHASES / 4, s + at.PHASES / 4 + at.KERNEL_HOP_SAMPLES);
  }
}
