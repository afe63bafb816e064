import type { ConversationEffect } from './conversation-effect.ts';
import type { ConversationEvent, TimerName } from './conversation-event.ts';
import { isExposed, isPhone, legOf, nameNow, wantsBridge, withLeg } from './conversation-state.ts';
import type { ConversationLeg, ConversationState, PhoneLeg } from './conversation-state.ts';
import { firstPlaceOf, isAtGoal } from './goal.ts';
import { createSuccessor, nextStep, STEP_MS, withPlace } from './next-step.ts';
import { AMONG_ALL, NOWHERE } from './placement.ts';
import { arrive, closeMedia, loseMedia, openMedia, socketAnswered, takeStep } from './arrivals.ts';
import { departed, end, fail, forget, refuse, unchanged } from './departures.ts';
import type { Transition } from './departures.ts';

/** A caller may press on after the payment has ended; until then his keys must not reach the agent. */
export const RELEASE_MS = 5_000;

/**
 * The whole life of a call that is controlled here. Pure: the shell carries out the effects in their order and feeds
 * back what comes of them. An event that does not fit changes nothing.
 *
 * An event changes what is known; what follows from it is worked out anew each time: where every leg belongs
 * (`goal.ts`), what to ask of the platform next to get it there (`next-step.ts`), and whether keys may be captured.
 * The gate for keys is open only while the caller surely is where no agent can hear him: a transfer under way, or one
 * whose end is not known, counts as both places.
 */
export function transition(before: ConversationState, event: ConversationEvent): Transition {
  const noted = note(before, event);
  const effects = [...noted.effects];
  let { state } = noted;
  for (let next = nextStep(state); next !== null; next = nextStep(state)) {
    state = next.state;
    effects.push(...next.effects);
  }
  const after = { ...state, isGateOpen: mayCapture(state), isMusicOn: needsMusic(state) };
  return { state: after, effects: [...consequences(before, after), ...effects] };
}

function note(state: ConversationState, event: ConversationEvent): Transition {
  switch (event.type) {
    case 'caller-arrived':
      return greet(state, event.uuid);
    case 'call-requested':
      return unchanged(state);
    case 'transfer-requested':
      return mayTransfer(state) ? createSuccessor(state) : unchanged(state);
    case 'leg-created':
      return nameLeg(state, event.leg, event.key, event.uuid);
    case 'leg-refused':
      return refuse(state, event.leg, event.key);
    case 'leg-answered':
      return answered(state, event.uuid);
    case 'leg-attached':
      return arrive(state, event.uuid);
    case 'leg-ended':
      return departed(state, event.uuid);
    case 'media-opened':
      return openMedia(state, event.leg);
    case 'media-closed':
      return closeMedia(state, event.leg);
    case 'media-lost':
      return loseMedia(state, event.leg, event.key);
    case 'step-taken':
      return takeStep(state, event.uuid);
    case 'step-failed':
      if (event.isGone) return departed(state, event.uuid);
      return state.step?.uuid === event.uuid ? fail({ ...state, step: null }) : unchanged(state);
    case 'hung-up':
      return forget(state, event.uuid);
    case 'hang-up-failed':
      return askAgain(state, event.uuid);
    case 'payment-opened':
      return unchanged({ ...state, hasPayment: !state.hasEnded, isLingering: false });
    case 'payment-ended':
      return letGo(state);
    case 'timer-fired':
      return fired(state, event.timer);
    case 'end-requested':
      return end(state);
  }
}

/** Whether an agent can be asked to hand the call over. */
export function mayTransfer(state: ConversationState): boolean {
  return !state.hasEnded && state.agent !== null && state.successor === null && state.caller !== null;
}

/** The platform asks twice when it got no answer in time; the second answer may or may not be what counts. */
function greet(state: ConversationState, uuid: string): Transition {
  if (state.hasEnded || (state.caller !== null && state.caller.uuid !== uuid)) return unchanged(state);
  const first = firstPlaceOf(state, 'caller');
  const { caller, nextKey } = state;
  const arrived: PhoneLeg =
    caller === null
      ? { key: nextKey, uuid, status: 'answered', places: [first] }
      : { ...caller, places: withPlace(caller.places, first) };
  return {
    state: { ...state, caller: arrived, nextKey: nextKey + (caller === null ? 1 : 0) },
    effects: [
      { type: 'reply', leg: 'caller', key: arrived.key, place: first },
      { type: 'start-timer', timer: 'ring-caller', delayMs: STEP_MS },
    ],
  };
}

/** A leg that nobody waits for any more is ended: it may be one whose making was reported as failed. */
function nameLeg(state: ConversationState, was: ConversationLeg, key: number, uuid: string): Transition {
  const leg = nameNow(state, was, key);
  const now = legOf(state, leg);
  if (now?.uuid === uuid || state.leaving.some((other) => other.uuid === uuid)) return unchanged(state);
  if (!state.hasEnded && now?.key === key && now.uuid === null)
    return unchanged(withLeg(state, leg, { uuid }));
  if (!state.hasEnded && state.topology === 'A' && !isPhone(leg)) {
    const isOpen = state.media[leg]?.isOpen ?? false;
    const owners = [state.caller, state.agent, state.successor];
    if (owners.some((phone) => phone?.key === key)) {
      const media = { ...state.media, [leg]: { key, uuid, isOpen, places: [] } };
      return unchanged({ ...state, media });
    }
  }
  const places = isPhone(leg) ? [AMONG_ALL] : [];
  return unchanged({ ...state, leaving: [...state.leaving, { uuid, places, status: 'to-ask' }] });
}

