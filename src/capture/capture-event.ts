import type { CaptureField } from '../core/capture-field.ts';
import type { FieldVerdict } from '../core/field-verdict.ts';
import type { PaymentOutcome } from '../core/payment-state.ts';
import type { TimerName } from './capture-effect.ts';

/** What happens to a guided payment. No event has a place for a digit: the vault gets it, the machine the verdict. */
export type CaptureEvent =
  /** Audio of the caller arrives: the first leg, or a new one after `media-closed`. */
  | { readonly type: 'media-opened' }
  /** No leg of the caller is left. */
  | { readonly type: 'media-closed' }
  /** The agent asks for a field, whatever was keyed into it. */
  | { readonly type: 'capture-requested'; readonly field: CaptureField }
  /** A numeral went into the vault. */
  | { readonly type: 'key-entered'; readonly field: CaptureField; readonly verdict: FieldVerdict }
  /** The caller pressed `*`. */
  | { readonly type: 'clear-pressed' }
  /** The vault's answer after the caller pressed `#`, or to the effect `finish-field`. */
  | { readonly type: 'field-finished'; readonly field: CaptureField; readonly verdict: FieldVerdict }
  | { readonly type: 'timer-fired'; readonly timer: TimerName }
  /** The agent gives the caller the whole time for the next key again. */
  | { readonly type: 'more-time-requested' }
  | { readonly type: 'process-requested' }
  /** The outcome is in the journal. */
  | { readonly type: 'outcome-known'; readonly outcome: PaymentOutcome }
  | { readonly type: 'cancel-requested' }
  | { readonly type: 'call-ended' };
