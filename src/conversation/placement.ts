/** Legs of one conversation, by the platform's id; `everyone` is what the platform does without a list. */
export type LegList = 'everyone' | readonly string[];

/** Where a leg's audio goes, by the instructions that the platform was given. */
export type Placement =
  /** Alone with a media socket: what the other side hears comes from the bridge only. */
  | { readonly kind: 'bridge' }
  /** In the named conversation of the call; `canSpeak`: who may hear it, `canHear`: whom it hears. */
  | { readonly kind: 'conversation'; readonly canSpeak: LegList; readonly canHear: LegList }
  /** Not known to be anywhere: to be placed before it counts. */
  | { readonly kind: 'nowhere' };

export const BRIDGE: Placement = { kind: 'bridge' };
export const NOWHERE: Placement = { kind: 'nowhere' };
/** In the conversation, and without any audio from it or to it. */
export const CUT_OFF: Placement = { kind: 'conversation', canSpeak: [], canHear: [] };
/** An ordinary party of the conversation. */
export const AMONG_ALL: Placement = { kind: 'conversation', canSpeak: 'everyone', canHear: 'everyone' };

export function inConversation(canSpeak: readonly string[], canHear: readonly string[]): Placement {
  return { kind: 'conversation', canSpeak, canHear };
}

export function isSamePlacement(one: Placement, other: Placement): boolean {
  if (one.kind !== 'conversation' || other.kind !== 'conversation') return one.kind === other.kind;
  return isSameList(one.canSpeak, other.canSpeak) && isSameList(one.canHear, other.canHear);
}

/** Whether a listener at `to` would hear, unmasked, who speaks at `from`. */
export function reaches(
  from: { readonly uuid: string | null; readonly place: Placement },
  to: { readonly uuid: string | null; readonly place: Placement },
): boolean {
  if (from.place.kind !== 'conversation' || to.place.kind !== 'conversation') return false;
  return includes(from.place.canSpeak, to.uuid) && includes(to.place.canHear, from.uuid);
}

/** A leg whose id is not known yet could be any of those listed. */
function includes(list: LegList, uuid: string | null): boolean {
  if (list === 'everyone') return true;
  return uuid === null ? list.length > 0 : list.includes(uuid);
}

function isSameList(one: LegList, other: LegList): boolean {
  if (one === 'everyone' || other === 'everyone') return one === other;
  return one.length === other.length && one.every((uuid) => other.includes(uuid));
}
