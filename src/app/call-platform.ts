import type { FastifyPluginAsync } from 'fastify';
import type { CallRegistry } from '../call/call-registry.ts';
import type { PhoneCalls } from '../call/phone-calls.ts';
import type { VonageConfig } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import type { SmsSender } from '../core/sms.ts';
import type { PlatformSignature } from '../vonage/media-upgrade.ts';
import { PhoneCallRegistry } from '../vonage/phone-call-registry.ts';
import { PlatformClient } from '../vonage/platform-client.ts';
import { VonageSms } from '../vonage/sms.ts';
import { serveWebhooks } from '../vonage/webhook-routes.ts';
import { WebhookVerifier } from '../vonage/webhook-verifier.ts';

/** What the product has when a platform carries its calls. */
export interface CallPlatform {
  readonly phoneCalls: PhoneCalls;
  readonly sms: SmsSender;
  readonly webhooks: FastifyPluginAsync;
  readonly signature: PlatformSignature;
  /** Does what a first request would wait for. */
  prepare(): Promise<void>;
  /** Resolves when the phones of ended calls are hung up, or soon after. */
  close(): Promise<void>;
}

export interface CallPlatformSurroundings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly calls: CallRegistry;
  readonly publicUrl: () => string;
}

/** Puts the parts for Vonage together. */
export function openCallPlatform(config: VonageConfig, surroundings: CallPlatformSurroundings): CallPlatform {
  const { clock } = surroundings;
  const client = new PlatformClient(config, surroundings);
  const verifier = new WebhookVerifier(config, clock);
  const sms = new VonageSms({ ...surroundings, client });
  const phoneCalls = new PhoneCallRegistry(config, { ...surroundings, client });
  const handlers = {
    answer: (body: Body) => phoneCalls.answer(body),
    fallback: (body: Body) => phoneCalls.fallback(body),
    event: (query: URLSearchParams, body: Body) => phoneCalls.event(query, body),
    messageStatus: (body: Body) => sms.takeStatus(body),
  };
  return {
    phoneCalls,
    sms,
    webhooks: async (scope) => serveWebhooks(scope, { ...surroundings, verifier, handlers }),
    signature: {
      isNeeded: (callId) => phoneCalls.isCarried(callId),
      isValid: (authorization) => verifier.isSigned(authorization),
    },
    prepare: () => client.prepare(),
    close: () => phoneCalls.close(),
  };
}

type Body = Readonly<Record<string, unknown>>;
