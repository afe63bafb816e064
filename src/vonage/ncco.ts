import { assert } from '../core/assert.ts';
import type { LegName } from '../core/leg.ts';
import type { SampleRate } from '../core/sample-rate.ts';

/** Vonage refuses more. */
const HEADERS_BYTES_MAX = 512;

/** `endpoint` of a `connect` action. The SDK's type lacks `content-type`, without which Vonage picks the rate. */
export interface WebSocketEndpoint {
  readonly type: 'websocket';
  readonly uri: string;
  readonly 'content-type': `audio/l16;rate=${SampleRate}`;
  /** Flattened into the first message of the socket, and echoed in the leg's event webhooks. */
  readonly headers: Readonly<Record<string, string>>;
  /** `vonage`: the handshake carries a token that is signed with the signature secret. */
  readonly authorization?: { readonly type: 'vonage' };
}

interface ConnectAction {
  readonly action: 'connect';
  /** Makes Vonage ask the event webhook for instructions when the socket fails, instead of going on. */
  readonly eventType: 'synchronous';
  readonly eventUrl?: readonly [string];
  readonly endpoint: readonly [WebSocketEndpoint];
}

interface ConversationAction {
  readonly action: 'conversation';
  readonly name: string;
  readonly startOnEnter: true;
  /** Ids of legs. Without the list: everybody. */
  readonly canSpeak?: readonly string[];
  readonly canHear?: readonly string[];
}

interface TalkAction {
  readonly action: 'talk';
  readonly text: string;
}

export type NccoAction = ConnectAction | ConversationAction | TalkAction;
export type Ncco = readonly NccoAction[];

export interface SocketOptions {
  readonly callId: string;
  readonly leg: LegName;
  /** `ws` or `wss`, with a fresh leg token. */
  readonly uri: string;
  readonly sampleRate: SampleRate;
  /** Whether Vonage signs the handshake. */
  readonly isSigned?: boolean;
}

export interface LegNccoOptions extends SocketOptions {
  readonly eventUrl?: string;
}

/** The endpoint of a leg's media, for a `connect` action or for `to` of a new call. */
export function socketEndpoint({ callId, leg, uri, sampleRate, isSigned }: SocketOptions): WebSocketEndpoint {
  const headers = { call: callId, leg };
  assert(Buffer.byteLength(JSON.stringify(headers)) <= HEADERS_BYTES_MAX, 'NCCO headers are too long');
  return {
    type: 'websocket',
    uri,
    'content-type': `audio/l16;rate=${sampleRate}`,
    headers,
    ...(isSigned === true ? { authorization: { type: 'vonage' } } : {}),
  };
}

/** The NCCO that connects a leg's media. Nothing stands after the `connect`: it would play into the call. */
export function legNcco({ eventUrl, ...socket }: LegNccoOptions): Ncco {
  return [
    {
      action: 'connect',
      eventType: 'synchronous',
      ...(eventUrl === undefined ? {} : { eventUrl: [eventUrl] }),
      endpoint: [socketEndpoint(socket)],
    },
  ];
}

/** The NCCO that puts a leg into the named conversation of its call. */
export function conversationNcco(
  name: string,
  canSpeak: readonly string[] | 'everyone',
  canHear: readonly string[] | 'everyone',
): Ncco {
  return [
    {
      action: 'conversation',
      name,
      startOnEnter: true,
      ...(canSpeak === 'everyone' ? {} : { canSpeak }),
      ...(canHear === 'everyone' ? {} : { canHear }),
    },
  ];
}

/** Says one sentence; the call ends after it. */
export function talkNcco(text: string): Ncco {
  return [{ action: 'talk', text }];
}
