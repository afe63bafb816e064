import { SAMPLE_RATES } from '../core/sample-rate.ts';
import type { SampleRate } from '../core/sample-rate.ts';

/** The media socket carries 20 ms of audio per binary message; nothing else in media or vonage knows this number. */
export const FRAME_MS = 20;

export const FRAMES_PER_SECOND = 1000 / FRAME_MS;

/** Signed 16-bit little-endian, as on the wire and in the memory of every machine that Node runs on. */
export const BYTES_PER_SAMPLE = 2;

export function frameSamples(rate: SampleRate): number {
  return (rate * FRAME_MS) / 1000;
}

export function frameBytes(rate: SampleRate): number {
  return frameSamples(rate) * BYTES_PER_SAMPLE;
}

const SILENT_FRAMES: ReadonlyMap<number, Buffer> = new Map(
  SAMPLE_RATES.map((rate) => [frameBytes(rate), Buffer.alloc(frameBytes(rate))]),
);

/** A frame of silence of this size, shared and never to be written; null if no rate has frames of this size. */
export function silentFrame(sizeBytes: number): Buffer | null {
  return SILENT_FRAMES.get(sizeBytes) ?? null;
}
