import type * as Library from '@vonage/server-sdk';
import type { Vonage } from '@vonage/server-sdk';
import type { Clock } from '../core/clock.ts';
import type { Destination } from '../core/destination.ts';
import type { Meter } from '../core/meter.ts';
import { assert } from '../core/assert.ts';
import type { Ncco, WebSocketEndpoint } from './ncco.ts';
import { PlatformError, platformErrorOf } from './platform-error.ts';
import { RequestQueue } from './request-queue.ts';
import type { RequestKind } from './request-queue.ts';

/** Vonage answers within a second; the caller's ear is the measure. */
const TIMEOUT_MS = 5_000;
/** A request refused as one too many is sent again this often; each has its turn in the queue. */
const RATE_TRIES = 5;
const DEFAULT_HOST = 'https://api.nexmo.com';
/** The rate of an NCCO's `connect` is limited with that of new calls. */
const kindOf = (ncco: Ncco): RequestKind =>
  ncco.some(({ action }) => action === 'connect') ? 'create' : 'change';

type Operation = 'create' | 'transfer' | 'hang-up' | 'stream' | 'message';
type OutboundCall = Parameters<Vonage['voice']['createOutboundCall']>[0];
type Actions = Parameters<Vonage['voice']['transferCallWithNCCO']>[1];

export interface PlatformSettings {
  readonly applicationId: string;
  readonly privateKey: string;
  /** Our number, without `+`. */
  readonly number: string;
  /** Null: Vonage itself. */
  readonly apiHost: string | null;
}

export interface NewLeg {
  readonly to: Destination | WebSocketEndpoint;
  readonly ncco: Ncco;
  readonly eventUrl: string;
  /** How long a phone rings. */
  readonly ringSeconds?: number;
}

/**
 * The requests to Vonage, by its own library. Each waits for its turn; one that is refused as one too many is
 * repeated. Every method rejects with `PlatformError` only. `host` is that of the call's region.
 */
export class PlatformClient {
  readonly #settings: PlatformSettings;
  readonly #meter: Meter;
  readonly #queue: RequestQueue;
  readonly #clients = new Map<string, Vonage>();
  #library: Promise<typeof Library> | null = null;

  constructor(
    settings: PlatformSettings,
    { clock, meter }: { readonly clock: Clock; readonly meter: Meter },
  ) {
    this.#settings = settings;
    this.#meter = meter;
    this.#queue = new RequestQueue(clock);
  }

  /** Loads Vonage's library, a thousand files, which is otherwise done at the first request. Never rejects. */
  async prepare(): Promise<void> {
    await this.#load().catch(() => undefined);
  }

  async createLeg(host: string | null, { to, ncco, eventUrl, ringSeconds }: NewLeg): Promise<string> {
    const call = {
      to: [to],
      from: { type: 'phone', number: this.#settings.number },
      ncco,
      eventUrl: [eventUrl],
      eventMethod: 'POST',
      ...(ringSeconds === undefined ? {} : { ringingTimer: ringSeconds }),
    };
    // The library's types know neither `content-type` nor `authorization` of a socket; it sends both as they are.
    const made = await this.#ask('create', 'create', (client) =>
      client(host).voice.createOutboundCall(call as unknown as OutboundCall),
    );
    assert(typeof made.uuid === 'string', 'a new leg has an id');
    return made.uuid;
  }

  async transfer(host: string | null, uuid: string, ncco: Ncco): Promise<void> {
    await this.#ask('transfer', kindOf(ncco), (client) =>
      client(host).voice.transferCallWithNCCO(uuid, ncco as unknown as Actions),
    );
  }

  async hangUp(host: string | null, uuid: string): Promise<void> {
    await this.#ask('hang-up', 'change', (client) => client(host).voice.hangupCall(uuid));
  }

  /** Plays an audio file to one leg until it is stopped. */
  async startMusic(host: string | null, uuid: string, url: string): Promise<void> {
    await this.#ask('stream', 'change', (client) => client(host).voice.streamAudio(uuid, url, 0));
  }

  async stopMusic(host: string | null, uuid: string): Promise<void> {
    await this.#ask('stream', 'change', (client) => client(host).voice.stopStreamAudio(uuid));
  }

  async sendSms(to: string, text: string, statusUrl: string): Promise<string> {
    const message = {
      channel: 'sms',
      messageType: 'text',
      to,
      from: this.#settings.number,
      text,
      webhookUrl: statusUrl,
    };
    const sent = await this.#ask('message', 'change', (client) =>
      client(null).messages.send(message as Parameters<Vonage['messages']['send']>[0]),
    );
    return sent.messageUUID;
  }

  /** Instructions leave in the answer to a webhook; a `connect` in them counts as a request. */
  noteHandedOut(ncco: Ncco): void {
    if (kindOf(ncco) === 'create') this.#queue.note('create');
  }

  async #ask<T>(
    operation: Operation,
    kind: RequestKind,
    request: (client: (host: string | null) => Vonage) => Promise<T>,
  ): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      await this.#queue.turn(kind);
      // The library's error ends here: it holds the token and the body of the request.
      const answer = await this.#load()
        .then((library) => request((host) => this.#clientFor(library, host)))
        .then(
          (value) => ({ value }),
          (error: unknown) => platformErrorOf(error),
        );
      this.#count(operation, answer instanceof PlatformError ? answer.failure : 'ok');
      if (!(answer instanceof PlatformError)) return answer.value;
      if (answer.failure !== 'rate-limited' || tries >= RATE_TRIES) throw answer;
      this.#queue.backOff(kind);
    }
  }

  #count(operation: Operation, result: 'ok' | PlatformError['failure']): void {
    this.#meter.counter('platform_requests_total', { operation, result }).add(1);
  }

  #load(): Promise<typeof Library> {
    return (this.#library ??= import('@vonage/server-sdk'));
  }

  #clientFor(library: typeof Library, callHost: string | null): Vonage {
    const { applicationId, privateKey, apiHost } = this.#settings;
    const host = apiHost ?? callHost ?? DEFAULT_HOST;
    let client = this.#clients.get(host);
    if (client === undefined) {
      client = new library.Vonage({ applicationId, privateKey }, { apiHost: host, timeout: TIMEOUT_MS });
      this.#clients.set(host, client);
    }
    return client;
  }
}
