import type { Call } from '../call/call.ts';
import type { CallController, PartyState, PhoneCallView } from '../call/phone-calls.ts';
import type { ConversationEffect } from '../conversation/conversation-effect.ts';
import type { ConversationEvent, TimerName } from '../conversation/conversation-event.ts';
import { newConversation, wantsBridge } from '../conversation/conversation-state.ts';
import type { ConversationLeg, ConversationState, MediaName } from '../conversation/conversation-state.ts';
import { mayTransfer, transition } from '../conversation/conversation-transition.ts';
import { isAtGoal } from '../conversation/goal.ts';
import { assert } from '../core/assert.ts';
import type { Cancel, Clock } from '../core/clock.ts';
import type { Destination } from '../core/destination.ts';
import type { LegName } from '../core/leg.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import type { Ncco } from './ncco.ts';

type CreateLeg = Extract<ConversationEffect, { type: 'create-leg' }>;
type PlaceLeg = Extract<ConversationEffect, { type: 'place-leg' }>;
/** A leg and the place that its instructions put it. */
export type LegAt = Pick<CreateLeg, 'leg' | 'key' | 'place'>;

/** What a phone call needs of the platform; requests never reject. */
export interface PhoneCallPlatform {
  /** The instructions that put a leg there. */
  nccoFor(call: PhoneCall, leg: LegAt): Ncco;
  create(call: PhoneCall, effect: CreateLeg): Promise<ConversationEvent>;
  place(call: PhoneCall, effect: PlaceLeg): Promise<ConversationEvent>;
  hangUp(call: PhoneCall, uuid: string): Promise<ConversationEvent>;
  setMusic(call: PhoneCall, uuid: string, isOn: boolean): Promise<void>;
  /** Nothing more comes of this call. */
  finished(call: PhoneCall): void;
}

export interface PhoneCallSettings extends Pick<ConversationState, 'topology' | 'join' | 'direction'> {
  /** Address of the API of the call's region; null: the usual one. */
  readonly host: string | null;
  /** Null for an inbound call, whose caller is there. */
  readonly callerAt: Destination | null;
  readonly agentAt: Destination;
}

export interface PhoneCallDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly platform: PhoneCallPlatform;
}

/**
 * One call on the platform: feeds the pure conversation machine and carries out its effects. Events that come up
 * while one is being handled wait for their turn.
 */
export class PhoneCall implements CallController {
  readonly call: Call;
  readonly host: string | null;
  readonly #settings: PhoneCallSettings;
  readonly #deps: PhoneCallDependencies;
  readonly #timers = new Map<TimerName, Cancel>();
  readonly #queue: ConversationEvent[] = [];
  /** Legs that are over: late news of them is no news. */
  readonly #over = new Set<string>();
  #state: ConversationState;
  #successorAt: Destination | null = null;
  #agentAt: Destination;
  #isDispatching = false;
  #reply: Ncco | null = null;
  #underWay = 0;

  constructor(call: Call, settings: PhoneCallSettings, deps: PhoneCallDependencies) {
    this.call = call;
    this.host = settings.host;
    this.#settings = settings;
    this.#deps = deps;
    this.#agentAt = settings.agentAt;
    this.#state = newConversation(settings);
  }

  get id(): string {
    return this.call.id;
  }

  /** Nobody is left to be sent away. */
  get isFinished(): boolean {
    return this.#state.hasEnded && this.#state.leaving.length === 0 && this.#underWay === 0;
  }

  get hasEnded(): boolean {
    return this.#state.hasEnded;
  }

  /** Whom a leg that is to be created rings. */
  destinationOf(leg: ConversationLeg): Destination {
    const destination =
      leg === 'caller' ? this.#settings.callerAt : leg === 'successor' ? this.#successorAt : this.#agentAt;
    assert(destination !== null, 'whoever is rung has a destination');
    return destination;
  }

  /** Takes in what happened; returns instructions if the platform asked for them. */
  dispatch(event: ConversationEvent): Ncco | null {
    this.#queue.push(event);
    if (this.#isDispatching) return null;
    this.#isDispatching = true;
    this.#reply = null;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift())
        this.#advance(next);
    } finally {
      this.#isDispatching = false;
    }
    if (this.isFinished) this.#deps.platform.finished(this);
    return this.#reply;
  }

