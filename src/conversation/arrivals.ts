import { isPhone, withLeg, wantsBridge } from './conversation-state.ts';
import type { ConversationState, MediaName, PhoneName } from './conversation-state.ts';
import { fail, unchanged } from './departures.ts';
import type { Transition } from './departures.ts';
import { leavingLeg, MEDIA_MS, withPlace } from './next-step.ts';
import { BRIDGE, CUT_OFF } from './placement.ts';

/** A lost socket is connected again at once this often in a row; after that there are pauses between the tries. */
const QUICK_RECONNECTS = 3;

/** The platform says that a leg has arrived in a conversation. */
export function arrive(state: ConversationState, uuid: string): Transition {
  const { step } = state;
  if (step?.uuid === uuid) {
    return step.isTaken || !step.isSuspect
      ? finish({ ...state, step: { ...step, hasArrived: true } })
      : unchanged(state);
  }
  const phone = (['caller', 'agent', 'successor'] as const).find((name) => state[name]?.uuid === uuid);
  return phone === undefined ? unchanged(state) : unchanged(attach(state, phone));
}

/** The platform took an instruction; the leg has yet to arrive. */
export function takeStep(state: ConversationState, uuid: string): Transition {
  return state.step?.uuid === uuid
    ? finish({ ...state, step: { ...state.step, isTaken: true } })
    : unchanged(state);
}

/** The bridge has a socket. With topology A that is the proof that the phone's leg is on its own. */
export function openMedia(state: ConversationState, socket: MediaName): Transition {
  if (state.hasEnded) return unchanged(state);
  const known = state.media[socket];
  const opened =
    known === null && state.topology === 'A'
      ? { ...state, media: { ...state.media, [socket]: { key: 0, uuid: null, isOpen: true, places: [] } } }
      : withLeg({ ...state, failures: 0 }, socket, { isOpen: true });
  return opened.topology === 'A' ? phoneOnBridge(opened, socket) : unchanged(opened);
}

export function closeMedia(state: ConversationState, socket: MediaName): Transition {
  if (state.media[socket] === null || state.hasEnded) return unchanged(state);
  return {
    state: withLeg(state, socket, { isOpen: false }),
    effects: wantsBridge(state) ? [{ type: 'start-timer', timer: 'media', delayMs: MEDIA_MS }] : [],
  };
}

/** The answer is never one that lets the parties hear each other: the bridge again, or silence. */
export function loseMedia(state: ConversationState, socket: MediaName, key: number): Transition {
  if (state.topology !== 'A') {
    if (state.media[socket]?.key !== key) return unchanged(state);
    return fail({ ...state, media: { ...state.media, [socket]: null } });
  }
  const phone = (['caller', 'agent', 'successor'] as const).find((name) => state[name]?.key === key);
  const leg = phone === undefined ? null : state[phone];
  if (phone === undefined || leg === null) return unchanged(state);
  const closed = withLeg(state, socket, { isOpen: false, uuid: null });
  // When the next agent's socket has taken over, the agent before does not get it back.
  const isReplaced = phone === 'agent' && state.successor?.status === 'answered';
  const isQuick = wantsBridge(state) && !isReplaced && state.failures < QUICK_RECONNECTS;
  const place = isQuick ? BRIDGE : CUT_OFF;
  const placed = withLeg(closed, phone, { places: withPlace(leg.places, place) });
  const failed = isQuick
    ? {
        state: { ...placed, failures: state.failures + 1 },
        effects: [{ type: 'start-timer', timer: 'media', delayMs: MEDIA_MS } as const],
      }
    : fail(placed);
  return { state: failed.state, effects: [{ type: 'reply', leg: phone, key, place }, ...failed.effects] };
}

/** With topology A a socket has the key of the phone that it belongs to, so it tells an agent from the next one. */
export function socketAnswered(state: ConversationState, uuid: string): Transition {
  const socket = (['caller-media', 'agent-media'] as const).find((name) => state.media[name]?.uuid === uuid);
  const phone = (['caller', 'agent', 'successor'] as const).find(
    (name) => socket !== undefined && state[name]?.key === state.media[socket]?.key,
  );
  if (state.topology !== 'A' || phone === undefined || state[phone]?.status === 'attached')
    return unchanged(state);
  return unchanged(attach(state, phone));
}

function phoneOnBridge(state: ConversationState, socket: MediaName): Transition {
  const { step } = state;
  const isOurs = (phone: PhoneName): boolean => (phone === 'caller') === (socket === 'caller-media');
  if (step !== null && isPhone(step.leg) && isOurs(step.leg) && step.place.kind === 'bridge') {
    return finish({ ...state, step: { ...step, hasArrived: true } });
  }
  const waiting = (['caller', 'successor', 'agent'] as const).find(
    (phone) => isOurs(phone) && isDueOnBridge(state, phone),
  );
  return unchanged(waiting === undefined ? state : attach(state, waiting));
}

/** A next agent who only rings cannot be the one whose socket opened; it is the agent's that came back. */
function isDueOnBridge(state: ConversationState, phone: PhoneName): boolean {
  const leg = state[phone];
  if (
    leg === null ||
    leg.uuid === null ||
    leg.status === 'attached' ||
    !leg.places.some(({ kind }) => kind === 'bridge')
  )
    return false;
  return phone !== 'successor' || leg.status === 'answered';
}

function finish(state: ConversationState): Transition {
  const { step } = state;
  if (step === null || !step.isTaken || !step.hasArrived) return unchanged(state);
  return unchanged(withLeg({ ...state, step: null, failures: 0 }, step.leg, { places: [step.place] }));
}

/** A successor that is there takes the agent's place; the agent may go. */
function attach(state: ConversationState, phone: PhoneName): ConversationState {
  const there = withLeg(state, phone, { status: 'attached' });
  if (phone !== 'successor' || there.successor === null) return there;
  const { agent, successor } = there;
  const leaving = agent === null || agent.uuid === null ? [] : [leavingLeg(agent.uuid, agent.places)];
  const step = there.step?.leg === 'agent' ? null : there.step;
  return { ...there, agent: successor, successor: null, step, leaving: [...there.leaving, ...leaving] };
}
