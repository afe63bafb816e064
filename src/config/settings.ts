import { Type } from 'typebox';
import type { Static } from 'typebox';
import { DESTINATION_FORM } from '../core/destination.ts';
import { LOG_LEVELS } from '../core/log-level.ts';
import { MASK_MODES, MASK_POLICIES, MASKING_DEFAULTS } from '../core/masking.ts';
import { JOIN_MODES, MEDIA_TOPOLOGIES } from '../core/media-join.ts';

/**
 * Every environment variable, in the order of the README's table, which is made from this schema. `expected`
 * says in words what a text must look like; numbers and lists say it themselves, with `unit`.
 */
export const SETTINGS = Type.Object({
  TONEWALL_HOST: Type.String({
    default: '127.0.0.1',
    pattern: '^[A-Za-z0-9.:_-]{1,255}$',
    expected: 'a host name or an IP address',
    description: 'Address to listen on.',
  }),
  TONEWALL_PORT: Type.Integer({
    default: 8080,
    minimum: 0,
    maximum: 65535,
    description: 'Port to listen on; 0 picks a free one. The line logged at start has the `url`.',
  }),
  TONEWALL_PUBLIC_URL: Type.Optional(
    Type.String({
      expected: 'an http:// or https:// address without user, query and fragment',
      shownDefault: '`http://HOST:PORT`',
      description:
        'Base of every link handed out: media (`ws` or `wss` made from it), agent workspace, events.',
    }),
  ),
  TONEWALL_API_KEYS: Type.String({
    expected:
      'name:secret pairs with commas between; names of letters, digits, dots, - and _; secrets of visible ASCII characters; nothing twice',
    shownDefault: 'none, required',
    description:
      'Keys of the REST API. The name goes to the logs, of the secret only a hash is kept. Use 24 random characters or more.',
  }),
  TONEWALL_DATABASE: Type.String({
    default: './data/tonewall.db',
    pattern: '^[^\\0]{1,4096}$',
    expected:
      'the path of an SQLite file, or postgres://USER:PASSWORD@HOST:PORT/DATABASE, with ?sslmode= of disable, no-verify or verify-full',
    description: 'Where payments are journaled (“PostgreSQL” below tells more about the second form).',
  }),
  TONEWALL_PROFILES: Type.Optional(
    Type.String({
      expected: 'the path of a JSON file with payment profiles',
      shownDefault: 'none',
      description: 'The payment profiles that agents can pick.',
    }),
  ),
  TONEWALL_TWILIO_ACCOUNT_SID: Type.Optional(
    Type.String({
      pattern: '^AC[0-9a-fA-F]{32}$',
      expected: 'AC and 32 hexadecimal digits',
      shownDefault: 'none',
      description: 'Account of the Twilio-compatible API (docs/twilio.md); without it there is no such API.',
    }),
  ),
  TONEWALL_TWILIO_AUTH_TOKEN: Type.Optional(
    Type.String({
      pattern: '^[!-~]{16,256}$',
      expected: '16 to 256 visible ASCII characters',
      shownDefault: 'none',
      description: 'Password of that account, and key of its callback signatures. Needed with it.',
    }),
  ),
  TONEWALL_TWILIO_CALLBACK_BASE: Type.Optional(
    Type.String({
      expected: 'an http:// or https:// address without user, query and fragment',
      shownDefault: 'none',
      description:
        'Base of relative `StatusCallback` addresses. When it is set, callbacks go to its origin alone; it should be.',
    }),
  ),
  TONEWALL_WEBHOOK_URL: Type.Optional(
    Type.String({
      expected:
        'an https:// address, or an http:// address of this machine, without user and fragment, and TONEWALL_WEBHOOK_SECRET beside it',
      shownDefault: 'none',
      description: 'Where the results of payments are posted (docs/webhooks.md).',
    }),
  ),
  TONEWALL_WEBHOOK_SECRET: Type.Optional(
    Type.String({
      expected:
        'whsec_ and 24 to 64 random bytes in base64, or two of them with a comma between, and TONEWALL_WEBHOOK_URL beside it',
      shownDefault: 'none',
      description: 'Signs what is posted; with two, both sign, while one replaces the other.',
    }),
  ),
  TONEWALL_EMBED_ORIGINS: Type.Optional(
    Type.String({
      expected: 'origins such as https://crm.example with commas between, nothing twice',
      shownDefault: 'none',
      description:
        'Sites whose pages may embed the agent panel: their browsers may call the REST API with an agent token.',
    }),
  ),
  TONEWALL_MASK_MODE: Type.Enum([...MASK_MODES], {
    default: 'tone',
    description: 'What the agent hears instead of keys: a flat tone, silence, or comfort noise.',
  }),
  TONEWALL_MASK_POLICY: Type.Enum([...MASK_POLICIES], {
    default: 'always',
    description: '`always`: keys are masked during the whole call; `payment`: only while a payment is open.',
  }),
  TONEWALL_MASK_FREQUENCY_HZ: Type.Number({
    default: MASKING_DEFAULTS.frequencyHz,
    minimum: 300,
    maximum: 3400,
    unit: 'Hz',
    description: 'Frequency of the flat tone; more than 6 % away from every DTMF frequency.',
  }),
  TONEWALL_MASK_LEVEL_DBM0: Type.Number({
    default: MASKING_DEFAULTS.levelDbm0,
    minimum: -40,
    maximum: -6,
    unit: 'dBm0',
    description: 'Level of the flat tone; a full-scale sine is +3.14 dBm0.',
  }),
  TONEWALL_LOOKAHEAD_MS: Type.Number({
    default: MASKING_DEFAULTS.lookaheadMs,
    // The onset is noticed 2 to 4 ms after it began, and a conversion between the legs' rates takes up to 1 ms.
    minimum: 3,
    maximum: 10,
    unit: 'ms',
    description: "Hold-back of the caller's audio. Less delays less and leaks more.",
  }),
  VONAGE_APPLICATION_ID: Type.Optional(
    Type.String({
      pattern: '^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
      expected: 'the id of a Vonage application, a UUID',
      shownDefault: 'none',
      description:
        'The application that carries the calls. This and the next three are set together or not at all.',
    }),
  ),
  VONAGE_PRIVATE_KEY: Type.Optional(
    Type.String({
      expected: 'the private key of the application in PEM, or the path of a file with it',
      shownDefault: 'none',
      description: 'Signs requests to Vonage. Line breaks may be written as `\\n`.',
    }),
  ),
  VONAGE_SIGNATURE_SECRET: Type.Optional(
    Type.String({
      pattern: '^[!-~]{8,256}$',
      expected: 'the signature secret of the Vonage account, 8 visible ASCII characters or more',
      shownDefault: 'none',
      description: 'What Vonage signs webhooks and media connections with.',
    }),
  ),
  VONAGE_NUMBER: Type.Optional(
    Type.String({
      pattern: '^\\+?[1-9]\\d{5,14}$',
      expected: 'a phone number with country code',
      shownDefault: 'none',
      description:
        'A number of the application: what agents and contacts see when they are called, and the sender of text messages.',
    }),
  ),
  VONAGE_API_HOST: Type.Optional(
    Type.String({
      expected: 'an http:// or https:// address without path, user, query and fragment',
      shownDefault: 'Vonage, in the region of each call',
      description: 'Another address of the Vonage API, such as a simulator.',
    }),
  ),
  TONEWALL_AGENT_DESTINATION: Type.Optional(
    Type.String({
      expected: DESTINATION_FORM,
      shownDefault: 'none: inbound calls are refused',
      description: 'The agent that inbound calls ring. This and the next three need the Vonage variables.',
    }),
  ),
  TONEWALL_MEDIA_JOIN: Type.Enum([...JOIN_MODES], {
    default: 'always',
    description:
      '`always`: caller and agent talk through the bridge from the start; `payment`: directly, and through the bridge only while a payment is open.',
  }),
  TONEWALL_MEDIA_TOPOLOGY: Type.Enum([...MEDIA_TOPOLOGIES], {
    default: 'A',
    description:
      'How Vonage connects the parties with the bridge: in two conversations (`A`), in one with two sockets (`B`), or in one with a socket from the caller to the agent only (`C`).',
  }),
  TONEWALL_HOLD_MUSIC_URL: Type.Optional(
    Type.String({
      expected: 'an http:// or https:// address without user, query and fragment',
      shownDefault: 'none: silence',
      description: 'An MP3 or WAV file that Vonage plays to a caller who waits for an agent.',
    }),
  ),
  TONEWALL_MAX_CALLS: Type.Integer({
    default: 1000,
    minimum: 1,
    maximum: 4000,
    description: 'Calls at the same time; more are refused with 503.',
  }),
  TONEWALL_LINK_MINUTES: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 4320,
    unit: 'minutes',
    description: 'How long the link of a self-service payment works.',
  }),
  TONEWALL_WORKERS: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 64,
    description:
      'Processes that carry the media of calls, one core each; with 1 the main process carries it itself.',
  }),
  TONEWALL_OVERLOAD_LATENESS_MS: Type.Integer({
    // Two frames and a half: more than a busy moment, and less than what a conversation suffers from.
    default: 50,
    minimum: 1,
    maximum: 1000,
    unit: 'ms',
    description: 'While frames wait longer than this for the processor, new calls are refused with 503.',
  }),
  TONEWALL_DRAIN_SECONDS: Type.Integer({
    default: 900,
    minimum: 0,
    maximum: 86_400,
    unit: 's',
    description:
      'After SIGTERM, open calls may go on for this long; those with an open payment for as long again, at most 120 s.',
  }),
  TONEWALL_RETENTION_DAYS: Type.Integer({
    default: 400,
    minimum: 1,
    maximum: 3650,
    unit: 'days',
    description:
      'Payments that ended longer ago are forgotten, and so are older entries of the audit log. PCI DSS wants the log of 12 months.',
  }),
  TONEWALL_AUDIT_ANCHORS: Type.Optional(
    Type.String({
      pattern: '^[^\\0]{1,4096}$',
      expected: 'the path of a file',
      shownDefault: 'none',
      description:
        'A file to which the head of the audit log is appended every five minutes, for `tonewall audit verify --anchors`. Keep it where nobody who can write the database can write it.',
    }),
  ),
  TONEWALL_LOG_LEVEL: Type.Enum([...LOG_LEVELS], {
    default: 'info',
    description: 'The least that is logged.',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
    Type.String({
      expected: 'an http:// or https:// address without user, query and fragment',
      shownDefault: 'none: no spans',
      description:
        'An OpenTelemetry collector (OTLP over HTTP). It gets a span per call, per payment and per request to a provider, with ids, kinds and outcomes and nothing else.',
    }),
  ),
});

export type Settings = Static<typeof SETTINGS>;
export type SettingName = keyof Settings;

/** What the schema says about one variable. */
export interface Setting {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: string | number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly unit?: string;
  readonly expected?: string;
  readonly shownDefault?: string;
  readonly description: string;
}

export function settingOf(name: SettingName): Setting {
  return SETTINGS.properties[name] as unknown as Setting;
}

export const SETTING_NAMES = Object.keys(SETTINGS.properties) as SettingName[];

/** In words, what a variable may hold: for error messages and for the README. */
export function expectationOf(setting: Setting): string {
  if (setting.expected !== undefined) return setting.expected;
  if (setting.enum !== undefined) return `one of ${setting.enum.join(', ')}`;
  const kind = setting.type === 'integer' ? 'a whole number' : 'a number';
  return [kind, `from ${setting.minimum} to ${setting.maximum}`, setting.unit]
    .filter((word) => word !== undefined)
    .join(' ');
}
