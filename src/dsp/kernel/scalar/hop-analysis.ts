import * as at from '../layout.ts';
import { dot } from './lanes.ts';

const f = Math.fround;

export function hopEnergy(x: Float32Array, s: number): number {
  return dot(x, s + at.NEWEST / 4, s + at.NEWEST / 4);
}

/** Moves on to the next place in every ring. */
export function advance(n: Int32Array, s: number): void {
  const slot = (n[s + at.SLOT / 4]! + 1) % at.RING_HOPS;
  n[s + at.SLOT / 4] = slot;
  n[s + at.LAG_SLOT / 4] = (n[s + at.LAG_SLOT / 4]! + 1) % at.LAG_HOPS;
  n[s + at.RAW_KNOWN / 4]! &= ~(1 << slot);
  n[s + at.INNOVATION_KNOWN / 4]! &= ~(1 << slot);
  n[s + at.RAW_SEGMENTS_KNOWN / 4]! &= ~(1 << slot);
  n[s + at.INNOVATION_SEGMENTS_KNOWN / 4]! &= ~(1 << slot);
}

/** A silent hop counts as zeros. */
export function forget(x: Float32Array, n: Int32Array, s: number): void {
  const slot = n[s + at.SLOT / 4]!;
  const ring = s + slot * at.KERNEL_HOP_SAMPLES;
  const lags = s + at.LAG_RING / 4 + n[s + at.LAG_SLOT / 4]! * at.LAG_STRIDE;
  x.fill(0, s + at.SAMPLES / 4, s + at.NEWEST / 4);
  x.fill(0, ring + at.RAW_SAMPLES / 4, ring + at.RAW_SAMPLES / 4 + at.KERNEL_HOP_SAMPLES);
  x.fill(0, ring + at.INNOVATION_SAMPLES / 4, ring + at.INNOVATION_SAMPLES / 4 + at.KERNEL_HOP_SAMPLES);
  x.fill(0, lags, lags + at.LAG_STRIDE);
  x[s + slot + at.RAW_ENERGY / 4] = 0;
  x[s + slot + at.INNOVATION_ENERGY / 4] = 0;
  x[s + slot + at.INNOVATION_PEAK / 4] = 0;
}

/** Residual of the predictor, autocorrelations and energies of the newest hop, which then becomes history. */
export function analyze(x: Float32Array, n: Int32Array, s: number, energy: number): void {
  const slot = n[s + at.SLOT / 4]!;
  const newest = s + at.NEWEST / 4;
  const ring = s + slot * at.KERNEL_HOP_SAMPLES;
  const residual = ring + at.INNOVATION_SAMPLES / 4;
  for (let i = 0; i < at.KERNEL_HOP_SAMPLES; i += 1) x[residual + i] = whitened(x, s, newest + i);
  const lags = s + at.LAG_RING / 4 + n[s + at.LAG_SLOT / 4]! * at.LAG_STRIDE;
  for (let lag = 0; lag < at.LAG_STRIDE; lag += 1) x[lags + lag] = dot(x, newest, newest - lag);
  x[s + slot + at.RAW_ENERGY / 4] = energy;
  x[s + slot + at.INNOVATION_ENERGY / 4] = dot(x, residual, residual);
  let peak = 0;
  for (let i = 0; i < at.KERNEL_HOP_SAMPLES; i += 1)
    peak = Math.max(peak, f(x[residual + i]! * x[residual + i]!));
  x[s + slot + at.INNOVATION_PEAK / 4] = peak;
  remember(x, s, slot);
}

/** Keeps the newest hop for whom the innovation does not matter now. */
export function keep(x: Float32Array, n: Int32Array, s: number, energy: number): void {
  const slot = n[s + at.SLOT / 4]!;
  x[s + slot + at.RAW_ENERGY / 4] = energy;
  remember(x, s, slot);
}

function remember(x: Float32Array, s: number, slot: number): void {
  const newest = s + at.NEWEST / 4;
  const end = newest + at.KERNEL_HOP_SAMPLES;
  x.copyWithin(s + slot * at.KERNEL_HOP_SAMPLES + at.RAW_SAMPLES / 4, newest, end);
  x.copyWithin(s + at.SAMPLES / 4, newest, end);
}

/** The oldest hop of the ring as the newest. */
export function recallHop(x: Float32Array, n: Int32Array, s: number): void {
  const oldest = (n[s + at.SLOT / 4]! + 1) % at.RING_HOPS;
  const from = s + at.RAW_SAMPLES / 4 + oldest * at.KERNEL_HOP_SAMPLES;
  x.copyWithin(s + at.NEWEST / 4, from, from + at.KERNEL_HOP_SAMPLES);
}

/** What the predictor does not predict: even and odd lags are summed apart, as in the vector code. */
function whitened(x: Float32Array, s: number, i: number): number {
  const a = s + at.COEFFICIENTS / 4;
  let even = x[i]!;
  let odd = f(x[a + 1]! * x[i - 1]!);
  for (let lag = 2; lag < at.LAGS; lag += 2) {
    even = f(even + f(x[a + lag]! * x[i - lag]!));
    if (lag + 1 < at.LAGS) odd = f(odd + f(x[a + lag + 1]! * x[i - lag - 1]!));
  }
  return f(even + odd);
}