  /** News of a leg by the platform; `key` and `leg` are from the address that the news came to. */
  legNews(
    event: 'begun' | 'answered' | 'transferred' | 'over' | 'failed' | 'disconnected',
    uuid: string,
    named: { readonly leg: ConversationLeg; readonly key: number } | null,
  ): Ncco | null {
    if (this.#over.has(uuid)) return null;
    const isSocket = named !== null && (named.leg === 'caller-media' || named.leg === 'agent-media');
    if (named !== null) this.dispatch({ type: 'leg-created', ...named, uuid });
    switch (event) {
      case 'begun':
        return null;
      case 'answered':
        return this.dispatch({ type: 'leg-answered', uuid });
      case 'transferred':
        return this.dispatch({ type: 'leg-attached', uuid });
      case 'disconnected':
      case 'failed':
        this.#over.add(uuid);
        if (isSocket)
          return this.dispatch({ type: 'media-lost', leg: named.leg as MediaName, key: named.key });
        return this.dispatch({ type: 'leg-ended', uuid });
      case 'over':
        this.#over.add(uuid);
        return this.dispatch({ type: 'leg-ended', uuid });
    }
  }

  /** False if there is nobody to hand over from. */
  transferTo(agent: Destination): boolean {
    if (!mayTransfer(this.#state)) return false;
    this.#successorAt = agent;
    this.dispatch({ type: 'transfer-requested' });
    return true;
  }

  paymentOpened(): void {
    this.dispatch({ type: 'payment-opened' });
  }

  paymentEnded(): void {
    this.dispatch({ type: 'payment-ended' });
  }

  legOpened(leg: LegName): void {
    this.dispatch({ type: 'media-opened', leg: `${leg}-media` });
  }

  legClosed(leg: LegName): void {
    this.dispatch({ type: 'media-closed', leg: `${leg}-media` });
  }

  callEnded(): void {
    this.dispatch({ type: 'end-requested' });
  }

  /** The call of the platform is over for us, whatever becomes of its legs. */
  close(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  view(): PhoneCallView {
    const state = this.#state;
    return {
      id: this.id,
      direction: state.direction,
      state: state.hasEnded ? 'ended' : 'open',
      caller: partyOf(state.caller),
      agent: partyOf(state.agent),
      nextAgent: partyOf(state.successor),
      media: mediaOf(state),
    };
  }

  #advance(event: ConversationEvent): void {
    const wasSuccessor = this.#state.successor?.key ?? null;
    const { state, effects } = transition(this.#state, event);
    if (state.failures > this.#state.failures)
      this.#deps.meter.counter('conversation_retries_total', {}).add(1);
    this.#state = state;
    if (wasSuccessor !== null && state.agent?.key === wasSuccessor)
      this.#agentAt = this.#successorAt ?? this.#agentAt;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: ConversationEffect): void {
    const { platform } = this.#deps;
    switch (effect.type) {
      case 'create-leg':
        return this.#ask(platform.create(this, effect));
      case 'place-leg':
        return this.#ask(platform.place(this, effect));
      case 'hang-up':
        return this.#ask(platform.hangUp(this, effect.uuid));
      case 'reply':
        this.#reply = platform.nccoFor(this, effect);
        return;
      case 'start-timer':
        return this.#startTimer(effect.timer, effect.delayMs);
      case 'set-gate':
        return this.call.allowCapture(effect.isOpen);
      case 'set-music':
        return this.#ask(platform.setMusic(this, effect.uuid, effect.isOn).then(() => null));
      case 'end-call':
        this.#deps.logger.info('phone call ended', { callId: this.id });
        return this.call.end('hung-up');
    }
  }

  #ask(request: Promise<ConversationEvent | null>): void {
    this.#underWay += 1;
    request
      .then((event) => {
        this.#underWay -= 1;
        if (event !== null) this.dispatch(event);
        else if (this.isFinished) this.#deps.platform.finished(this);
      })
      .catch((error: unknown) => {
        this.#deps.logger.error('a phone call failed', { ...describeError(error), callId: this.id });
        this.call.end('hung-up');
      });
  }

  #startTimer(timer: TimerName, delayMs: number): void {
    this.#timers.get(timer)?.();
    const fire = (): void => {
      this.#timers.delete(timer);
      this.dispatch({ type: 'timer-fired', timer });
    };
    this.#timers.set(timer, this.#deps.clock.after(delayMs, fire));
  }
}

function partyOf(leg: ConversationState['caller']): PartyState {
  if (leg === null) return 'none';
  return leg.status === 'dialed' ? 'ringing' : leg.status === 'answered' ? 'answered' : 'connected';
}

function mediaOf(state: ConversationState): PhoneCallView['media'] {
  const parties = (['caller', 'agent'] as const).filter((phone) => state[phone] !== null);
  if (!parties.every((phone) => isAtGoal(state, phone))) return 'moving';
  return wantsBridge(state) ? 'bridge' : 'direct';
}
