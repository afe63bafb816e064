import type { Sensitivity } from '../../../src/dsp/masker.ts';
import type { AttackReport } from '../../support/dsp/attacker/attacker.ts';
import type { Score } from '../../support/dsp/signals/requirement.ts';

export type Rate = 8000 | 16000;
export const FULL_RATES: readonly Rate[] = [8000, 16000];
export const SENSITIVITIES: readonly Sensitivity[] = ['capture', 'normal'];

/** A piece of the run that one worker does alone; everything in it is plain data. */
export type Task =
  | {
      readonly kind: 'detection';
      readonly id: string;
      readonly rateHz: Rate;
      readonly seed: number;
      readonly pressesPerKey: number;
    }
  | {
      readonly kind: 'leak';
      readonly id: string;
      readonly rateHz: Rate;
      readonly seed: number;
      readonly pressesPerKey: number;
    }
  | { readonly kind: 'speech'; readonly id: string; readonly rateHz: Rate }
  | {
      readonly kind: 'talk-off';
      readonly id: string;
      readonly speed: readonly [number, number];
    };

export type BySensitivity<T> = Readonly<Record<Sensitivity, T>>;

export interface DetectionResult {
  readonly kind: 'detection';
  readonly ours: Score;
  /** Null where SpanDSP is not installed or cannot listen: it knows 8 kHz only. */
  readonly spandsp: Score | null;
}

export interface LeakResult {
  readonly kind: 'leak';
  readonly attacks: BySensitivity<AttackReport>;
  /** Digits that SpanDSP, with the widest limits it has, reads in masked audio. */
  readonly decoded: BySensitivity<number> | null;
}

/** What masking costs someone who only speaks. */
export interface SpeechCost {
  readonly speechSeconds: number;
  readonly alteredSeconds: number;
  /** Replaced stretches of more than 20 ms in speech. */
  readonly dropOuts: number;
  /** Per edge of the mask, its largest step between two samples over that of the speech around. */
  readonly stepRatios: readonly number[];
  readonly latencySamples: number;
  /** Samples that are not the input, that much later, outside of replaced stretches. */
  readonly changedOutside: number;
}

/** What a voice is masked at; `wary` is capture with a mangled key every four seconds. */
export const SPEECH_SETTINGS = ['capture', 'normal', 'wary'] as const;
export type SpeechSetting = (typeof SPEECH_SETTINGS)[number];

export interface SpeechResult {
  readonly kind: 'speech';
  readonly costs: Readonly<Record<SpeechSetting, SpeechCost>>;
}

export interface TalkOffResult {
  readonly kind: 'talk-off';
  readonly variants: readonly TalkOffVariant[];
}

/** Digits that were reported where there are none. */
export interface TalkOffVariant {
  readonly isBandLimited: boolean;
  readonly hours: number;
  readonly ours: BySensitivity<number>;
  readonly spandsp: number | null;
}

export type TaskResult = DetectionResult | LeakResult | SpeechResult | TalkOffResult;
