import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiKey } from '../core/api-key.ts';
import { assert } from '../core/assert.ts';
import { AppError } from '../core/errors.ts';
import type { Meter } from '../core/meter.ts';
import type { AgentGrant, AgentTokens } from './agent-tokens.ts';
import { ApiKeyRing } from './api-key-ring.ts';
import type { Api } from './server-deps.ts';

/** Who asks: a back end with an API key, or an agent's browser with a token for one payment or one call. */
export type Principal = { readonly kind: 'api-key'; readonly name: string } | AgentGrant;

/**
 * Who may use a route: API keys alone, or also an agent.
 *
 * - `payment`: with a token for the payment in the path, or for the call that it is on;
 * - `call`: with a token for the call in the path;
 * - `call-state`: with that, or with a token for a payment on it;
 * - `session`: with a token for any call; the route itself holds the call it is asked about against the token's.
 */
type Access = 'api-key' | 'payment' | 'call' | 'call-state' | 'session';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null outside the API. */
    principal: Principal | null;
  }
  interface FastifyContextConfig {
    /** Without it a route of the API is for API keys alone. */
    access?: Access;
    /** The route makes something new, which a draining server does not. */
    creates?: boolean;
    /** The answer is a stream that stays open. */
    streams?: boolean;
  }
}

const WINDOW_MS = 60_000;
/** Per API key: a thousand calls of three minutes with ten requests each are 3,333 a minute. */
const REQUESTS_PER_KEY = 6000;
/** Per payment or call: a person's clicks and reconnects, with much to spare. */
const REQUESTS_PER_AGENT = 600;
/**
 * Wrong credentials per address. Beyond it they are answered with 429; right ones still work, so that nobody can
 * lock out a back end behind the same proxy.
 */
const FAILURES_PER_ADDRESS = 60;

interface AuthDeps {
  readonly apiKeys: readonly ApiKey[];
  readonly agentTokens: AgentTokens;
  readonly meter: Meter;
  /** The call that a payment is on; null if there is no such payment. */
  readonly callOfPayment: (paymentId: string) => Promise<string | null>;
}

/** Makes every route of `api` ask for a credential. Needs the rate limit plugin. */
export function requireCredentials(api: Api, deps: AuthDeps): void {
  const keys = new ApiKeyRing(deps.apiKeys);
  const wrongKeys = deps.meter.counter('auth_failures_total', { kind: 'api-key' });
  const wrongTokens = deps.meter.counter('auth_failures_total', { kind: 'agent-token' });
  const countFailure = api.createRateLimit({
    max: FAILURES_PER_ADDRESS,
    timeWindow: WINDOW_MS,
    keyGenerator: (request) => normalizeIP(request.ip),
  });

  const authenticate = async (credential: string): Promise<Principal | null> => {
    const name = keys.nameOf(credential);
    if (name !== null) return { kind: 'api-key', name };
    return deps.agentTokens.verify(credential);
  };

  const covers = async (principal: Principal, access: Access, id: string | undefined): Promise<boolean> => {
    if (principal.kind === 'api-key') return true;
    switch (access) {
      case 'api-key':
        return false;
      case 'payment':
        if (principal.kind === 'agent') return principal.paymentId === id;
        return id !== undefined && (await deps.callOfPayment(id)) === principal.callId;
      case 'call':
        return principal.kind === 'agent-session' && principal.callId === id;
      case 'call-state':
        if (principal.kind === 'agent-session') return principal.callId === id;
        return id !== undefined && (await deps.callOfPayment(principal.paymentId)) === id;
      case 'session':
        return principal.kind === 'agent-session';
    }
  };

  api.decorateRequest('principal', null);
  api.addHook('onRequest', async (request, reply) => {
    const credential = bearerOf(request);
    request.principal = credential === null ? null : await authenticate(credential);
    if (request.principal === null) {
      (looksLikeToken(credential) ? wrongTokens : wrongKeys).add(1);
      const failures = await countFailure(request);
      if (!failures.isAllowed && failures.isExceeded) refuse(reply, failures.ttlInSeconds);
      throw new AppError(credential === null ? 'CREDENTIAL_MISSING' : 'CREDENTIAL_INVALID');
    }
    const access = request.routeOptions.config.access ?? 'api-key';
    const { id } = request.params as { readonly id?: string };
    if (!(await covers(request.principal, access, id))) throw new AppError('ACCESS_DENIED');
  });
}

/** Settings of the rate limit for who has a credential. */
export const RATE_LIMIT = {
  // After authentication and before the body is read.
  hook: 'preParsing',
  timeWindow: WINDOW_MS,
  max: (request: FastifyRequest) =>
    request.principal?.kind === 'api-key' ? REQUESTS_PER_KEY : REQUESTS_PER_AGENT,
  keyGenerator: ({ principal }: FastifyRequest) => (principal === null ? 'nobody' : clientOf(principal)),
  errorResponseBuilder: () => new AppError('RATE_LIMITED'),
} as const;

/** One name per client: a back end, or an agent with a payment or a call, whatever the token. */
export function clientOf(principal: Principal): string {
  switch (principal.kind) {
    case 'api-key':
      return `key ${principal.name}`;
    case 'agent':
      return `payment ${principal.paymentId}`;
    case 'agent-session':
      return `call ${principal.callId}`;
  }
}

/** Who asks, for the audit log. */
export function actorOf({ principal }: FastifyRequest): string {
  return principal?.kind === 'api-key' ? `api:${principal.name}` : 'agent';
}

function refuse(reply: FastifyReply, seconds: number): never {
  void reply.header('retry-after', seconds);
  throw new AppError('RATE_LIMITED');
}

function bearerOf(request: FastifyRequest): string | null {
  return /^Bearer ([!-~]{1,2048})$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
}

/** A signed token has three parts; tells only under which name a failure is counted. */
function looksLikeToken(credential: string | null): boolean {
  return credential?.split('.').length === 3;
}

/** Throws `ACCESS_DENIED` if who asks is an agent with a token for another call than this. */
export function refuseOtherCalls({ principal }: FastifyRequest, callId: string): void {
  if (principal?.kind === 'agent-session' && principal.callId !== callId) throw new AppError('ACCESS_DENIED');
}

/** The API key under whose name something is made. For routes that a token for one payment does not cover. */
export function apiKeyNameOf({ principal }: FastifyRequest): string {
  assert(principal !== null && principal.kind !== 'agent', 'a token for one payment makes nothing');
  return principal.kind === 'api-key' ? principal.name : principal.apiKeyName;
}
