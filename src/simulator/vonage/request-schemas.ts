import { Type } from 'typebox';
import { Check, Errors } from 'typebox/schema';

/** What the platform takes; a field that is not here is refused, as the platform refuses it. */
const STRICT = { additionalProperties: false };
const Url = Type.String({ pattern: '^https?://' });
const Urls = Type.Array(Url, { minItems: 1, maxItems: 1 });
const LegIds = Type.Array(Type.String({ pattern: '^[0-9a-f-]{36}$' }));
const Method = Type.Enum(['GET', 'POST']);

const WebSocketEndpoint = Type.Object(
  {
    type: Type.Literal('websocket'),
    uri: Type.String({ pattern: '^wss?://' }),
    'content-type': Type.Enum(['audio/l16;rate=8000', 'audio/l16;rate=16000', 'audio/l16;rate=24000']),
    headers: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    authorization: Type.Optional(
      Type.Object({ type: Type.Enum(['vonage', 'custom']), value: Type.Optional(Type.String()) }, STRICT),
    ),
  },
  STRICT,
);

const Endpoint = Type.Union([
  WebSocketEndpoint,
  Type.Object(
    {
      type: Type.Literal('phone'),
      number: Type.String({ pattern: '^[1-9]\\d{5,14}$' }),
      dtmfAnswer: Type.Optional(Type.String()),
    },
    STRICT,
  ),
  Type.Object(
    {
      type: Type.Literal('sip'),
      uri: Type.String({ pattern: '^sips?:' }),
      headers: Type.Optional(Type.Record(Type.String(), Type.String())),
      // The library sends an empty one along.
      standard_headers: Type.Optional(Type.Object({ 'User-to-User': Type.Optional(Type.String()) }, STRICT)),
    },
    STRICT,
  ),
  Type.Object({ type: Type.Literal('app'), user: Type.String({ minLength: 1 }) }, STRICT),
]);

const Action = Type.Union([
  Type.Object(
    {
      action: Type.Literal('connect'),
      endpoint: Type.Array(Endpoint, { minItems: 1, maxItems: 1 }),
      from: Type.Optional(Type.String()),
      eventType: Type.Optional(Type.Literal('synchronous')),
      timeout: Type.Optional(Type.Integer({ minimum: 1, maximum: 120 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 7200 })),
      eventUrl: Type.Optional(Urls),
      eventMethod: Type.Optional(Method),
    },
    STRICT,
  ),
  Type.Object(
    {
      action: Type.Literal('conversation'),
      name: Type.String({ minLength: 1 }),
      startOnEnter: Type.Optional(Type.Boolean()),
      endOnExit: Type.Optional(Type.Boolean()),
      musicOnHoldUrl: Type.Optional(Urls),
      record: Type.Optional(Type.Boolean()),
      canSpeak: Type.Optional(LegIds),
      canHear: Type.Optional(LegIds),
      mute: Type.Optional(Type.Boolean()),
    },
    STRICT,
  ),
  Type.Object(
    {
      action: Type.Literal('talk'),
      text: Type.String({ minLength: 1, maxLength: 1500 }),
      language: Type.Optional(Type.String()),
    },
    STRICT,
  ),
  Type.Object(
    {
      action: Type.Literal('stream'),
      streamUrl: Urls,
      loop: Type.Optional(Type.Integer({ minimum: 0 })),
      level: Type.Optional(Type.Union([Type.String(), Type.Number()])),
    },
    STRICT,
  ),
]);

const Ncco = Type.Array(Action, { minItems: 1 });

const NewCall = Type.Object(
  {
    to: Type.Array(Endpoint, { minItems: 1, maxItems: 1 }),
    from: Type.Object(
      { type: Type.Literal('phone'), number: Type.String({ pattern: '^\\d{6,15}$' }) },
      STRICT,
    ),
    ncco: Ncco,
    event_url: Type.Optional(Urls),
    event_method: Type.Optional(Method),
    ringing_timer: Type.Optional(Type.Integer({ minimum: 1, maximum: 120 })),
    length_timer: Type.Optional(Type.Integer({ minimum: 1, maximum: 7200 })),
  },
  STRICT,
);

