import { randomUUID } from 'node:crypto';
import { AudioGraph, hears } from './audio-graph.ts';
import { FRAME_SAMPLES, MediaSocket } from './media-socket.ts';
import type { CallEndpoint, NccoAction, SocketEndpoint } from './request-schemas.ts';
import { problemWith } from './request-schemas.ts';
import type { SimulatedPhone } from './simulated-phone.ts';
import type { WebhookSender } from './webhook-sender.ts';

const FRAME_MS = 20;
/** How long a phone rings before somebody answers. */
const RING_MS = 60;
/** An instruction is taken at once and carried out a little later. */
const EFFECT_MS = 25;
const TALK_MS = 100;

type Status = 'started' | 'ringing' | 'answered' | 'over';

export interface ExchangeLeg {
  readonly uuid: string;
  readonly isPhone: boolean;
  readonly direction: 'inbound' | 'outbound';
  readonly eventUrl: string | null;
  readonly phone: SimulatedPhone | null;
  readonly endpoint: SocketEndpoint | null;
  socket: MediaSocket | null;
  status: Status;
  conversation: string | null;
  canSpeak: readonly string[] | null;
  canHear: readonly string[] | null;
  isMuted: boolean;
  isEarmuffed: boolean;
  music: string | null;
  /** Counts instructions: those before the newest are void. */
  instruction: number;
  /** For a socket that a `connect` opened: the leg that asked for it. */
  readonly connectedBy: ExchangeLeg | null;
  /** The number of the instruction by which it did. */
  readonly connectedAs: number;
}

export interface ExchangeSettings {
  readonly webhooks: WebhookSender;
  /** Where events of legs without an address of their own go. */
  readonly eventUrl: () => string;
  /** Whom an endpoint rings; null for nobody. */
  readonly phoneAt: (endpoint: CallEndpoint) => SimulatedPhone | null;
  /** Asked before each media socket is opened; for tests. */
  readonly socketFault?: (index: number) => 'refuse' | null;
}

/** Legs, conversations and instructions: what the platform does with calls. */
export class Exchange {
  readonly graph = new AudioGraph();
  /** What the server did that the platform would not understand. */
  readonly faults: string[] = [];
  readonly legs = new Map<string, ExchangeLeg>();
  readonly #settings: ExchangeSettings;
  readonly #clock: NodeJS.Timeout;
  readonly #startedAtMs = performance.now();
  #ticks = 0;
  #sockets = 0;
  #isStopped = false;

  constructor(settings: ExchangeSettings) {
    this.#settings = settings;
    // Timers are late, never early: the schedule is kept by counting frames against the clock.
    this.#clock = setInterval(() => this.#mixDue(), FRAME_MS / 2);
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#clock);
    for (const leg of this.legs.values()) if (leg.status !== 'over') this.#leave(leg);
  }

  /** A phone calls our number; resolves when it is answered with instructions or given up. */
  async receive(
    phone: SimulatedPhone,
    askWhatToDo: (leg: ExchangeLeg) => Promise<unknown>,
  ): Promise<ExchangeLeg> {
    const leg = this.#makeLeg('inbound', this.#settings.eventUrl(), phone, null, null);
    void this.#tell(leg, 'started');
    void this.#tell(leg, 'ringing');
    const ncco = await askWhatToDo(leg);
    if (problemWith('ncco', ncco) !== null) {
      this.#end(leg);
      return leg;
    }
    this.#answerPhone(leg);
    this.#run(leg, ncco as readonly NccoAction[]);
    return leg;
  }

