import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiKey } from '../core/api-key.ts';
import { AppError } from '../core/errors.ts';
import type { Meter } from '../core/meter.ts';
import type { AgentTokens } from './agent-tokens.ts';
import { ApiKeyRing } from './api-key-ring.ts';
import type { Api } from './server-deps.ts';

/** Who asks: a back end with an API key, or an agent's browser with a token for one payment. */
export type Principal =
  | { readonly kind: 'api-key'; readonly name: string }
  | { readonly kind: 'agent'; readonly paymentId: string; readonly expiresAtMs: number };

/** Who may use a route: API keys alone, or also the agent token of the payment in its path. */
type Access = 'api-key' | 'payment';

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
/** Per payment: a person's clicks and reconnects, with much to spare. */
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
    const grant = await deps.agentTokens.verify(credential);
    return grant === null ? null : { kind: 'agent', ...grant };
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
    if (!covers(request.principal, access, id)) throw new AppError('ACCESS_DENIED');
  });
}

/** Settings of the rate limit for who has a credential. */
export const RATE_LIMIT = {
  // After authentication and before the body is read.
  hook: 'preParsing',
  timeWindow: WINDOW_MS,
  max: (request: FastifyRequest) =>
    request.principal?.kind === 'agent' ? REQUESTS_PER_AGENT : REQUESTS_PER_KEY,
  keyGenerator: ({ principal }: FastifyRequest) =>
    principal?.kind === 'agent' ? `payment ${principal.paymentId}` : `key ${principal?.name}`,
  errorResponseBuilder: () => new AppError('RATE_LIMITED'),
} as const;

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

function covers(principal: Principal, access: Access, id: string | undefined): boolean {
  return principal.kind === 'api-key' || (access === 'payment' && principal.paymentId === id);
}
