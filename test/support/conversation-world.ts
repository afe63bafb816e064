import type { ConversationEffect } from '../../src/conversation/conversation-effect.ts';
import type { ConversationEvent, TimerName } from '../../src/conversation/conversation-event.ts';
import { newConversation } from '../../src/conversation/conversation-state.ts';
import type { ConversationLeg, ConversationState } from '../../src/conversation/conversation-state.ts';
import { transition } from '../../src/conversation/conversation-transition.ts';
import type { Placement } from '../../src/conversation/placement.ts';

interface Leg {
  readonly uuid: string;
  readonly name: ConversationLeg;
  readonly key: number;
  place: Placement | null;
  isAlive: boolean;
}

type Create = Extract<ConversationEffect, { type: 'create-leg' }>;
type Place = Extract<ConversationEffect, { type: 'place-leg' }>;

/** A request that the platform has, or a message of its that is on its way. */
type Pending =
  | { readonly type: 'create'; readonly effect: Create }
  | { readonly type: 'place'; readonly effect: Place }
  /** Taken, and not carried out yet. */
  | { readonly type: 'carry-out'; readonly leg: Leg; readonly place: Placement }
  | { readonly type: 'hang-up'; readonly uuid: string }
  | { readonly type: 'tell'; readonly event: ConversationEvent }
  | { readonly type: 'timer'; readonly timer: TimerName };

export type Luck = 'works' | 'fails' | 'done-but-fails';

/**
 * The platform as the conversation machine may meet it: requests are carried out late or not at all, answers are lost
 * after the deed, messages come in any order. It knows where every leg really is.
 */
export class ConversationWorld {
  state: ConversationState;
  readonly legs: Leg[] = [];
  pending: Pending[] = [];
  isGateOpen = false;
  hasEnded = false;
  /** Moments at which keys could be captured and somebody heard them. */
  leaks = 0;
  #count = 0;

  constructor(topology: 'A' | 'B' | 'C', join: 'always' | 'payment', direction: 'inbound' | 'outbound') {
    this.state = newConversation({ topology, join, direction });
    if (direction === 'outbound') this.feed({ type: 'call-requested' });
    else {
      const caller = this.#born('caller', 1);
      this.feed({ type: 'caller-arrived', uuid: caller.uuid });
    }
  }

  feed(event: ConversationEvent): void {
    const { state, effects } = transition(this.state, event);
    this.state = state;
    for (const effect of effects) this.#perform(effect);
    this.#look();
  }

  /** Does one of the things that are due; false if there is none. */
  advance(index: number, luck: Luck): boolean {
    const due = this.pending[index % Math.max(1, this.pending.length)];
    if (due === undefined) return false;
    this.pending = this.pending.filter((other) => other !== due);
    this.#happen(due, luck);
    this.#look();
    return true;
  }

  /** Something happens to a leg from outside: its socket breaks, or its party hangs up. */
  strike(index: number): void {
    const alive = this.legs.filter((leg) => leg.isAlive);
    const leg = alive[index % Math.max(1, alive.length)];
    if (leg !== undefined) this.#die(leg, true);
  }

  /** What remains happens, and everything works. */
  settle(): void {
    for (let steps = 0; steps < 3000 && this.pending.length > 0; steps += 1) {
      const firstOther = this.pending.findIndex(({ type }) => type !== 'timer');
      this.advance(firstOther < 0 ? 0 : firstOther, 'works');
    }
  }

  placeOf(name: ConversationLeg): Placement | null {
    const uuid =
      name === 'caller' || name === 'agent' || name === 'successor' ? this.state[name]?.uuid : null;
    return this.legs.find((leg) => leg.uuid === uuid && leg.isAlive)?.place ?? null;
  }

