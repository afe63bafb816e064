import type { Server } from 'node:http';
import { CallRegistry } from '../call/call-registry.ts';
import type { CallRegistrySettings } from '../call/call-registry.ts';
import type { LegAddress, NewCall } from '../call/views.ts';
import { publicUrlOf } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { LegName } from '../core/leg.ts';
import type { Logger } from '../core/log.ts';
import type { Random } from '../core/random.ts';
import type { SmsSender } from '../core/sms.ts';
import { EventHub } from '../events/event-hub.ts';
import { AgentTokens } from '../http/agent-tokens.ts';
import { buildServer } from '../http/server.ts';
import type { ServerDeps } from '../http/server-deps.ts';
import type { ProviderRegistry } from '../payment/provider-registry.ts';
import { createLogger } from '../telemetry/logger.ts';
import { PrometheusMeter } from '../telemetry/prometheus-meter.ts';
import type { LogSink } from '../telemetry/standard-output.ts';
import { CallbackClient } from '../twilio/callback-client.ts';
import { TwilioPayments } from '../twilio/twilio-payments.ts';
import type { TwilioPaymentsDeps } from '../twilio/twilio-payments.ts';
import { servePayPage } from '../pay-page/pay-routes.ts';
import type { PayPageDependencies } from '../pay-page/pay-routes.ts';
import { servePages, WORKSPACE_PAGES } from '../ui/pages.ts';
import { Health } from './health.ts';
import { letCallsEnd } from './let-calls-end.ts';
import { openTracing } from './open-tracing.ts';
import { openMediaPart } from './media-part.ts';
import { LegTokens } from '../vonage/leg-token.ts';
import { MediaUpgrade } from '../vonage/media-upgrade.ts';
import type { MediaUpgradeDependencies } from '../vonage/media-upgrade.ts';
import { legNcco } from '../vonage/ncco.ts';
import type { AllPayments } from '../self-service/all-payments.ts';
import { openCallPlatform } from './call-platform.ts';
import type { CallPlatform } from './call-platform.ts';
import { DeliveryLog } from '../webhooks/delivery-log.ts';
import { openPaymentPart } from './payment-part.ts';
import packageJson from '../../package.json' with { type: 'json' };

/**
 * How long a drain waits for charges under way after the calls are gone. The longest that one can take:
 *
 * - 30 s until the intent is stored or given up: tries begin within 10 s, and the last one may wait for two answers
 *   of the journal, of 10 s each;
 * - 90 s at the provider: 10 s of connecting, one more try of 10 s, five repeats of 10 s, each after at most 4 s;
 * - 30 s until the outcome is stored: two answers of the journal that are lost, and the one that is not.
 *
 * A journal that is away for longer ends the wait; the stored intent makes the payment `unknown` at the next start.
 */
const SETTLE_MS = 150_000;

/** How long a drain waits for the ends of payments that were not charged; the next start cancels those it loses. */
const STORE_ENDS_MS = 10_000;

/** How long a drain waits for status callbacks that are still to be sent. */
const SEND_CALLBACKS_MS = 10_000;

export interface AppSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly logSink: LogSink;
  /** Pages and routes beside the product's own; the demo has some. */
  readonly extraPlugins?: ServerDeps['extraPlugins'];
}

/** The running product. */
export interface App {
  /** Base of every link it hands out. */
  readonly url: string;
  readonly logger: Logger;
  readonly providers: ProviderRegistry;
  /** Sends text messages; null when no call platform is configured. */
  readonly sms: SmsSender | null;
  /**
   * Takes no new calls, waits until open ones have ended or the drain time is over, settles charges, and closes.
   * `hurry` ends the waiting for calls early; nothing durable is skipped.
   */
  drain(hurry: Promise<void>): Promise<void>;
}

