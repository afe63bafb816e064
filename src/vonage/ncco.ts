import { assert } from '../core/assert.ts';
import type { LegName } from '../core/leg.ts';
import type { SampleRate } from '../core/sample-rate.ts';

/** Vonage refuses more. */
const HEADERS_BYTES_MAX = 512;

/** `endpoint` of a `connect` action. The SDK's type lacks `content-type`, without which Vonage picks the rate. */
interface WebSocketEndpoint {
  readonly type: 'websocket';
  readonly uri: string;
  readonly 'content-type': `audio/l16;rate=${SampleRate}`;
  /** Flattened into the first message of the socket, and echoed in the leg's event webhooks. */
  readonly headers: Readonly<Record<string, string>>;
}

interface ConnectAction {
  readonly action: 'connect';
  /** Makes Vonage ask the event webhook for instructions when the socket fails, instead of going on. */
  readonly eventType: 'synchronous';
  readonly eventUrl?: readonly [string];
  readonly from?: string;
  readonly endpoint: readonly [WebSocketEndpoint];
}

export type Ncco = readonly ConnectAction[];

export interface LegNccoOptions {
  readonly callId: string;
  readonly leg: LegName;
  /** `ws` or `wss`, with a fresh leg token. */
  readonly uri: string;
  readonly sampleRate: SampleRate;
  readonly eventUrl?: string;
  /** A number of the Vonage application. */
  readonly from?: string;
}

/** The NCCO that connects a leg's media. Nothing stands after the `connect`: it would play into the call. */
export function legNcco({ callId, leg, uri, sampleRate, eventUrl, from }: LegNccoOptions): Ncco {
  const headers = { call: callId, leg };
  assert(Buffer.byteLength(JSON.stringify(headers)) <= HEADERS_BYTES_MAX, 'NCCO headers are too long');
  return [
    {
      action: 'connect',
      eventType: 'synchronous',
      ...(eventUrl === undefined ? {} : { eventUrl: [eventUrl] }),
      ...(from === undefined ? {} : { from }),
      endpoint: [{ type: 'websocket', uri, 'content-type': `audio/l16;rate=${sampleRate}`, headers }],
    },
  ];
}
