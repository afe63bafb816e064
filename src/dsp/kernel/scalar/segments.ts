import * as at from '../layout.ts';
import { earlier } from './onset.ts';
import { completeSums, extendWindow, openWindow, RAW } from './pair-fits.ts';

const f = Math.fround;
const WAVES = 2 * at.TONES;

/** Keeps the open window of four hops as the segment that ends at `slot`. */
export function keepSegment(
  x: Float32Array,
  n: Int32Array,
  s: number,
  signal: number,
  slot: number,
  energy: number,
): void {
  const [ring, energies, known] =
    signal === RAW
      ? [at.RAW_SEGMENTS, at.RAW_SEGMENT_ENERGY, at.RAW_SEGMENTS_KNOWN]
      : [at.INNOVATION_SEGMENTS, at.INNOVATION_SEGMENT_ENERGY, at.INNOVATION_SEGMENTS_KNOWN];
  const from = s + at.WINDOW_SUMS / 4;
  x.copyWithin(s + ring / 4 + slot * WAVES, from, from + WAVES);
  x[s + energies / 4 + slot] = energy;
  n[s + known / 4]! |= 1 << slot;
}

/** Makes sure that the four segments up to now are known: a description keeps the newest. */
export function completeSegments(x: Float32Array, n: Int32Array, s: number, signal: number): void {
  const [sums, energies, known] =
    signal === RAW
      ? [at.RAW_SUMS, s + at.RAW_ENERGY / 4, at.RAW_SEGMENTS_KNOWN]
      : [at.INNOVATION_SUMS, s + at.INNOVATION_ENERGY / 4, at.INNOVATION_SEGMENTS_KNOWN];
  for (let segment = 0; segment < at.SEGMENTS; segment += 1) {
    const lag = segment * at.SEGMENT_HOPS;
    const slot = earlier(n[s + at.SLOT / 4]!, lag);
    if (((n[s + known / 4]! >> slot) & 1) === 1) continue;
    completeSums(x, n, s, signal, lag + at.SEGMENT_HOPS);
    let before = openWindow(x, n, s, sums, lag);
    let energy = x[energies + slot]!;
    for (let distance = 1; distance < at.SEGMENT_HOPS; distance += 1) {
      before = extendWindow(x, s, sums, before, distance);
      energy = f(energy + x[energies + before]!);
    }
    keepSegment(x, n, s, signal, slot, energy);
  }
}