function answered(state: ConversationState, uuid: string): Transition {
  const phone = phoneOf(state, uuid);
  if (phone === null) return socketAnswered(state, uuid);
  if (state[phone]?.status !== 'dialed') return unchanged(state);
  return {
    state: withLeg(state, phone, { status: 'answered' }),
    effects: [{ type: 'start-timer', timer: `ring-${phone}`, delayMs: STEP_MS }],
  };
}

function letGo(state: ConversationState): Transition {
  if (!state.hasPayment) return unchanged(state);
  return {
    state: { ...state, hasPayment: false, isLingering: true },
    effects: [{ type: 'start-timer', timer: 'release', delayMs: RELEASE_MS }],
  };
}

function askAgain(state: ConversationState, uuid: string): Transition {
  const leaving = state.leaving.map((leg) =>
    leg.uuid === uuid ? { ...leg, status: 'to-ask' as const } : leg,
  );
  return leaving.some((leg) => leg.uuid === uuid) ? fail({ ...state, leaving }) : unchanged(state);
}

function fired(state: ConversationState, timer: TimerName): Transition {
  switch (timer) {
    case 'ring-caller':
      return ringTimedOut(state, 'caller');
    case 'ring-agent':
      return ringTimedOut(state, 'agent');
    case 'ring-successor':
      return ringTimedOut(state, 'successor');
    case 'media':
      return mediaTimedOut(state);
    case 'step':
      return stepTimedOut(state);
    case 'retry':
      return unchanged({ ...state, isPausing: false });
    case 'release':
      return unchanged({ ...state, isLingering: false });
  }
}

/** Only an arrival is waited for here: the request has a time limit of its own, and never are there two of them. */
function stepTimedOut(state: ConversationState): Transition {
  if (state.step === null) return unchanged(state);
  if (state.step.isTaken) return fail({ ...state, step: null });
  return { state, effects: [{ type: 'start-timer', timer: 'step', delayMs: STEP_MS }] };
}

/** Rang for too long; or answered, and the message that it has arrived is missing: then it is placed anew. */
function ringTimedOut(state: ConversationState, phone: 'caller' | 'agent' | 'successor'): Transition {
  const leg = state[phone];
  if (leg === null || leg.status === 'attached') return unchanged(state);
  if (leg.status === 'dialed') return refuse(state, phone, leg.key);
  return unchanged(withLeg(state, phone, { status: 'attached', places: withPlace(leg.places, NOWHERE) }));
}

function mediaTimedOut(state: ConversationState): Transition {
  if (!wantsBridge(state)) return unchanged(state);
  let next = state;
  for (const socket of ['caller-media', 'agent-media'] as const) {
    const media = next.media[socket];
    if (media === null || media.isOpen) continue;
    if (next.topology === 'A') {
      const phone = socket === 'caller-media' ? 'caller' : 'agent';
      next = withLeg(next, phone, { places: withPlace(next[phone]?.places ?? [], NOWHERE) });
    } else {
      const leaving =
        media.uuid === null ? [] : [{ uuid: media.uuid, places: [], status: 'to-ask' as const }];
      next = {
        ...next,
        media: { ...next.media, [socket]: null },
        leaving: [...next.leaving, ...leaving],
      };
    }
  }
  return next === state ? unchanged(state) : fail(next);
}

function phoneOf(state: ConversationState, uuid: string): 'caller' | 'agent' | 'successor' | null {
  return (['caller', 'agent', 'successor'] as const).find((phone) => state[phone]?.uuid === uuid) ?? null;
}

function mayCapture(state: ConversationState): boolean {
  const isWanted = state.join === 'always' || state.hasPayment;
  return isWanted && !state.hasEnded && isAtGoal(state, 'caller') && !isExposed(state);
}

/** The caller waits and has nobody to talk to. During a payment the line stays quiet. */
function needsMusic(state: ConversationState): boolean {
  const isCallerThere = state.caller?.status === 'attached' && state.caller.uuid !== null;
  return !state.hasEnded && isCallerThere && state.agent?.status !== 'attached' && !state.hasPayment;
}

/** The gate closes before anything else is done. */
function consequences(before: ConversationState, after: ConversationState): readonly ConversationEffect[] {
  const effects: ConversationEffect[] = [];
  if (before.isGateOpen !== after.isGateOpen) effects.push({ type: 'set-gate', isOpen: after.isGateOpen });
  const uuid = after.caller?.uuid ?? null;
  if (before.isMusicOn !== after.isMusicOn && uuid !== null) {
    effects.push({ type: 'set-music', uuid, isOn: after.isMusicOn });
  }
  return effects;
}
