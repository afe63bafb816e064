import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, FastifyPluginAsync, RawServerDefault } from 'fastify';
import type { PhoneCalls } from '../call/phone-calls.ts';
import type { Calls, Deliveries, Payments } from '../call/views.ts';
import type { ApiKey } from '../core/api-key.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import type { PaymentProfile } from '../core/payment-profile.ts';
import type { Random } from '../core/random.ts';
import type { NotReadyReason } from '../core/readiness.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { TwilioPayments } from '../twilio/twilio-payments.ts';
import type { AgentTokens } from './agent-tokens.ts';

/** Everything the HTTP edge needs from the rest of the program. */
export interface ServerDeps {
  readonly calls: Calls;
  /** Null when no platform carries calls for us. */
  readonly phoneCalls?: PhoneCalls | null;
  readonly payments: Payments;
  readonly deliveries: Deliveries;
  readonly profiles: readonly PaymentProfile[];
  readonly events: EventHub;
  readonly apiKeys: readonly ApiKey[];
  readonly agentTokens: AgentTokens;
  /** The Twilio-compatible API; null: there is none. */
  readonly twilio: TwilioPayments | null;
  /** The metrics as Prometheus reads them. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  /** Why the server should get no new calls now, such as `journal`; empty when it is ready. */
  readonly notReadyReasons: () => readonly NotReadyReason[];
  readonly isDraining: () => boolean;
  /** Base of every link; known only once the server listens. */
  readonly publicUrl: () => string;
  /** Origins of other sites whose pages embed the agent panel. */
  readonly embedOrigins: readonly string[];
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Pages and webhooks that others add to the same server. */
  readonly extraPlugins?: readonly FastifyPluginAsync[];
}

/** The server as routes see it: schemas give the types. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
