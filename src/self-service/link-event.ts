import type { CaptureAnnouncement } from '../core/capture-announcement.ts';
import type { CaptureField } from '../core/capture-field.ts';
import type { FieldVerdict } from '../core/field-verdict.ts';
import type { LinkAnnouncement } from '../core/link-state.ts';
import type { PaymentOutcome } from '../core/payment-state.ts';

/** What happens to a self-service payment. No event has a place for a digit. */
export type LinkEvent =
  /** The platform took the text message, or says what became of it. */
  | { readonly type: 'message-sent' | 'message-delivered' | 'message-lost' }
  /** A new link took the place of the one before. */
  | { readonly type: 'link-renewed' }
  /** A person opened the page; a preview of it is none. */
  | { readonly type: 'page-opened' }
  /** The payer's browser tells how many digits a field has. */
  | { readonly type: 'field-typed'; readonly field: CaptureField; readonly length: number }
  /** The form came in: the vault's verdict on each field of the profile. */
  | { readonly type: 'form-sent'; readonly verdicts: ReadonlyMap<CaptureField, FieldVerdict> }
  /** The outcome is in the journal. */
  | { readonly type: 'outcome-known'; readonly outcome: PaymentOutcome }
  /** The card was not charged, and the journal has the payment open for another one. */
  | { readonly type: 'opened-again'; readonly outcome: 'declined' | 'failed' }
  | { readonly type: 'link-timed-out' }
  | { readonly type: 'cancel-requested' };

/** What the shell has to do, in this order. */
export type LinkEffect =
  | { readonly type: 'announce'; readonly announcement: CaptureAnnouncement | LinkAnnouncement }
  /** Charge or tokenise, and report `outcome-known` or `opened-again`. */
  | { readonly type: 'begin-processing' }
  /** Zero what the form brought: it is not charged. */
  | { readonly type: 'wipe' }
  /** Start the link's time anew. */
  | { readonly type: 'start-timer' }
  | { readonly type: 'stop-timer' }
  /** Nothing. */
  | { readonly type: 'ignored' };
