import type { CaptureAnnouncement } from '../core/capture-announcement.ts';
import type { CaptureField } from '../core/capture-field.ts';
import type { Sensitivity } from '../core/masking.ts';

/** The timers of a field. At most one of them runs: starting one stops the other two. */
export type FieldTimer = 'first-digit' | 'inter-digit' | 'settle';

/** `expiry` runs beside them, from the opening of the payment until it is processed or ends. */
export type TimerName = FieldTimer | 'expiry';

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
  /** `more-time-requested` while no field waits for a key. */
  | 'no-timer'
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
  | { readonly type: 'announce'; readonly announcement: CaptureAnnouncement }
  /** Charge or tokenise, and report `outcome-known`. At most once per payment. */
  | { readonly type: 'begin-processing' }
  /** Nothing. */
  | { readonly type: 'ignored'; readonly cause: IgnoredCause };
