import * as at from '../layout.ts';
import { extendWindow, openWindow } from './pair-fits.ts';
import { completeSums, RAW } from './tone-sums.ts';

/** Keeps the open window of four hops as the segment that ends at `slot`. */
export function keepSegment(state: i32, signal: i32, slot: i32, energy: f32): void {
  const ring = signal === RAW ? at.RAW_SEGMENTS : at.INNOVATION_SEGMENTS;
  const energies = signal === RAW ? at.RAW_SEGMENT_ENERGY : at.INNOVATION_SEGMENT_ENERGY;
  const knownAt = state + (signal === RAW ? at.RAW_SEGMENTS_KNOWN : at.INNOVATION_SEGMENTS_KNOWN);
  const to = state + ring + slot * at.SUMS_BYTES;
  for (let part = 0; part < at.SUMS_BYTES; part += 16) {
    v128.store(to + part, v128.load(state + part, at.WINDOW_SUMS));
  }
  store<f32>(state + energies + slot * 4, energy);
  store<i32>(knownAt, load<i32>(knownAt) | (1 << slot));
}

/** Makes sure that the four segments up to now are known: a description keeps the newest. */
export function completeSegments(state: i32, signal: i32): void {
  const knownAt = state + (signal === RAW ? at.RAW_SEGMENTS_KNOWN : at.INNOVATION_SEGMENTS_KNOWN);
  let slot = load<i32>(state, at.SLOT);
  for (let segment = 0; segment < at.SEGMENTS; segment += 1) {
    if (((load<i32>(knownAt) >> slot) & 1) === 0) {
      const sums = signal === RAW ? at.RAW_SUMS : at.INNOVATION_SUMS;
      const energies = state + (signal === RAW ? at.RAW_ENERGY : at.INNOVATION_ENERGY);
      completeSums(state, signal, (segment + 1) * at.SEGMENT_HOPS);
      let before = openWindow(state, sums, segment * at.SEGMENT_HOPS);
      let energy = load<f32>(energies + slot * 4);
      for (let distance = 1; distance < at.SEGMENT_HOPS; distance += 1) {
        before = extendWindow(state, sums, before, distance);
        energy += load<f32>(energies + before * 4);
      }
      keepSegment(state, signal, slot, energy);
    }
    slot = slot < at.SEGMENT_HOPS ? slot - at.SEGMENT_HOPS + at.RING_HOPS : slot - at.SEGMENT_HOPS;
  }
}