  /** Makes a leg and rings it. */
  originate(to: CallEndpoint, ncco: readonly NccoAction[], eventUrl: string | null): ExchangeLeg {
    const isSocket = to.type === 'websocket';
    const phone = isSocket ? null : this.#settings.phoneAt(to);
    const leg = this.#makeLeg(
      'outbound',
      eventUrl ?? this.#settings.eventUrl(),
      phone,
      isSocket ? to : null,
      null,
    );
    void this.#begin(leg, () => this.#run(leg, ncco));
    return leg;
  }

  /** Gives a leg new instructions; what it did before ends. */
  transfer(leg: ExchangeLeg, ncco: readonly NccoAction[]): void {
    this.#run(leg, ncco);
  }

  hangUp(leg: ExchangeLeg): void {
    this.#end(leg);
  }

  change(leg: ExchangeLeg, change: Partial<Pick<ExchangeLeg, 'isMuted' | 'isEarmuffed' | 'music'>>): void {
    Object.assign(leg, change);
    this.graph.record(this.legs.values());
  }

  /** The network breaks a media socket. */
  dropSocket(leg: ExchangeLeg): void {
    leg.socket?.drop();
  }

  #makeLeg(
    direction: ExchangeLeg['direction'],
    eventUrl: string | null,
    phone: SimulatedPhone | null,
    endpoint: SocketEndpoint | null,
    connectedBy: ExchangeLeg | null,
  ): ExchangeLeg {
    const leg: ExchangeLeg = {
      uuid: randomUUID(),
      isPhone: endpoint === null,
      direction,
      eventUrl,
      phone,
      endpoint,
      connectedBy,
      connectedAs: connectedBy?.instruction ?? 0,
      socket: null,
      status: 'started',
      conversation: `CON-${randomUUID()}`,
      canSpeak: null,
      canHear: null,
      isMuted: false,
      isEarmuffed: false,
      music: null,
      instruction: 0,
    };
    this.legs.set(leg.uuid, leg);
    return leg;
  }

  /** Rings a phone or opens a socket; `answered` when it is there. */
  async #begin(leg: ExchangeLeg, answered: () => void): Promise<void> {
    void this.#tell(leg, 'started');
    if (leg.endpoint !== null) return this.#openSocket(leg, leg.endpoint, answered);
    if (leg.phone === null) return this.#fail(leg, 'failed', { detail: 'cannot_route' });
    await this.#tell(leg, 'ringing');
    await delay(RING_MS);
    if (leg.status === 'over') return;
    switch (leg.phone.answering) {
      case 'answers':
        this.#answerPhone(leg);
        return answered();
      case 'busy':
        return this.#fail(leg, 'busy');
      case 'declines':
        return this.#fail(leg, 'rejected', { detail: 'declined' });
      case 'never':
    }
  }

  #answerPhone(leg: ExchangeLeg): void {
    leg.status = 'answered';
    void this.#tell(leg, 'answered');
    leg.phone?.connect(leg.uuid, {
      hangUp: () => this.#end(leg),
      keyPressed: (key) => this.#keyPressed(leg, key),
    });
  }

  async #openSocket(leg: ExchangeLeg, endpoint: SocketEndpoint, answered: () => void): Promise<void> {
    if (this.#settings.socketFault?.(this.#sockets++) === 'refuse') {
      return this.#fail(leg, 'failed', { detail: 'cannot_route' });
    }
    const { authorization } = endpoint;
    const token = authorization?.type === 'vonage' ? `Bearer ${await this.#settings.webhooks.token()}` : null;
    if (leg.status === 'over') return;
    leg.socket = new MediaSocket(
      endpoint.uri,
      endpoint['content-type'],
      endpoint.headers ?? {},
      token ?? authorization?.value ?? null,
      {
        opened: () => {
          if (leg.status === 'over') return;
          leg.status = 'answered';
          void this.#tell(leg, 'answered');
          answered();
        },
        failed: () => void this.#fail(leg, 'failed', { detail: 'cannot_route' }),
        lost: () => void this.#fail(leg, 'disconnected'),
        fault: (what) => this.faults.push(what),
      },
    );
  }

  /** Ends a leg that did not come about, or a socket that was lost, and does what the answer says. */
  async #fail(leg: ExchangeLeg, status: string, more: object = {}): Promise<void> {
    if (leg.status === 'over' || this.#isStopped) return;
    this.#leave(leg);
    const { headers } = leg.endpoint ?? {};
    const answer = await this.#tell(leg, status, headers === undefined ? more : { ...more, headers });
    const owner = leg.connectedBy;
    if (owner === null || !isStillConnected(leg)) return;
    if (problemWith('ncco', answer) === null) this.#run(owner, answer as readonly NccoAction[]);
    else this.#end(owner);
  }

  #run(leg: ExchangeLeg, ncco: readonly NccoAction[]): void {
    const instruction = ++leg.instruction;
    const isCurrent = (): boolean => leg.instruction === instruction && leg.status === 'answered';
    void (async () => {
      await delay(EFFECT_MS);
      for (const action of ncco) {
        if (!isCurrent()) return;
        if (action.action === 'conversation') return this.#enter(leg, action);
        if (action.action === 'connect') return this.#connect(leg, action);
        await delay(TALK_MS);
      }
      if (isCurrent()) this.#end(leg);
    })();
  }

  #enter(leg: ExchangeLeg, action: Extract<NccoAction, { action: 'conversation' }>): void {
    const from = leg.conversation;
    leg.conversation = `NAM-${action.name}`;
    leg.canSpeak = action.canSpeak ?? null;
    leg.canHear = action.canHear ?? null;
    leg.isMuted = action.mute ?? false;
    this.graph.record(this.legs.values());
    void this.#post(leg, 'transfer', {
      type: 'transfer',
      conversation_uuid_from: from,
      conversation_uuid_to: leg.conversation,
      uuid: leg.uuid,
    });
  }

  /** The leg goes into a conversation of its own with what it is connected to. */
  #connect(leg: ExchangeLeg, action: Extract<NccoAction, { action: 'connect' }>): void {
    leg.conversation = `CON-${randomUUID()}`;
    leg.canSpeak = null;
    leg.canHear = null;
    this.graph.record(this.legs.values());
    const [endpoint] = action.endpoint;
    const eventUrl = action.eventUrl?.[0] ?? leg.eventUrl;
    const isSocket = endpoint.type === 'websocket';
    const phone = isSocket ? null : this.#settings.phoneAt(endpoint);
    const other = this.#makeLeg('outbound', eventUrl, phone, isSocket ? endpoint : null, leg);
    const { conversation } = leg;
    void this.#begin(other, () => {
      other.conversation = conversation;
      this.graph.record(this.legs.values());
    });
  }

  #keyPressed(leg: ExchangeLeg, key: string): void {
    for (const other of this.legs.values()) {
      if (other.conversation === leg.conversation && other !== leg) other.socket?.tellKey(key);
    }
  }

  #end(leg: ExchangeLeg): void {
    if (leg.status === 'over') return;
    const owner = leg.connectedBy;
    // The instructions of whoever connected it have nothing left after that.
    const isLast = isStillConnected(leg);
    this.#leave(leg);
    void this.#tell(leg, 'completed');
    if (isLast && owner !== null) this.#end(owner);
    for (const other of this.legs.values()) {
      if (other.connectedBy === leg && other.connectedAs === leg.instruction) this.#end(other);
    }
  }

  #leave(leg: ExchangeLeg): void {
    leg.status = 'over';
    leg.conversation = null;
    leg.socket?.close();
    leg.phone?.disconnect();
    this.graph.record(this.legs.values());
  }

  #tell(leg: ExchangeLeg, status: string, more: object = {}): Promise<unknown> {
    const { uuid, direction, conversation } = leg;
    const known = status === 'disconnected' ? {} : { direction };
    return this.#post(leg, status, { uuid, status, conversation_uuid: conversation, ...known, ...more });
  }

  async #post(leg: ExchangeLeg, what: string, body: object): Promise<unknown> {
    if (leg.eventUrl === null || this.#isStopped) return null;
    const timestamp = new Date().toISOString();
    const kind = leg.isPhone ? what : `socket ${what}`;
    return this.#settings.webhooks.post(leg.eventUrl, kind, { ...body, timestamp });
  }

  #mixDue(): void {
    const due = Math.floor((performance.now() - this.#startedAtMs) / FRAME_MS);
    // After a long stall the past is past: a burst of old frames helps nobody.
    this.#ticks = Math.max(this.#ticks, due - 25);
    for (; this.#ticks < due; this.#ticks += 1) this.#mix();
  }

  #mix(): void {
    const live = [...this.legs.values()].filter((leg) => leg.status === 'answered');
    const spoken = new Map<ExchangeLeg, Int16Array>();
    for (const leg of live) {
      const frame = leg.phone?.nextFrame() ?? leg.socket?.nextFrame() ?? null;
      if (frame !== null) spoken.set(leg, frame);
    }
    for (const listener of live) {
      const heard = [...spoken].filter(([speaker]) => hears(listener, speaker)).map(([, frame]) => frame);
      // The platform sends nothing to a socket when there is nothing to hear.
      if (heard.length > 0) listener.socket?.send(mixed(heard));
      listener.phone?.hear(mixed(heard));
    }
  }
}

function isStillConnected({ connectedBy, connectedAs }: ExchangeLeg): boolean {
  return connectedBy?.status === 'answered' && connectedBy.instruction === connectedAs;
}

function mixed(frames: readonly Int16Array[]): Int16Array {
  const sum = new Int16Array(FRAME_SAMPLES);
  for (const index of sum.keys()) {
    const sample = frames.reduce((total, frame) => total + (frame[index] ?? 0), 0);
    sum[index] = Math.max(-32768, Math.min(32767, sample));
  }
  return sum;
}

function delay(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