const CallChange = Type.Union([
  Type.Object({ action: Type.Enum(['hangup', 'mute', 'unmute', 'earmuff', 'unearmuff']) }, STRICT),
  Type.Object(
    {
      action: Type.Literal('transfer'),
      destination: Type.Object({ type: Type.Literal('ncco'), ncco: Ncco }, STRICT),
    },
    STRICT,
  ),
]);

const Stream = Type.Object(
  {
    stream_url: Urls,
    loop: Type.Optional(Type.Integer({ minimum: 0 })),
    level: Type.Optional(Type.Union([Type.String(), Type.Number()])),
  },
  STRICT,
);

const Message = Type.Object(
  {
    channel: Type.Literal('sms'),
    message_type: Type.Literal('text'),
    to: Type.String({ pattern: '^[1-9]\\d{6,14}$' }),
    from: Type.String({ minLength: 1, maxLength: 15 }),
    text: Type.String({ minLength: 1, maxLength: 1000 }),
    client_ref: Type.Optional(Type.String({ maxLength: 100 })),
    ttl: Type.Optional(Type.Integer({ minimum: 1 })),
    webhook_url: Type.Optional(Url),
  },
  STRICT,
);

const SCHEMAS = { ncco: Ncco, call: NewCall, change: CallChange, stream: Stream, message: Message } as const;

export interface SocketEndpoint {
  readonly type: 'websocket';
  readonly uri: string;
  readonly 'content-type': string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly authorization?: { readonly type: 'vonage' | 'custom'; readonly value?: string };
}

export type CallEndpoint =
  | SocketEndpoint
  | { readonly type: 'phone'; readonly number: string }
  | { readonly type: 'sip'; readonly uri: string }
  | { readonly type: 'app'; readonly user: string };

export type NccoAction =
  | {
      readonly action: 'connect';
      readonly endpoint: readonly [CallEndpoint];
      readonly eventType?: 'synchronous';
      readonly eventUrl?: readonly [string];
    }
  | {
      readonly action: 'conversation';
      readonly name: string;
      readonly canSpeak?: readonly string[];
      readonly canHear?: readonly string[];
      readonly mute?: boolean;
      readonly endOnExit?: boolean;
    }
  | { readonly action: 'talk' }
  | { readonly action: 'stream' };

export interface NewCallBody {
  readonly to: readonly [CallEndpoint];
  readonly ncco: readonly NccoAction[];
  readonly event_url?: readonly [string];
  readonly ringing_timer?: number;
}

export type CallChangeBody =
  | { readonly action: 'hangup' | 'mute' | 'unmute' | 'earmuff' | 'unearmuff' }
  | { readonly action: 'transfer'; readonly destination: { readonly ncco: readonly NccoAction[] } };

export interface MessageBody {
  readonly to: string;
  readonly text: string;
  readonly webhook_url?: string;
}

/** The first thing that is wrong with a body; null if nothing is. */
export function problemWith(kind: keyof typeof SCHEMAS, body: unknown): string | null {
  if (!Check(SCHEMAS[kind], body)) {
    const [first] = Errors(SCHEMAS[kind], body)[1];
    return `${first?.instancePath ?? ''} ${first?.message ?? 'is not as documented'}`.trim();
  }
  return tooLongHeaders(body) ? 'websocket headers are longer than 512 bytes' : null;
}

function tooLongHeaders(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(tooLongHeaders);
  if (typeof value !== 'object' || value === null) return false;
  const { headers } = value as { readonly headers?: unknown };
  if (headers !== undefined && Buffer.byteLength(JSON.stringify(headers)) > 512) return true;
  return Object.values(value).some(tooLongHeaders);
}
