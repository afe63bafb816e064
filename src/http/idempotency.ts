import { createHash } from 'node:crypto';
import type { FastifyReply, RouteOptions } from 'fastify';
import { Type } from 'typebox';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { AnswerMemory } from './answer-memory.ts';
import type { KeptAnswer } from './answer-memory.ts';
import { clientOf } from './auth.ts';
import { refuseCardNumbers } from './free-text.ts';
import { problemResponses } from './problem.ts';
import { IdempotencyKey } from './schemas.ts';
import type { Api } from './server-deps.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route knows repeats by the journal, across restarts, and needs no memory of answers. */
    isJournaled?: boolean;
  }
  interface FastifyRequest {
    /** Set while this is the first request under an `Idempotency-Key`, until it is answered. */
    firstUnder: FirstUnder | null;
  }
}

interface FirstUnder {
  readonly memory: AnswerMemory;
  readonly key: string;
}

const HEADERS = Type.Object({
  'idempotency-key': IdempotencyKey(
    'A repeat under the same key, of the same client and with the same body, gets the first answer again, with the header `idempotent-replayed: true`. For 24 hours, in the memory of this server.',
  ),
});

/** Kept answers are 1 to 3 KB. Agents have a memory of their own, so that a browser cannot push out a back end's. */
const KEPT_MAX = { 'api-key': 10_000, agent: 5000 } as const;

/**
 * Gives every POST of `api` that comes after it an `Idempotency-Key`: a repeat gets the first answer and does nothing;
 * one that comes while the first is under way waits for it. A key is one client's, for one address; with another body
 * it is refused.
 *
 * Memory is enough: calls, and captures on them, live in this process too. An answer with a token in it is repeated as
 * well, but only to whom it was given before, and the token is no younger for it. Answers of 500 and more say nothing of
 * what is to come, so they are not kept, and the next request tries anew.
 */
export function repeatAnswers(api: Api, { clock }: { readonly clock: Clock }): void {
  const memories = {
    'api-key': new AnswerMemory(clock, KEPT_MAX['api-key']),
    agent: new AnswerMemory(clock, KEPT_MAX.agent),
  };
  api.decorateRequest('firstUnder', null);
  api.addHook('onRoute', document);

  api.addHook('preHandler', async (request, reply) => {
    const { principal, routeOptions, method } = request;
    const clientKey = request.headers['idempotency-key'];
    if (method !== 'POST' || routeOptions.config.isJournaled === true) return;
    if (typeof clientKey !== 'string' || principal === null) return;
    refuseCardNumbers([clientKey]);
    const memory = memories[principal.kind === 'api-key' ? 'api-key' : 'agent'];
    const key = JSON.stringify([clientOf(principal), request.url, clientKey]);
    const hash = hashOf(request.body);
    for (let first = memory.find(key); first !== null; first = memory.find(key)) {
      if (first.hash !== hash) throw new AppError('IDEMPOTENCY_CONFLICT');
      const answer = await first.answer;
      if (answer !== null) return repeat(reply, answer);
    }
    memory.begin(key, hash);
    request.firstUnder = { memory, key };
  });

  api.addHook('onSend', async (request, reply, payload) => {
    const { firstUnder } = request;
    if (firstUnder === null) return;
    request.firstUnder = null;
    const contentType = String(reply.getHeader('content-type') ?? '');
    const isKept = reply.statusCode < 500 && typeof payload === 'string';
    const answer = isKept ? { status: reply.statusCode, contentType, body: payload } : null;
    firstUnder.memory.settle(firstUnder.key, answer);
  });
}

function hashOf(body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(body ?? null))
    .digest('hex');
}

function repeat(reply: FastifyReply, { status, contentType, body }: KeptAnswer): FastifyReply {
  return reply
    .code(status)
    .headers({ 'content-type': contentType, 'idempotent-replayed': 'true' })
    .send(body);
}

/** Puts the header and its refusal into the schema of a route, for validation and the API document alike. */
function document({ method, config, schema }: RouteOptions): void {
  if (method !== 'POST' || config?.isJournaled === true || schema === undefined) return;
  const responses = schema.response as Record<number, { readonly description: string }>;
  const refused = problemResponses('IDEMPOTENCY_CONFLICT')[422] as { readonly description: string };
  const others = responses[422]?.description;
  schema.headers = HEADERS;
  schema.response = {
    ...responses,
    422: { ...refused, description: [others, refused.description].filter(Boolean).join(' ') },
  };
}
