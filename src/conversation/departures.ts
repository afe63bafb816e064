import type { ConversationEffect } from './conversation-effect.ts';
import { legOf, nameNow, wantsBridge, withLeg } from './conversation-state.ts';
import type { ConversationLeg, ConversationState, MediaName } from './conversation-state.ts';
import { leavingLeg, withPlace } from './next-step.ts';
import { NOWHERE } from './placement.ts';

/** The first pause after a failure; each further one is twice as long, up to the longest. */
const RETRY_FIRST_MS = 500;
const RETRY_LONGEST_MS = 8_000;
/** Hanging up is tried this often in vain before an ended call is forgotten; the legs have time limits of their own. */
const LAST_TRIES = 6;

export interface Transition {
  readonly state: ConversationState;
  readonly effects: readonly ConversationEffect[];
}

export function unchanged(state: ConversationState): Transition {
  return { state, effects: [] };
}

/** Something did not work: nothing is asked of the platform for a while, and then it is worked out anew. */
export function fail(state: ConversationState): Transition {
  const failures = state.failures + 1;
  if (state.hasEnded && failures >= LAST_TRIES) return unchanged({ ...state, failures, leaving: [] });
  const delayMs = Math.min(RETRY_FIRST_MS * 2 ** (failures - 1), RETRY_LONGEST_MS);
  return {
    state: { ...state, failures, isPausing: true },
    effects: [{ type: 'start-timer', timer: 'retry', delayMs }],
  };
}

/** Everybody is sent away. */
export function end(state: ConversationState): Transition {
  if (state.hasEnded) return unchanged(state);
  const { caller, agent, successor, media } = state;
  const legs = [caller, agent, successor, media['caller-media'], media['agent-media']];
  const leaving = legs.flatMap((leg) =>
    leg === null || leg.uuid === null ? [] : [leavingLeg(leg.uuid, leg.places)],
  );
  return {
    state: {
      ...state,
      hasEnded: true,
      hasPayment: false,
      isLingering: false,
      isPausing: false,
      failures: 0,
      step: null,
      caller: null,
      agent: null,
      successor: null,
      media: { 'caller-media': null, 'agent-media': null },
      leaving: [...state.leaving, ...leaving],
    },
    effects: [{ type: 'end-call' }],
  };
}

/** A leg that was to go is gone. */
export function forget(state: ConversationState, uuid: string): Transition {
  return unchanged({ ...state, leaving: state.leaving.filter((leg) => leg.uuid !== uuid) });
}

/** A leg is gone, asked or not. */
export function departed(state: ConversationState, uuid: string): Transition {
  const known = forget(state, uuid).state;
  const step = known.step?.uuid === uuid ? null : known.step;
  const rest = { ...known, step };
  if (rest.caller?.uuid === uuid) return end({ ...rest, caller: null });
  if (rest.successor?.uuid === uuid) return unchanged({ ...rest, successor: null });
  if (rest.agent?.uuid === uuid) return agentGone(rest);
  const socket = (['caller-media', 'agent-media'] as const).find((name) => rest.media[name]?.uuid === uuid);
  return socket === undefined ? unchanged(rest) : socketGone(rest, socket);
}

/** The platform would not make a leg, or nobody answered it. */
export function refuse(state: ConversationState, was: ConversationLeg, key: number): Transition {
  const leg = nameNow(state, was, key);
  const now = legOf(state, leg);
  if (now === null || now.key !== key) return unchanged(state);
  const leaving = now.uuid === null ? [] : [leavingLeg(now.uuid, now.places)];
  const rest = { ...state, leaving: [...state.leaving, ...leaving] };
  if (leg === 'caller') return end({ ...rest, caller: null });
  if (leg === 'successor') return unchanged({ ...rest, successor: null });
  if (leg === 'agent') return agentGone(rest);
  return socketGone(rest, leg);
}

/** Whom a transfer rings takes over; without anybody there is no call. */
function agentGone(state: ConversationState): Transition {
  const { successor } = state;
  if (successor === null) return end({ ...state, agent: null });
  const next = { ...state, agent: successor, successor: null };
  return successor.status === 'attached'
    ? unchanged(next)
    : { state: next, effects: [{ type: 'start-timer', timer: 'ring-agent', delayMs: 60_000 }] };
}

/** Sockets are made anew, after a pause; with topology A by placing their phone anew. */
function socketGone(state: ConversationState, socket: MediaName): Transition {
  const step = state.step?.leg === socket ? null : state.step;
  const without = { ...state, step, media: { ...state.media, [socket]: null } };
  if (!wantsBridge(without)) return unchanged(without);
  if (state.topology !== 'A') return fail(without);
  const phone = socket === 'caller-media' ? 'caller' : 'agent';
  return fail(withLeg(without, phone, { places: withPlace(state[phone]?.places ?? [], NOWHERE) }));
}
