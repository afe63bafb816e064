import type { ApiKey } from '../core/api-key.ts';
import type { Destination } from '../core/destination.ts';
import type { LogLevel } from '../core/log-level.ts';
import type { MaskMode, MaskPolicy } from '../core/masking.ts';
import type { JoinMode, MediaTopology } from '../core/media-join.ts';
import type { PaymentProfile } from '../core/payment-profile.ts';
import type { TwilioAccount } from '../core/twilio-account.ts';
import type { WebhookSettings } from './webhook-settings.ts';

/** An application of Vonage that carries calls and text messages for us. */
export interface VonageConfig {
  readonly applicationId: string;
  /** PEM. */
  readonly privateKey: string;
  /** Signs webhooks and the handshakes of media sockets. */
  readonly signatureSecret: string;
  /** A number of the application, without `+`. */
  readonly number: string;
  /** Null: Vonage itself, in the region of each call. */
  readonly apiHost: string | null;
  /** Whom inbound calls ring; null: inbound calls are refused. */
  readonly agent: Destination | null;
  readonly join: JoinMode;
  readonly topology: MediaTopology;
  /** An audio file that a waiting caller hears; null: silence. */
  readonly holdMusicUrl: string | null;
}

/** The whole configuration, checked and frozen. */
export interface Config {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Without a slash at the end; null: made from the address that the server listens on. */
  readonly publicUrl: string | null;
  readonly apiKeys: readonly ApiKey[];
  /** The path of an SQLite file, or a PostgreSQL URL, which holds a password. */
  readonly database: string;
  readonly profiles: readonly PaymentProfile[];
  /** The account of the Twilio-compatible API; null: there is no such API. */
  readonly twilio: TwilioAccount | null;
  /** Null: nobody is told. */
  readonly webhook: WebhookSettings | null;
  /** Origins of other sites whose pages embed the agent panel. */
  readonly embedOrigins: readonly string[];
  readonly masking: {
    readonly mode: MaskMode;
    readonly policy: MaskPolicy;
    readonly frequencyHz: number;
    readonly levelDbm0: number;
    readonly lookaheadMs: number;
  };
  /** Null: calls are controlled by somebody else. */
  readonly vonage: VonageConfig | null;
  readonly maxCalls: number;
  /** How long a link for self-service works. */
  readonly linkMs: number;
  readonly workers: number;
  readonly overloadLatenessMs: number;
  readonly drainMs: number;
  /** Payments that ended longer ago are forgotten. */
  readonly retentionMs: number;
  /** Where anchors of the audit log go beside the server's log; null: nowhere. */
  readonly auditAnchorsPath: string | null;
  readonly logLevel: LogLevel;
  /** Null: no spans. */
  readonly otlpEndpoint: string | null;
}

/** Everything that is wrong with the configuration, each problem with the name of its variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super([`The configuration has ${count}:`, ...problems.map((problem) => `  ${problem}`)].join('\n'));
    this.problems = problems;
  }
}

/** The base of every link that is handed out. `port` is the one that the server listens on. */
export function publicUrlOf(config: Pick<Config, 'host' | 'publicUrl'>, port: number): string {
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return config.publicUrl ?? `http://${host}:${port}`;
}
