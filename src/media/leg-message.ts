import type { DigitCode } from '../core/digit.ts';
import type { SampleRate } from '../core/sample-rate.ts';

/** What a text message on a leg's socket said. Whatever could not be used is one of the ignored kinds. */
export type LegMessage =
  /** The first message; `sampleRate` is null when the audio it announces is none that a leg can carry. */
  | { readonly kind: 'connected'; readonly sampleRate: SampleRate | null }
  /** The platform says that a key was pressed. It comes at or after the release, never before the tone. */
  | { readonly kind: 'key'; readonly code: DigitCode }
  /** An answer to a request of ours; nothing to do. */
  | { readonly kind: 'answer' }
  | { readonly kind: 'ignored'; readonly reason: IgnoredTextReason };

export type IgnoredTextReason = 'unknown-event' | 'bad-event' | 'not-json' | 'too-long';
