import type { ConversationEffect } from './conversation-effect.ts';
import { isPhone, legOf, wantsBridge, withLeg } from './conversation-state.ts';
import type {
  ConversationLeg,
  ConversationState,
  LeavingLeg,
  MediaName,
  PhoneName,
} from './conversation-state.ts';
import { firstPlaceOf, goalOf, isAtGoal } from './goal.ts';
import { isSamePlacement } from './placement.ts';
import type { Placement } from './placement.ts';

/** Vonage rings for this long; the timer of ours only covers for a message that never came. */
export const RING_MS = 45_000;
const RING_GUARD_MS = RING_MS + 15_000;
/** A transfer takes a few hundred milliseconds; its event may be repeated once. */
export const STEP_MS = 5_000;
/** From asking for a socket to its first message. */
export const MEDIA_MS = 8_000;

/** What is done, and the state that knows of it. */
export interface NextStep {
  readonly state: ConversationState;
  readonly effects: readonly ConversationEffect[];
}

const PHONES: readonly PhoneName[] = ['caller', 'agent', 'successor'];

/**
 * The next thing to ask of the platform, or null when there is nothing to do but wait. Transfers go one by one, each
 * after the one before has worked. The order of the questions is the order that keeps the agent from hearing the
 * caller: end what is to go, cut off, make sockets, let the caller go to his, and only then let the agent hear.
 */
export function nextStep(state: ConversationState): NextStep | null {
  if (state.isPausing) return null;
  const leaving = state.leaving.find(({ status }) => status === 'to-ask');
  if (leaving !== undefined) return hangUp(state, leaving);
  if (state.hasEnded || state.step !== null) return null;
  return (
    dialNext(state) ?? placePhone(state) ?? (wantsBridge(state) ? prepareSockets(state) : dropSockets(state))
  );
}

/** An inbound call rings the agent when the caller is there; a call to a contact rings the agent first. */
function dialNext(state: ConversationState): NextStep | null {
  const isAgentDue = state.direction === 'outbound' || state.caller?.status === 'attached';
  if (state.agent === null) return isAgentDue ? createLeg(state, 'agent') : null;
  const isCallerDue = state.caller === null && state.agent.status === 'attached';
  return isCallerDue ? createLeg(state, 'caller') : null;
}

function placePhone(state: ConversationState): NextStep | null {
  const misplaced = PHONES.find((phone) => {
    const goal = goalOf(state, phone);
    return state[phone]?.status === 'attached' && goal !== null && !isAtGoal(state, phone);
  });
  return misplaced === undefined ? null : place(state, misplaced);
}

function prepareSockets(state: ConversationState): NextStep | null {
  const areBothKnown = state.caller?.status === 'attached' && (state.agent?.uuid ?? null) !== null;
  if (state.topology === 'A' || !areBothKnown) return null;
  const needed: readonly MediaName[] =
    state.topology === 'B' ? ['caller-media', 'agent-media'] : ['caller-media'];
  const missing = needed.find((socket) => state.media[socket] === null);
  if (missing !== undefined) return createLeg(state, missing);
  const misplaced = needed.find((socket) => state.media[socket]?.isOpen === true && !isAtGoal(state, socket));
  return misplaced === undefined ? null : place(state, misplaced);
}

/** The payment legs go once the parties are together again. */
function dropSockets(state: ConversationState): NextStep | null {
  const { media } = state;
  const sockets = [media['caller-media'], media['agent-media']].filter((socket) => socket !== null);
  const areTogether = PHONES.every((phone) => state[phone] === null || isAtGoal(state, phone));
  if (sockets.length === 0 || !areTogether) return null;
  const leaving = sockets.flatMap(({ uuid }) => (uuid === null ? [] : [leavingLeg(uuid, [])]));
  const without = { ...state, media: { 'caller-media': null, 'agent-media': null } };
  return { state: { ...without, leaving: [...state.leaving, ...leaving] }, effects: [] };
}

function createLeg(state: ConversationState, leg: ConversationLeg): NextStep {
  const first = firstPlaceOf(state, leg);
  const made = { key: state.nextKey, uuid: null, places: [first] };
  const next = { ...state, nextKey: state.nextKey + 1 };
  const create: ConversationEffect = { type: 'create-leg', leg, key: made.key, place: first };
  if (isPhone(leg)) {
    return {
      state: { ...next, [leg]: { ...made, status: 'dialed' } },
      effects: [create, { type: 'start-timer', timer: `ring-${leg}`, delayMs: RING_GUARD_MS }],
    };
  }
  return {
    state: { ...next, media: { ...next.media, [leg]: { ...made, isOpen: false } } },
    effects: [create, { type: 'start-timer', timer: 'media', delayMs: MEDIA_MS }],
  };
}

/** Makes the leg of an agent that a transfer rings. */
export function createSuccessor(state: ConversationState): NextStep {
  return createLeg(state, 'successor');
}

function place(state: ConversationState, leg: ConversationLeg): NextStep | null {
  const now = legOf(state, leg);
  const goal = goalOf(state, leg);
  if (now === null || now.uuid === null || goal === null) return null;
  const isSuspect = now.places.length > 1;
  const step = { leg, uuid: now.uuid, place: goal, isSuspect, isTaken: false, hasArrived: false };
  return {
    state: { ...withLeg(state, leg, { places: withPlace(now.places, goal) }), step },
    effects: [
      { type: 'place-leg', leg, key: now.key, uuid: now.uuid, place: goal },
      { type: 'start-timer', timer: 'step', delayMs: STEP_MS },
    ],
  };
}

function hangUp(state: ConversationState, leg: LeavingLeg): NextStep {
  const leaving = state.leaving.map((other) =>
    other === leg ? { ...leg, status: 'asked' as const } : other,
  );
  return { state: { ...state, leaving }, effects: [{ type: 'hang-up', uuid: leg.uuid }] };
}

export function withPlace(places: readonly Placement[], place: Placement): readonly Placement[] {
  return places.some((other) => isSamePlacement(other, place)) ? places : [...places, place];
}

export function leavingLeg(uuid: string, places: readonly Placement[]): LeavingLeg {
  return { uuid, places, status: 'to-ask' };
}
