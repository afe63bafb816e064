import type { CallRegistry } from '../call/call-registry.ts';
import type { NewPhoneCall, PhoneCalls, PhoneCallView } from '../call/phone-calls.ts';
import type { ConversationEvent } from '../conversation/conversation-event.ts';
import { isPhone } from '../conversation/conversation-state.ts';
import type { ConversationLeg, ConversationState } from '../conversation/conversation-state.ts';
import { RING_MS } from '../conversation/next-step.ts';
import { assert } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';
import { DESTINATION_FORM, parseDestination } from '../core/destination.ts';
import type { Destination } from '../core/destination.ts';
import { AppError } from '../core/errors.ts';
import type { LegName } from '../core/leg.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { JoinMode, MediaTopology } from '../core/media-join.ts';
import type { Meter } from '../core/meter.ts';
import type { SampleRate } from '../core/sample-rate.ts';
import { conversationNcco, legNcco, socketEndpoint, talkNcco } from './ncco.ts';
import type { Ncco } from './ncco.ts';
import { PhoneCall } from './phone-call.ts';
import type { LegAt, PhoneCallPlatform } from './phone-call.ts';
import type { NewLeg, PlatformClient } from './platform-client.ts';
import { PlatformError } from './platform-error.ts';
import { regionHostOf } from './region.ts';
import { readPlatformEvent, readUuid } from './webhook-message.ts';

/** Wide-band telephony; the platform converts for phones that have less. */
const SAMPLE_RATE: SampleRate = 16_000;
/** How long an ended call can still be asked for, and late news of it is known as such. */
const KEEP_ENDED_MS = 15 * 60_000;
/** How long the end of the process waits for phones to be hung up. */
const CLOSE_MS = 3_000;

const SORRY = talkNcco('Sorry, we cannot take your call at the moment. Please try again later.');
const LEGS: readonly string[] = ['caller', 'agent', 'successor', 'caller-media', 'agent-media'];

export interface PhoneCallRegistrySettings {
  readonly topology: MediaTopology;
  readonly join: JoinMode;
  /** Whom inbound calls ring. */
  readonly agent: Destination | null;
  readonly holdMusicUrl: string | null;
}

export interface PhoneCallRegistryDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly calls: CallRegistry;
  readonly client: PlatformClient;
  /** Base of the addresses that the platform is given. */
  readonly publicUrl: () => string;
}

/** Every call that the platform carries for this process: from its webhooks to its requests. */
export class PhoneCallRegistry implements PhoneCalls, PhoneCallPlatform {
  readonly #settings: PhoneCallRegistrySettings;
  readonly #deps: PhoneCallRegistryDependencies;
  readonly #calls = new Map<string, PhoneCall>();
  /** The platform's id of a leg to the call. */
  readonly #callOfLeg = new Map<string, PhoneCall>();
  #whenFinished: () => void = () => undefined;

  constructor(settings: PhoneCallRegistrySettings, deps: PhoneCallRegistryDependencies) {
    this.#settings = settings;
    this.#deps = deps;
  }

  dial({ to, agent, reference }: NewPhoneCall): PhoneCallView {
    const callerAt = destinationFrom(to);
    const agentAt = agent === null ? this.#settings.agent : destinationFrom(agent);
    if (agentAt === null) {
      throw new AppError('DESTINATION_INVALID', { detail: 'No agent is configured, so one must be named.' });
    }
    const phoneCall = this.#open('outbound', callerAt, agentAt, null, reference);
    phoneCall.dispatch({ type: 'call-requested' });
    return phoneCall.view();
  }

  get(id: string): PhoneCallView {
    return this.#known(id).view();
  }

