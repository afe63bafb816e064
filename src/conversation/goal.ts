import { AMONG_ALL, BRIDGE, CUT_OFF, inConversation, isSamePlacement } from './placement.ts';
import type { Placement } from './placement.ts';
import { isPhone, legOf, wantsBridge } from './conversation-state.ts';
import type { ConversationLeg, ConversationState, MediaName, PhoneName } from './conversation-state.ts';

/**
 * Where a leg belongs now; null while it should stay where it is. What a transfer waits for is in here, too: a phone
 * of topologies B and C belongs to its socket only once that is open, and until then the agent belongs cut off.
 */
export function goalOf(state: ConversationState, leg: ConversationLeg): Placement | null {
  if (!isPhone(leg)) return mediaGoal(state, leg);
  if (!wantsBridge(state)) return AMONG_ALL;
  switch (state.topology) {
    case 'A':
      return BRIDGE;
    case 'B':
      return ownSocketGoal(state, leg);
    case 'C':
      return oneWayGoal(state, leg);
  }
}

/** Where a leg is put when it is made: never where it could hear the caller while the bridge is wanted. */
export function firstPlaceOf(state: ConversationState, leg: ConversationLeg): Placement {
  if (!isPhone(leg)) return mediaGoal(state, leg) ?? CUT_OFF;
  if (!wantsBridge(state)) return AMONG_ALL;
  return state.topology === 'A' ? BRIDGE : CUT_OFF;
}

/** Whether a leg surely is where it belongs. */
export function isAtGoal(state: ConversationState, leg: ConversationLeg): boolean {
  const goal = goalOf(state, leg);
  const [place, ...others] = legOf(state, leg)?.places ?? [];
  return goal !== null && place !== undefined && others.length === 0 && isSamePlacement(place, goal);
}

function ownSocketGoal(state: ConversationState, phone: PhoneName): Placement | null {
  if (phone === 'successor') return CUT_OFF;
  const socket = openSocket(state, phone === 'caller' ? 'caller-media' : 'agent-media');
  if (socket !== null) return inConversation([socket], [socket]);
  return phone === 'caller' ? null : CUT_OFF;
}

function oneWayGoal(state: ConversationState, phone: PhoneName): Placement | null {
  if (phone === 'successor') return CUT_OFF;
  const socket = openSocket(state, 'caller-media');
  if (phone === 'caller') return socket === null ? null : inConversation([socket], idOf(state, 'agent'));
  const isCallerApart = socket !== null && isAtGoal(state, 'caller');
  return inConversation(idOf(state, 'caller'), isCallerApart ? [socket] : []);
}

function mediaGoal(state: ConversationState, socket: MediaName): Placement | null {
  if (state.topology === 'A') return null;
  const caller = idOf(state, 'caller');
  const agent = idOf(state, 'agent');
  if (state.topology === 'C') return inConversation(agent, caller);
  return socket === 'caller-media' ? inConversation(caller, caller) : inConversation(agent, agent);
}

function openSocket(state: ConversationState, socket: MediaName): string | null {
  const leg = state.media[socket];
  return leg?.isOpen === true ? leg.uuid : null;
}

function idOf(state: ConversationState, leg: ConversationLeg): readonly string[] {
  const uuid = legOf(state, leg)?.uuid ?? null;
  return uuid === null ? [] : [uuid];
}
