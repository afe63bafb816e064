import { NOISE_FLOOR, SILENT_POWER } from './first-look.ts';
import { writeConstants } from './kernel-port.ts';
import type { Kernel } from './kernel-port.ts';
import * as at from './layout.ts';
import { describe } from './scalar/description.ts';
import { advance, analyze, forget, hopEnergy } from './scalar/hop-analysis.ts';
import { hasOnset, isLoud } from './scalar/onset.ts';
import { completeSums, INNOVATION, RAW } from './scalar/pair-fits.ts';
import { fit } from './scalar/predictor.ts';

/**
 * The kernel without vectors, for machines that have none and as the readable reference: every step is that of
 * `assembly/`, rounded to single precision in the same order.
 */
export class ScalarKernel implements Kernel {
  floats: Float32Array = new Float32Array(at.STATES / 4);
  integers: Int32Array = new Int32Array(this.floats.buffer);

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
  }

  begin(state: number): void {
    this.floats[(state + at.EXPECTED) / 4] = NOISE_FLOOR;
  }

  hop(state: number, flags: number): number {
    const [x, n, s] = [this.floats, this.integers, state / 4];
    const isAlert = (flags & at.ALERT) !== 0;
    const energy = hopEnergy(x, s);
    n[s + at.HOPS / 4]! += 1;
    if (energy < SILENT_POWER * at.KERNEL_HOP_SAMPLES && !isAlert) {
      n[s + at.SILENT_HOPS / 4]! += 1;
      if (n[s + at.SILENT_HOPS / 4]! > at.RING_HOPS) return 0;
      advance(n, s);
      forget(x, n, s);
      return 0;
    }
    n[s + at.SILENT_HOPS / 4] = 0;
    if ((flags & at.FROZEN) === 0 && (n[s + at.HOPS / 4]! & 1) === 1) fit(x, n, s);
    advance(n, s);
    analyze(x, n, s, energy);
    if (!isAlert) {
      if (!isLoud(x, n, s, 0)) return 0;
      if ((flags & at.THOROUGH) === 0 && !hasOnset(x, n, s)) return 0;
    }
    describe(x, n, s);
    return 1;
  }

  complete(state: number): void {
    completeSums(this.floats, this.integers, state / 4, RAW, at.RING_HOPS);
    completeSums(this.floats, this.integers, state / 4, INNOVATION, at.RING_HOPS);
  }
}