  list(legId: string | null): readonly PhoneCallView[] {
    const owner = legId === null ? null : this.#callOfLeg.get(legId);
    const calls = [...this.#calls.values()].filter((phoneCall) => legId === null || phoneCall === owner);
    return calls.map((phoneCall) => phoneCall.view()).filter(({ state }) => state === 'open');
  }

  transfer(id: string, agent: string): PhoneCallView {
    const phoneCall = this.#known(id);
    const destination = destinationFrom(agent);
    if (phoneCall.hasEnded) throw new AppError('CALL_ENDED');
    if (!phoneCall.transferTo(destination)) throw new AppError('TRANSFER_NOT_POSSIBLE');
    return phoneCall.view();
  }

  /** A call comes in, or the platform asks again. Throws `AppError` when no call can be taken. */
  answer(body: Readonly<Record<string, unknown>>): Ncco {
    const uuid = readUuid(body['uuid']);
    if (uuid === null) throw new AppError('REQUEST_INVALID', { detail: 'body/uuid must be the id of a leg' });
    const { agent } = this.#settings;
    let phoneCall = this.#callOfLeg.get(uuid);
    if (phoneCall === undefined) {
      if (agent === null) return SORRY;
      phoneCall = this.#open('inbound', null, agent, regionHostOf(body['region_url']), null);
      this.#callOfLeg.set(uuid, phoneCall);
    }
    return this.#handOut(phoneCall.dispatch({ type: 'caller-arrived', uuid }) ?? SORRY);
  }

  /** The platform had no answer in time. What it gets now is no less safe than what it should have got. */
  fallback(body: Readonly<Record<string, unknown>>): Ncco {
    try {
      return this.answer(body);
    } catch (error) {
      if (error instanceof AppError) return SORRY;
      throw error;
    }
  }

  /** News of a leg; returns instructions if there are any. `query` is that of the address that we gave. */
  event(query: URLSearchParams, body: Readonly<Record<string, unknown>>): Ncco | null {
    const news = readPlatformEvent(body);
    if (news === null) return null;
    const phoneCall = this.#calls.get(query.get('call') ?? '') ?? this.#callOfLeg.get(news.uuid);
    const ncco = phoneCall?.legNews(news.kind, news.uuid, readLeg(query)) ?? null;
    return ncco === null ? null : this.#handOut(ncco);
  }

  /** Whether this call's sockets come from the platform, with its signature. */
  isCarried(callId: string): boolean {
    return this.#calls.has(callId);
  }

  nccoFor(phoneCall: PhoneCall, { leg, key, place }: LegAt): Ncco {
    if (place.kind === 'conversation') {
      return conversationNcco(conversationName(phoneCall), place.canSpeak, place.canHear);
    }
    assert(place.kind === 'bridge' && isPhone(leg), 'phones are put on the bridge, and legs nowhere');
    const party = leg === 'caller' ? 'caller' : 'agent';
    return legNcco({
      ...this.#socketOf(phoneCall, party),
      eventUrl: this.#eventUrl(phoneCall, `${party}-media`, key),
    });
  }

  async create(
    phoneCall: PhoneCall,
    effect: Parameters<PhoneCallPlatform['create']>[1],
  ): Promise<ConversationEvent> {
    const { leg, key } = effect;
    try {
      const uuid = await this.#deps.client.createLeg(phoneCall.host, this.#newLeg(phoneCall, effect));
      this.#callOfLeg.set(uuid, phoneCall);
      return { type: 'leg-created', leg, key, uuid };
    } catch (error) {
      this.#report('a leg was not made', phoneCall, error);
      return { type: 'leg-refused', leg, key };
    }
  }

  async place(
    phoneCall: PhoneCall,
    effect: Parameters<PhoneCallPlatform['place']>[1],
  ): Promise<ConversationEvent> {
    const { uuid } = effect;
    try {
      await this.#deps.client.transfer(phoneCall.host, uuid, this.nccoFor(phoneCall, effect));
      return { type: 'step-taken', uuid };
    } catch (error) {
      this.#report('a leg was not transferred', phoneCall, error);
      return { type: 'step-failed', uuid, isGone: isGone(error) };
    }
  }

  async hangUp(phoneCall: PhoneCall, uuid: string): Promise<ConversationEvent> {
    try {
      await this.#deps.client.hangUp(phoneCall.host, uuid);
      return { type: 'hung-up', uuid };
    } catch (error) {
      if (isGone(error)) return { type: 'hung-up', uuid };
      this.#report('a leg was not hung up', phoneCall, error);
      return { type: 'hang-up-failed', uuid };
    }
  }

  async setMusic(phoneCall: PhoneCall, uuid: string, isOn: boolean): Promise<void> {
    const { holdMusicUrl } = this.#settings;
    if (holdMusicUrl === null) return;
    const { client } = this.#deps;
    try {
      if (isOn) await client.startMusic(phoneCall.host, uuid, holdMusicUrl);
      else await client.stopMusic(phoneCall.host, uuid);
    } catch (error) {
      this.#report('music was not switched', phoneCall, error);
    }
  }

  finished(phoneCall: PhoneCall): void {
    if (this.#calls.get(phoneCall.id) !== phoneCall) return;
    phoneCall.close();
    this.#whenFinished();
    this.#deps.clock.after(KEEP_ENDED_MS, () => this.#forget(phoneCall));
  }

  /** Resolves when every phone of an ended call is hung up, or soon after. */
  async close(): Promise<void> {
    const isDone = (): boolean => [...this.#calls.values()].every((phoneCall) => phoneCall.isFinished);
    const waited = Promise.withResolvers<void>();
    this.#whenFinished = () => isDone() && waited.resolve();
    const cancel = this.#deps.clock.after(CLOSE_MS, waited.resolve);
    this.#whenFinished();
    await waited.promise;
    cancel();
    for (const phoneCall of this.#calls.values()) phoneCall.close();
  }

  #handOut(ncco: Ncco): Ncco {
    this.#deps.client.noteHandedOut(ncco);
    return ncco;
  }

  #open(
    direction: ConversationState['direction'],
    callerAt: Destination | null,
    agentAt: Destination,
    host: string | null,
    reference: string | null,
  ): PhoneCall {
    const { calls, logger } = this.#deps;
    const { topology, join } = this.#settings;
    const { id } = calls.create({
      topology: topology === 'C' ? 'loopback' : 'two-leg',
      sampleRate: SAMPLE_RATE,
      reference,
    });
    const call = calls.openCall(id);
    const settings = { topology, join, direction, host, callerAt, agentAt };
    const phoneCall = new PhoneCall(call, settings, { ...this.#deps, platform: this });
    call.putUnder(phoneCall);
    this.#calls.set(id, phoneCall);
    logger.info('phone call opened', { callId: id, topology });
    return phoneCall;
  }

  #newLeg(phoneCall: PhoneCall, effect: LegAt): NewLeg {
    const { leg, key } = effect;
    const eventUrl = this.#eventUrl(phoneCall, leg, key);
    const ncco = this.nccoFor(phoneCall, effect);
    if (isPhone(leg))
      return { to: phoneCall.destinationOf(leg), ncco, eventUrl, ringSeconds: RING_MS / 1000 };
    const party = leg === 'caller-media' ? 'caller' : 'agent';
    return { to: socketEndpoint(this.#socketOf(phoneCall, party)), ncco, eventUrl };
  }

  #socketOf({ id: callId }: PhoneCall, leg: LegName) {
    const { uri } = this.#deps.calls.renewLeg(callId, leg);
    return { callId, leg, uri, sampleRate: SAMPLE_RATE, isSigned: true };
  }

  /** Names of ours only: the address lands in logs on its way. */
  #eventUrl({ id }: PhoneCall, leg: ConversationLeg, key: number): string {
    return `${this.#deps.publicUrl()}/webhooks/vonage/event?call=${id}&leg=${leg}&key=${key}`;
  }

  #known(id: string): PhoneCall {
    const phoneCall = this.#calls.get(id);
    if (phoneCall === undefined) throw new AppError('CALL_NOT_FOUND');
    return phoneCall;
  }

  #forget(phoneCall: PhoneCall): void {
    this.#calls.delete(phoneCall.id);
    for (const [uuid, owner] of this.#callOfLeg) if (owner === phoneCall) this.#callOfLeg.delete(uuid);
  }

  #report(message: string, { id: callId }: PhoneCall, error: unknown): void {
    const facts =
      error instanceof PlatformError
        ? { outcome: error.failure, ...(error.status === null ? {} : { status: error.status }) }
        : describeError(error);
    this.#deps.logger.warn(message, { callId, ...facts });
  }
}

function conversationName({ id }: PhoneCall): string {
  return `tonewall-${id}`;
}

function destinationFrom(text: string): Destination {
  const destination = parseDestination(text);
  if (destination === null)
    throw new AppError('DESTINATION_INVALID', { detail: `Expected ${DESTINATION_FORM}.` });
  return destination;
}

function readLeg(query: URLSearchParams): { readonly leg: ConversationLeg; readonly key: number } | null {
  const leg = query.get('leg') ?? '';
  const key = Number(query.get('key'));
  return LEGS.includes(leg) && Number.isSafeInteger(key) ? { leg: leg as ConversationLeg, key } : null;
}

function isGone(error: unknown): boolean {
  return error instanceof PlatformError && error.failure === 'gone';
}