/** Puts the product together and listens. Rejects, with nothing left open, when a part cannot start. */
export async function startApp(config: Config, surroundings: AppSurroundings): Promise<App> {
  const opened = new AsyncDisposableStack();
  try {
    return await start(config, surroundings, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

/** `opened` takes what has to be closed, the last first. */
async function start(
  config: Config,
  surroundings: AppSurroundings,
  opened: AsyncDisposableStack,
): Promise<App> {
  const { clock, random, logSink } = surroundings;
  const meter = new PrometheusMeter();
  const logger = createLogger(config.logLevel, logSink, meter);
  const shared = { clock, random, meter, logger, ...(await openTracing(config, opened)) };
  meter.gauge('build_info', { version: packageJson.version }).set(1);

  let url = '';
  const media = openMediaPart(config, { clock, meter, logger, logSink }, opened);
  const tokens = new LegTokens(clock, random);
  const events = new EventHub(shared);
  const calls = new CallRegistry(callSettingsOf(config), {
    ...shared,
    addressOf: (call, id, leg) => legAddress(url, tokens, call, id, leg),
    isOverloaded: () => health.isOverloaded,
    makeBridge: media.host.makeBridge,
    otherPaymentOf: (id) => payment.selfService.openOnCall(id),
  });
  const platform = platformOf(config, { ...shared, calls, publicUrl: () => url });
  const parts = { calls, events, sms: platform?.sms ?? null, publicUrl: () => url };
  const payment = await openPaymentPart(config, shared, parts, opened);
  const { journal, providers, payments } = payment;
  const twilio = openTwilioApi(config, { ...shared, calls, payments, events }, opened);
  const health = new Health(config, { ...shared, ...media, journal, isDraining: () => calls.isDraining });
  opened.defer(() => health.stop());
  const server = await buildServer({
    ...shared,
    calls,
    phoneCalls: platform?.phoneCalls ?? null,
    payments,
    deliveries: new DeliveryLog({ journal, logger, isSending: config.webhook !== null }),
    events,
    profiles: config.profiles,
    twilio,
    apiKeys: config.apiKeys,
    agentTokens: new AgentTokens(clock),
    metrics: media.metrics,
    notReadyReasons: () => health.notReadyReasons(),
    isDraining: () => calls.isDraining,
    publicUrl: () => url,
    embedOrigins: config.embedOrigins,
    version: packageJson.version,
    extraPlugins: pluginsOf(platform, { ...shared, links: payment.selfService }, surroundings),
  });
  opened.defer(() => server.close());
  opened.defer(() => events.close());
  opened.defer(async () => platform?.close());
  attachMedia(server.server, { ...shared, ...media, tokens, bridgeOf: (id) => calls.bridgeOf(id) }, platform);
  url = publicUrlOf(config, await listen(server, config));
  warnOfWeakKeys(config, logger);
  payment.start();
  logger.info('listening', { url, version: packageJson.version });

  return {
    url,
    logger,
    providers,
    sms: parts.sms,
    drain: async (hurry) => {
      logger.info('draining');
      await letCallsEnd(calls, clock, config.drainMs, hurry);
      await settle({ payments, twilio, clock, logger });
      await opened.disposeAsync();
      logger.info('stopped');
      await logSink.flush();
    },
  };
}

/** What carries calls, if there is anything. */
function platformOf(
  { vonage }: Config,
  surroundings: Parameters<typeof openCallPlatform>[1],
): CallPlatform | null {
  return vonage === null ? null : openCallPlatform(vonage, surroundings);
}

/** Pages and webhooks beside the API. */
function pluginsOf(
  platform: CallPlatform | null,
  payPage: PayPageDependencies,
  { extraPlugins = [] }: AppSurroundings,
): NonNullable<ServerDeps['extraPlugins']> {
  const webhooks = platform === null ? [] : [platform.webhooks];
  return [
    async (scope) => servePages(scope, WORKSPACE_PAGES),
    async (scope) => servePayPage(scope, payPage),
    ...webhooks,
    ...extraPlugins,
  ];
}

/** Legs come in as upgrades of the server; those of a call that the platform carries, with its signature. */
function attachMedia(server: Server, deps: MediaUpgradeDependencies, platform: CallPlatform | null): void {
  new MediaUpgrade(platform === null ? deps : { ...deps, platform: platform.signature }).attach(server);
  server.once('listening', () => void platform?.prepare());
}

/** The Twilio-compatible API, if an account is configured. */
function openTwilioApi(
  { twilio: account, profiles }: Config,
  deps: Omit<TwilioPaymentsDeps, 'profiles' | 'post'>,
  opened: AsyncDisposableStack,
): TwilioPayments | null {
  if (account === null) return null;
  const client = new CallbackClient(deps.clock);
  opened.defer(() => client.close());
  return new TwilioPayments(account, { ...deps, profiles, post: client.post });
}

function callSettingsOf({ maxCalls, masking }: Config): CallRegistrySettings {
  return {
    maxCalls,
    maskPolicy: masking.policy,
    masking: {
      lookaheadMs: masking.lookaheadMs,
      maskMode: masking.mode,
      maskFrequencyHz: masking.frequencyHz,
      maskLevelDbm0: masking.levelDbm0,
    },
  };
}

/** Returns the port: the one asked for, or the free one that the system picked. */
async function listen(server: Awaited<ReturnType<typeof buildServer>>, config: Config): Promise<number> {
  await server.listen({ host: config.host, port: config.port });
  const address = server.server.address();
  return typeof address === 'object' && address !== null ? address.port : config.port;
}

function warnOfWeakKeys({ apiKeys }: Config, logger: Logger): void {
  for (const { name } of apiKeys.filter((key) => key.isWeak)) {
    logger.warn('the secret of an API key is short and can be guessed', { apiKeyName: name });
  }
}

function legAddress(
  url: string,
  tokens: LegTokens,
  { sampleRate }: NewCall,
  callId: string,
  leg: LegName,
): LegAddress {
  const uri = `${url.replace(/^http/, 'ws')}/media/${tokens.mint(callId, leg)}`;
  return { uri, ncco: legNcco({ callId, leg, uri, sampleRate }) };
}

interface Unsettled {
  readonly payments: AllPayments;
  readonly twilio: TwilioPayments | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Waits until the journal has how every payment ended, and clients have been told, within bounds. */
async function settle({ payments, twilio, clock, logger }: Unsettled): Promise<void> {
  if (!(await isDoneWithin(clock, SETTLE_MS, payments.settled()))) {
    logger.error('outcomes of payments are not stored; the next start will call them unknown');
  }
  if (!(await isDoneWithin(clock, STORE_ENDS_MS, payments.endsStored()))) {
    logger.error('ends of payments are not stored; the next start will cancel them');
  }
  if (twilio === null) return;
  // The hub delivers the last events on a turn of their own.
  await elapsed(clock, 0);
  if (!(await isDoneWithin(clock, SEND_CALLBACKS_MS, twilio.settled()))) {
    logger.error('status callbacks are not sent');
  }
}

function elapsed(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.after(delayMs, resolve));
}

async function isDoneWithin(clock: Clock, limitMs: number, work: Promise<void>): Promise<boolean> {
  return Promise.race([work.then(() => true), elapsed(clock, limitMs).then(() => false)]);
}