  #perform(effect: ConversationEffect): void {
    switch (effect.type) {
      case 'create-leg':
        this.pending.push({ type: 'create', effect });
        return;
      case 'place-leg':
        this.pending.push({ type: 'place', effect });
        return;
      case 'hang-up':
        this.pending.push({ type: 'hang-up', uuid: effect.uuid });
        return;
      case 'reply':
        this.#reply(effect.key, effect.place);
        return;
      case 'start-timer':
        this.pending = this.pending.filter((due) => due.type !== 'timer' || due.timer !== effect.timer);
        this.pending.push({ type: 'timer', timer: effect.timer });
        return;
      case 'set-gate':
        this.isGateOpen = effect.isOpen;
        return;
      case 'end-call':
        this.hasEnded = true;
        return;
      case 'set-music':
    }
  }

  #happen(due: Pending, luck: Luck): void {
    switch (due.type) {
      case 'create':
        return this.#create(due.effect, luck);
      case 'place':
        return this.#place(due.effect, luck);
      case 'carry-out':
        return this.#move(due.leg, due.place);
      case 'hang-up':
        return this.#hangUp(due.uuid, luck);
      case 'tell':
        return this.feed(due.event);
      case 'timer':
        return this.feed({ type: 'timer-fired', timer: due.timer });
    }
  }

  #create({ leg: name, key, place }: Create, luck: Luck): void {
    if (luck === 'fails') return this.feed({ type: 'leg-refused', leg: name, key });
    const leg = this.#born(name, key);
    this.#tell({ type: 'leg-answered', uuid: leg.uuid });
    this.#queueMove(leg, place);
    if (luck === 'works') this.feed({ type: 'leg-created', leg: name, key, uuid: leg.uuid });
    else {
      this.feed({ type: 'leg-refused', leg: name, key });
      this.#tell({ type: 'leg-created', leg: name, key, uuid: leg.uuid });
    }
  }

  #place({ uuid, place }: Place, luck: Luck): void {
    const leg = this.legs.find((other) => other.uuid === uuid);
    if (leg === undefined || !leg.isAlive) return this.feed({ type: 'step-failed', uuid, isGone: true });
    this.#catchUp(leg);
    if (luck !== 'fails') this.#queueMove(leg, place);
    this.feed(luck === 'works' ? { type: 'step-taken', uuid } : { type: 'step-failed', uuid, isGone: false });
  }

  #hangUp(uuid: string, luck: Luck): void {
    const leg = this.legs.find((other) => other.uuid === uuid);
    if (luck !== 'fails' && leg?.isAlive === true) this.#die(leg, false);
    this.feed(luck === 'works' ? { type: 'hung-up', uuid } : { type: 'hang-up-failed', uuid });
  }

  /** What was asked of a leg before is done, and told, before what is asked of it later. */
  #catchUp(leg: Leg): void {
    for (const due of this.pending.filter((item) => item.type === 'carry-out' && item.leg === leg)) {
      this.pending = this.pending.filter((other) => other !== due);
      this.#happen(due, 'works');
    }
    const late = this.pending.filter(
      (due) => due.type === 'tell' && due.event.type === 'leg-attached' && due.event.uuid === leg.uuid,
    );
    for (const due of late) {
      this.pending = this.pending.filter((other) => other !== due);
      this.#happen(due, 'works');
    }
  }

  #queueMove(leg: Leg, place: Placement): void {
    this.pending.push({ type: 'carry-out', leg, place });
  }

  #move(leg: Leg, place: Placement): void {
    if (!leg.isAlive) return;
    leg.place = place;
    if (place.kind === 'conversation') this.#tell({ type: 'leg-attached', uuid: leg.uuid });
    if (leg.name === 'caller-media' || leg.name === 'agent-media')
      this.#tell({ type: 'media-opened', leg: leg.name });
    if (place.kind === 'bridge') this.#openSocket(leg);
  }

  /** With topology A the platform makes the socket, and tells of it by the phone's key. */
  #openSocket(phone: Leg): void {
    const name = phone.name === 'caller' ? 'caller-media' : 'agent-media';
    const socket = this.#born(name, phone.key);
    this.#tell({ type: 'leg-created', leg: name, key: phone.key, uuid: socket.uuid });
    this.#tell({ type: 'media-opened', leg: name });
  }

  #reply(key: number, place: Placement): void {
    const leg = this.legs.find(
      (other) => other.key === key && other.isAlive && !other.name.endsWith('-media'),
    );
    if (leg === undefined) return;
    this.#catchUp(leg);
    this.#queueMove(leg, place);
  }

  #die(leg: Leg, isSudden: boolean): void {
    leg.isAlive = false;
    leg.place = null;
    const { name, key, uuid } = leg;
    if (name !== 'caller-media' && name !== 'agent-media') return this.#tell({ type: 'leg-ended', uuid });
    this.#tell({ type: 'media-closed', leg: name });
    this.#tell(isSudden ? { type: 'media-lost', leg: name, key } : { type: 'leg-ended', uuid });
  }

  #born(name: ConversationLeg, key: number): Leg {
    this.#count += 1;
    const leg = { uuid: `leg-${this.#count}`, name, key, place: null, isAlive: true };
    this.legs.push(leg);
    return leg;
  }

  #tell(event: ConversationEvent): void {
    this.pending.push({ type: 'tell', event });
  }

  /** Who really hears the caller, by what the platform documents of the two lists. */
  #look(): void {
    if (!this.isGateOpen) return;
    const phones = this.legs.filter((leg) => leg.isAlive && !leg.name.endsWith('-media'));
    const callers = phones.filter((leg) => leg.name === 'caller');
    const isHeard = callers.some((caller) =>
      phones.some((other) => other.name !== 'caller' && hears(other, caller)),
    );
    if (isHeard) this.leaks += 1;
  }
}

function hears(listener: Leg, speaker: Leg): boolean {
  if (listener.place?.kind !== 'conversation' || speaker.place?.kind !== 'conversation') return false;
  const { canSpeak } = speaker.place;
  const { canHear } = listener.place;
  const isOffered = canSpeak === 'everyone' || canSpeak.includes(listener.uuid);
  return isOffered && (canHear === 'everyone' || canHear.includes(speaker.uuid));
}
