import type { JoinMode, MediaTopology } from '../core/media-join.ts';
import { reaches } from './placement.ts';
import type { Placement } from './placement.ts';

/** Phones of a call; the successor is the agent that a transfer rings. */
export type PhoneName = 'caller' | 'agent' | 'successor';
/** Media sockets of a call, as legs of the platform. With topology C there is the caller's only. */
export type MediaName = 'caller-media' | 'agent-media';
export type ConversationLeg = PhoneName | MediaName;

export interface PhoneLeg {
  /** Counts the legs of a call, so that news of an earlier leg is not taken for news of this one. */
  readonly key: number;
  /** Null until the platform says it. */
  readonly uuid: string | null;
  readonly status: 'dialed' | 'answered' | 'attached';
  /** Every place where it may be: one if that is certain, more while a transfer is under way or went wrong. */
  readonly places: readonly Placement[];
}

export interface MediaLeg {
  readonly key: number;
  readonly uuid: string | null;
  readonly isOpen: boolean;
  /** Where it may be; empty with topology A, where it is in a conversation of its own. */
  readonly places: readonly Placement[];
}

/** A leg that is to go: it counts as one that may still hear, until the platform says that it is gone. */
export interface LeavingLeg {
  readonly uuid: string;
  readonly places: readonly Placement[];
  readonly status: 'asked' | 'to-ask';
}

/** A transfer under way. It has worked when the platform took it and said that the leg has arrived. */
export interface Step {
  readonly leg: ConversationLeg;
  readonly uuid: string;
  readonly place: Placement;
  /** An earlier transfer of the leg may still be under way: it could be that one that is said to have arrived. */
  readonly isSuspect: boolean;
  readonly isTaken: boolean;
  readonly hasArrived: boolean;
}

export interface ConversationState {
  readonly topology: MediaTopology;
  readonly join: JoinMode;
  readonly direction: 'inbound' | 'outbound';
  readonly caller: PhoneLeg | null;
  readonly agent: PhoneLeg | null;
  readonly successor: PhoneLeg | null;
  readonly media: Readonly<Record<MediaName, MediaLeg | null>>;
  readonly leaving: readonly LeavingLeg[];
  readonly step: Step | null;
  readonly hasPayment: boolean;
  /** The payment has ended, but the caller may still press keys. */
  readonly isLingering: boolean;
  /** Failures since something worked last. */
  readonly failures: number;
  /** Nothing is tried until the retry timer. */
  readonly isPausing: boolean;
  readonly isGateOpen: boolean;
  readonly isMusicOn: boolean;
  readonly hasEnded: boolean;
  readonly nextKey: number;
}

export function newConversation(
  settings: Pick<ConversationState, 'topology' | 'join' | 'direction'>,
): ConversationState {
  return {
    ...settings,
    caller: null,
    agent: null,
    successor: null,
    media: { 'caller-media': null, 'agent-media': null },
    leaving: [],
    step: null,
    hasPayment: false,
    isLingering: false,
    failures: 0,
    isPausing: false,
    isGateOpen: false,
    isMusicOn: false,
    hasEnded: false,
    nextKey: 1,
  };
}

export function isPhone(leg: ConversationLeg): leg is PhoneName {
  return leg === 'caller' || leg === 'agent' || leg === 'successor';
}

export function legOf(state: ConversationState, leg: ConversationLeg): PhoneLeg | MediaLeg | null {
  return isPhone(leg) ? state[leg] : state.media[leg];
}

/** The name that a leg has now: the next agent is the agent as soon as the one before is gone. */
export function nameNow(state: ConversationState, leg: ConversationLeg, key: number): ConversationLeg {
  return leg === 'successor' && state.agent?.key === key ? 'agent' : leg;
}

export function withLeg(
  state: ConversationState,
  leg: ConversationLeg,
  change: Partial<PhoneLeg> & Partial<MediaLeg>,
): ConversationState {
  const now = legOf(state, leg);
  if (now === null) return state;
  return isPhone(leg)
    ? { ...state, [leg]: { ...now, ...change } }
    : { ...state, media: { ...state.media, [leg]: { ...now, ...change } } };
}

/** Whether the parties' audio belongs on the bridge now. */
export function wantsBridge(state: ConversationState): boolean {
  return state.join === 'always' || state.hasPayment || state.isLingering;
}

/**
 * Whether anybody may be hearing the caller as he is. Every place where a leg may be counts, and so does everybody
 * whose end is not certain.
 */
export function isExposed(state: ConversationState): boolean {
  const { caller } = state;
  if (caller === null) return false;
  const others = [state.agent, state.successor, ...state.leaving].filter((leg) => leg !== null);
  return caller.places.some((place) =>
    others.some((other) =>
      other.places.some((heard) => reaches({ uuid: caller.uuid, place }, { uuid: other.uuid, place: heard })),
    ),
  );
}
