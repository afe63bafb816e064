import type { WavAudio } from '../audio-file/wav.ts';
import type { SampleRate } from '../core/sample-rate.ts';
import {
  DEFAULT_MASK_FREQUENCY_HZ,
  DEFAULT_MASK_LEVEL_DBM0,
  FRAME_MS,
  peakOfDbm0,
} from '../dsp/constants.ts';
import { Masker } from '../dsp/masker.ts';
import type { MaskerObserver, MaskerSettings } from '../dsp/masker.ts';
import type { CallAudio } from './audio-input.ts';

/** A 20 ms frame is speech from this level on, in dBm0: 15 dB above a noisy line, 30 dB below normal talk. */
const SPEECH_DBM0 = -50;

/** Around a press the mask is wanted, so that time says nothing about speech: this long before and after it. */
const PRESS_MARGIN_MS = 100;

/** Frames between two signs of progress. */
const PROGRESS_FRAMES = 1000;

/** What `--report` writes; positions are input samples, ends exclusive. */
export interface MaskReport {
  readonly sampleRate: number;
  readonly latencySamples: number;
  readonly digits: readonly {
    readonly digit: string;
    readonly startSample: number;
    readonly endSample: number;
    readonly confidence: number;
  }[];
  readonly maskedSpans: readonly Span[];
  /** Share of the caller's speech, away from any key press, that was replaced. */
  readonly speechMaskedRatio: number;
}

interface Span {
  readonly startSample: number;
  readonly endSample: number;
}

type Settings = Pick<MaskerSettings, 'lookaheadMs' | 'mode' | 'sensitivity'>;

/** Runs the masker over one channel as the bridge does, 20 ms at a time; another channel is delayed alike. */
export function maskRecording(
  audio: CallAudio,
  caller: number,
  settings: Settings,
  onProgress: (share: number) => void,
): { audio: WavAudio; report: MaskReport } {
  const { sampleRate, channels } = audio;
  const input = channels[caller] ?? new Int16Array(0);
  const log = new ReportLog();
  const masker = new Masker(
    {
      ...settings,
      sampleRate,
      maskFrequencyHz: DEFAULT_MASK_FREQUENCY_HZ,
      maskLevelDbm0: DEFAULT_MASK_LEVEL_DBM0,
      seed: 1,
    },
    log,
  );
  const output = new Int16Array(input.length);
  const frame = (sampleRate * FRAME_MS) / 1000;
  for (let at = 0; at < input.length; at += frame) {
    masker.process(input.subarray(at, at + frame), output.subarray(at, at + frame));
    if ((at / frame) % PROGRESS_FRAMES === 0) onProgress(at / input.length);
  }
  log.end(input.length, Math.max(0, input.length - masker.latencySamples));
  const report = {
    sampleRate,
    latencySamples: masker.latencySamples,
    digits: log.digits,
    maskedSpans: log.spans,
    speechMaskedRatio: speechMaskedRatio(input, sampleRate, log),
  };
  const delayed = channels.map((samples, i) =>
    i === caller ? output : delay(samples, masker.latencySamples),
  );
  return { audio: { sampleRate, channels: delayed }, report };
}

class ReportLog implements MaskerObserver {
  readonly digits: { digit: string; startSample: number; endSample: number; confidence: number }[] = [];
  readonly spans: { startSample: number; endSample: number }[] = [];
  #isSounding = false;
  #maskedFrom = -1;

  digitStarted(code: number, startSample: number, confidence: number): void {
    const digit = String.fromCharCode(code);
    this.digits.push({
      digit,
      startSample,
      endSample: startSample,
      confidence: Number(confidence.toFixed(4)),
    });
    this.#isSounding = true;
  }

  digitEnded(_code: number, endSample: number): void {
    const last = this.digits.at(-1);
    if (last !== undefined) last.endSample = endSample;
    this.#isSounding = false;
  }

  maskStarted(startSample: number): void {
    this.#maskedFrom = startSample;
  }

  maskEnded(endSample: number): void {
    this.spans.push({ startSample: this.#maskedFrom, endSample });
    this.#maskedFrom = -1;
  }

  /** The recording is over; whatever goes on ends with it. */
  end(heard: number, sent: number): void {
    if (this.#isSounding) this.digitEnded(0, heard);
    if (this.#maskedFrom >= 0) this.maskEnded(sent);
  }
}

function speechMaskedRatio(input: Int16Array, rate: SampleRate, log: ReportLog): number {
  const frame = (rate * FRAME_MS) / 1000;
  const margin = (rate * PRESS_MARGIN_MS) / 1000;
  const leastEnergy = (frame * peakOfDbm0(SPEECH_DBM0) ** 2) / 2;
  let speech = 0;
  let masked = 0;
  for (let at = 0; at + frame <= input.length; at += frame) {
    let energy = 0;
    for (let i = at; i < at + frame; i += 1) energy += (input[i] ?? 0) ** 2;
    if (energy < leastEnergy || overlap(log.digits, at - margin, at + frame + margin) > 0) continue;
    speech += frame;
    masked += overlap(log.spans, at, at + frame);
  }
  return speech === 0 ? 0 : Number((masked / speech).toFixed(6));
}

/** Samples of [from, to) that lie in the spans, which are in order. */
function overlap(spans: readonly Span[], from: number, to: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.endSample ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  let sum = 0;
  for (let i = low; i < spans.length; i += 1) {
    const span = spans[i];
    if (span === undefined || span.startSample >= to) break;
    sum += Math.min(to, span.endSample) - Math.max(from, span.startSample);
  }
  return sum;
}

function delay(samples: Int16Array, by: number): Int16Array {
  const out = new Int16Array(samples.length);
  if (by < samples.length) out.set(samples.subarray(0, samples.length - by), by);
  return out;
}
