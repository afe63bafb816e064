import type { CaptureField, RejectionReason } from '../core/capture-field.ts';
import type { CardBrand } from '../core/card-brand.ts';
import type { Sensitivity } from '../core/masking.ts';
import type { PaymentState } from '../core/payment-state.ts';

/** The timers of a field. At most one of them runs: starting one stops the other two. */
export type FieldTimer = 'first-digit' | 'inter-digit' | 'settle';

/** `expiry` runs beside them, from the opening of the payment until it is processed or ends. */
export type TimerName = FieldTimer | 'expiry';

/** What the agent is told; each is an event of the same name and shape. */
export type Announcement =
  | {
      readonly type: 'payment-state';
      readonly state: PaymentState;
      readonly required: readonly CaptureField[];
      readonly field: CaptureField | null;
    }
  | {
      readonly type: 'field-progress';
      readonly field: CaptureField;
      readonly length: number;
      readonly masked: string;
    }
  | {
      readonly type: 'field-complete';
      readonly field: CaptureField;
      readonly masked: string;
      readonly brand: CardBrand | null;
    }
  | {
      readonly type: 'field-rejected';
      readonly field: CaptureField;
      readonly reason: RejectionReason;
      readonly attemptsLeft: number;
    };

/** Why an event changed nothing. */
export type IgnoredCause =
  /** The payment has ended. */
  | 'ended'
  /** The payment is being processed; only its outcome matters. */
  | 'processing'
  /** `process-requested` while fields are missing. */
  | 'not-ready'
  /** `outcome-known` of a payment that nobody processes. */
  | 'not-processing'
  | 'field-not-in-plan'
  /** The keys of the caller belong to no field now, or to another one. */
  | 'no-field'
  /** The field is decided; the vault dropped the key. */
  | 'field-full'
  /** `#` before the first digit: callers often press it after a field that completed by itself. */
  | 'nothing-keyed'
  /** The timer was replaced before it fired. */
  | 'stale-timer'
  | 'media-open'
  | 'media-closed';

/** What the shell has to do, in this order. */
export type CaptureEffect =
  /** Zero the field in the vault. */
  | { readonly type: 'wipe-field'; readonly field: CaptureField }
  /** Zero the vault for good. */
  | { readonly type: 'wipe-all' }
  /** Let the vault decide the field after a timeout, and report `field-finished`. */
  | { readonly type: 'finish-field'; readonly field: CaptureField }
  | { readonly type: 'start-timer'; readonly timer: TimerName; readonly delayMs: number }
  /** `field`: whichever field timer runs; `all`: also the expiry. */
  | { readonly type: 'stop-timers'; readonly timers: 'field' | 'all' }
  | { readonly type: 'set-sensitivity'; readonly sensitivity: Sensitivity }
  | { readonly type: 'announce'; readonly announcement: Announcement }
  /** Charge or tokenise, and report `outcome-known`. At most once per payment. */
  | { readonly type: 'begin-processing' }
  /** Nothing but to count it. */
  | { readonly type: 'ignored'; readonly cause: IgnoredCause };
