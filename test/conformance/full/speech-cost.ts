import type { Sensitivity } from '../../../src/dsp/masker.ts';
import { activeFrames } from '../../support/dsp/held-out.ts';
import { peakOf } from '../../support/dsp/key-tones.ts';
import { DEFAULTS, masked } from '../../support/dsp/masked.ts';
import type { Rate, SpeechCost } from './task.ts';

/** A shorter stretch that is replaced by repetition is hardly heard. */
const DROP_OUT_MS = 20;

/** The mask gives way to speech, and speech to the mask, over at most 5 ms. */
const EDGE_MS = 5;
const SURROUNDINGS_MS = 50;

/** What the masker does to audio without a key press. */
export function speechCost(samples: Int16Array, rateHz: Rate, sensitivity: Sensitivity): SpeechCost {
  const { output, spans, latencySamples } = masked(samples, rateHz, { sensitivity });
  const frame = rateHz / 50;
  const active = activeFrames(samples, rateHz);
  let altered = 0;
  let dropOuts = 0;
  for (const { start, end } of spans) {
    let inSpeech = 0;
    for (let n = Math.max(0, start); n < end; n += 1)
      if (active[Math.floor(n / frame)] === true) inSpeech += 1;
    altered += inSpeech;
    if (inSpeech > 0 && end - start > (DROP_OUT_MS * rateHz) / 1000) dropOuts += 1;
  }
  return {
    speechSeconds: active.filter(Boolean).length / 50,
    alteredSeconds: altered / rateHz,
    dropOuts,
    stepRatios: spans.flatMap(({ start, end }) =>
      [start, end].map((edge) => stepRatio(samples, output, edge, latencySamples, rateHz)),
    ),
    latencySamples,
    changedOutside: changedOutside(samples, output, spans, latencySamples, rateHz),
  };
}

/**
 * Largest step at an edge of the mask over the largest one within 50 ms in the caller's own audio, or over that of the
 * mask tone where the caller is silent: 1 or less is no click.
 */
function stepRatio(
  input: Int16Array,
  output: Int16Array,
  edge: number,
  latency: number,
  rateHz: number,
): number {
  const ms = rateHz / 1000;
  const own = steepest(input, edge - SURROUNDINGS_MS * ms, edge + SURROUNDINGS_MS * ms);
  const ofMask = peakOf(DEFAULTS.maskLevelDbm0) * 2 * Math.sin((Math.PI * DEFAULTS.maskFrequencyHz) / rateHz);
  return steepest(output, edge + latency - 1, edge + latency + EDGE_MS * ms) / Math.max(own, ofMask);
}

function steepest(samples: Int16Array, from: number, to: number): number {
  let largest = 0;
  for (let n = Math.max(1, from); n < Math.min(samples.length, to); n += 1)
    largest = Math.max(largest, Math.abs(samples[n]! - samples[n - 1]!));
  return largest;
}

function changedOutside(
  input: Int16Array,
  output: Int16Array,
  spans: readonly { start: number; end: number }[],
  latency: number,
  rateHz: number,
): number {
  const isReplaced = new Uint8Array(input.length);
  for (const { start, end } of spans) isReplaced.fill(1, Math.max(0, start), end + (EDGE_MS * rateHz) / 1000);
  let changed = 0;
  for (let n = 0; n + latency < input.length; n += 1)
    if (isReplaced[n] === 0 && output[n + latency] !== input[n]) changed += 1;
  return changed;
}
