import type { ConversationLeg, MediaName } from './conversation-state.ts';

export type TimerName =
  'ring-caller' | 'ring-agent' | 'ring-successor' | 'media' | 'step' | 'retry' | 'release';

/** What happens to a conversation. `key` says which leg of that name is meant. */
export type ConversationEvent =
  /** A call came in, and the platform asks what to do with it. */
  | { readonly type: 'caller-arrived'; readonly uuid: string }
  /** Somebody asked for a call to a contact. */
  | { readonly type: 'call-requested' }
  | { readonly type: 'transfer-requested' }
  /** The platform made a leg that was asked for, or told of one. */
  | {
      readonly type: 'leg-created';
      readonly leg: ConversationLeg;
      readonly key: number;
      readonly uuid: string;
    }
  /** The platform did not make it, or did not say that it did. */
  | { readonly type: 'leg-refused'; readonly leg: ConversationLeg; readonly key: number }
  | { readonly type: 'leg-answered'; readonly uuid: string }
  /** It has arrived where the last instruction put it. */
  | { readonly type: 'leg-attached'; readonly uuid: string }
  | { readonly type: 'leg-ended'; readonly uuid: string }
  /** The bridge has its socket. */
  | { readonly type: 'media-opened'; readonly leg: MediaName }
  | { readonly type: 'media-closed'; readonly leg: MediaName }
  /** The platform lost the socket, or could not connect it, and asks what to do. */
  | { readonly type: 'media-lost'; readonly leg: MediaName; readonly key: number }
  | { readonly type: 'step-taken'; readonly uuid: string }
  /** `isGone`: the platform knows no such leg. */
  | { readonly type: 'step-failed'; readonly uuid: string; readonly isGone: boolean }
  | { readonly type: 'hung-up'; readonly uuid: string }
  | { readonly type: 'hang-up-failed'; readonly uuid: string }
  | { readonly type: 'payment-opened' }
  | { readonly type: 'payment-ended' }
  | { readonly type: 'timer-fired'; readonly timer: TimerName }
  | { readonly type: 'end-requested' };
