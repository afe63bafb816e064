import type { CaptureAnnouncement } from '../core/capture-announcement.ts';
import type { LinkAnnouncement } from '../core/link-state.ts';
import type { MaskingAlarmCause } from '../core/masking.ts';
import type { PaymentResult } from '../core/payment-result.ts';

/**
 * Everything an agent's screen may ever be told (contract, section 5). The union is closed, and no member has
 * a place for a digit beyond the last four of a card.
 */
export type AgentEvent =
  | CaptureAnnouncement
  | LinkAnnouncement
  | { readonly type: 'masking-alarm'; readonly cause: MaskingAlarmCause }
  | ({ readonly type: 'payment-result' } & PaymentResult);

/** An event as it was published: `seq` counts from 1 without gaps per payment, `at` is ISO 8601. */
export interface PublishedEvent {
  readonly paymentId: string;
  readonly seq: number;
  readonly at: string;
  readonly event: AgentEvent;
}
