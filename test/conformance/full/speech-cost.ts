import type { Sensitivity } from '../../../src/dsp/masker.ts';
import { activeFrames } from '../../support/dsp/held-out.ts';
import { ALL_KEYS, keyTones, peakOf } from '../../support/dsp/key-tones.ts';
import { DEFAULTS, masked } from '../../support/dsp/masked.ts';
import type { Rate, SpeechCost } from './task.ts';

/** A shorter stretch that is replaced by repetition is hardly heard. */
const DROP_OUT_MS = 20;

/** The mask gives way to speech, and speech to the mask, over at most 5 ms. */
const EDGE_MS = 5;
const SURROUNDINGS_MS = 50;

/** Less than the five seconds for which a mangled key makes the gate wary. */
const KEYS_APART_S = 4;

/** Time around a key that is not counted as speech: the mask's look-back, the tail of a confirmed digit. */
const AROUND_KEY_MS = 120;

/** Speech with keys in it, at the rate of the recordings. */
export interface KeyedSpeech {
  readonly samples: Int16Array;
  /** Stretches of 20 ms frames that are not speech. */
  readonly keys: readonly { readonly from: number; readonly to: number }[];
}

/** Every few seconds the voice gives way to a key in noise 4 dB below it: reported, but not as a clear one. */
export function withMangledKeys(voice: Int16Array): KeyedSpeech {
  const samples = voice.slice();
  const keys: { from: number; to: number }[] = [];
  const key = { rateHz: 8000, toneMs: 100, pauseMs: 0, marginMs: 50, dbm0: -24, noiseDbm0: -25 };
  for (let at = 8000; at + 8000 * KEYS_APART_S < voice.length; at += 8000 * KEYS_APART_S) {
    const { samples: keyed } = keyTones({
      ...key,
      digits: ALL_KEYS[keys.length % 16]!,
      seed: keys.length + 1,
    });
    samples.set(keyed, at);
    const around = 8 * AROUND_KEY_MS;
    keys.push({ from: (at - around) / 160, to: Math.ceil((at + keyed.length + around) / 160) });
  }
  return { samples, keys };
}

/** What the masker does to speech. */
export function speechCost(
  samples: Int16Array,
  rateHz: Rate,
  sensitivity: Sensitivity,
  keys: KeyedSpeech['keys'] = [],
): SpeechCost {
  const { output, spans, latencySamples } = masked(samples, rateHz, { sensitivity });
  const frame = rateHz / 50;
  const active = activeFrames(samples, rateHz);
  for (const { from, to } of keys) active.fill(false, from, to);
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
