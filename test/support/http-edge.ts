import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { PaymentProfile } from '../../src/core/payment-profile.ts';
import type { Random } from '../../src/core/random.ts';
import type { NotReadyReason } from '../../src/core/readiness.ts';
import { EventHub } from '../../src/events/event-hub.ts';
import { AgentTokens } from '../../src/http/agent-tokens.ts';
import { buildServer } from '../../src/http/server.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { PrometheusMeter } from '../../src/telemetry/prometheus-meter.ts';
import { FakeCalls } from './fake-calls.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeDeliveries } from './fake-deliveries.ts';
import { FakePayments } from './fake-payments.ts';

export const API_SECRET = 'http-edge-secret-of-many-letters';
export const API_KEY_HEADERS = { authorization: `Bearer ${API_SECRET}` };
export const PUBLIC_URL = 'https://pay.example';

const PROFILE: PaymentProfile = {
  id: 'card-gbp',
  name: 'Card payment (GBP)',
  method: 'guided',
  operation: 'charge',
  currency: 'GBP',
  fields: ['payment-card-number', 'security-code'],
  brands: ['visa'],
  firstDigitTimeoutSeconds: 60,
  interDigitTimeoutSeconds: 20,
  maxAttempts: 3,
  minPostalCodeLength: 1,
  provider: {
    kind: 'generic-pay-connector',
    url: 'https://psp.example/pay',
    username: 'merchant-name',
    password: 'merchant-password',
    dialect: 'twilio',
    idempotent: true,
  },
};

/** The real HTTP edge on fakes of what is behind it; time stands still until the test moves it. */
export interface HttpEdge {
  readonly server: FastifyInstance;
  readonly calls: FakeCalls;
  readonly payments: FakePayments;
  readonly deliveries: FakeDeliveries;
  readonly events: EventHub;
  readonly agentTokens: AgentTokens;
  readonly clock: FakeClock;
  readonly meter: PrometheusMeter;
  /** Log lines, parsed. */
  readonly log: () => Record<string, unknown>[];
  readonly logText: () => string;
  readonly state: { isDraining: boolean; notReady: NotReadyReason[] };
}

export async function makeHttpEdge(
  extraPlugins: readonly FastifyPluginAsync[] = [],
  embedOrigins: readonly string[] = [],
): Promise<HttpEdge> {
  const clock = new FakeClock(Date.UTC(2026, 10, 23, 10, 0, 0));
  const meter = new PrometheusMeter();
  const lines: string[] = [];
  const logger = createLogger('debug', { write: (line) => lines.push(line) }, meter);
  const calls = new FakeCalls();
  const payments = new FakePayments();
  const deliveries = new FakeDeliveries();
  const events = new EventHub({ clock, logger, meter });
  const agentTokens = new AgentTokens(clock);
  const state = { isDraining: false, notReady: [] as NotReadyReason[] };
  const server = await buildServer({
    calls,
    payments,
    deliveries,
    profiles: [PROFILE],
    twilio: null,
    events,
    apiKeys: [
      { name: 'crm', secretSha256: createHash('sha256').update(API_SECRET).digest('hex'), isWeak: false },
    ],
    agentTokens,
    metrics: meter,
    notReadyReasons: () => state.notReady,
    isDraining: () => state.isDraining,
    publicUrl: () => PUBLIC_URL,
    embedOrigins,
    version: '0.1.0',
    clock,
    random: seededRandom(),
    logger,
    meter,
    extraPlugins,
  });
  return {
    server,
    calls,
    payments,
    deliveries,
    events,
    agentTokens,
    clock,
    meter,
    log: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    logText: () => lines.join(''),
    state,
  };
}

/** Different bytes each time, the same ones in every run: the generator of Numerical Recipes, chapter 7.1. */
function seededRandom(): Random {
  let state = 1;
  return {
    bytes: (count) =>
      Uint8Array.from({ length: count }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state >>> 24;
      }),
  };
}
