import type { TimerName } from './conversation-event.ts';
import type { ConversationLeg } from './conversation-state.ts';
import type { Placement } from './placement.ts';

/** What the shell has to do, in this order. */
export type ConversationEffect =
  | {
      readonly type: 'create-leg';
      readonly leg: ConversationLeg;
      readonly key: number;
      readonly place: Placement;
    }
  | {
      readonly type: 'place-leg';
      readonly leg: ConversationLeg;
      readonly key: number;
      readonly uuid: string;
      readonly place: Placement;
    }
  | { readonly type: 'hang-up'; readonly uuid: string }
  /** The answer to the platform's question that is being handled. */
  | {
      readonly type: 'reply';
      readonly leg: ConversationLeg;
      readonly key: number;
      readonly place: Placement;
    }
  /** Starting a timer that runs starts it anew. */
  | { readonly type: 'start-timer'; readonly timer: TimerName; readonly delayMs: number }
  /** Whether keys of the caller may be taken for a payment. */
  | { readonly type: 'set-gate'; readonly isOpen: boolean }
  | { readonly type: 'set-music'; readonly uuid: string; readonly isOn: boolean }
  /** The conversation is over: nothing more is created or placed. */
  | { readonly type: 'end-call' };
