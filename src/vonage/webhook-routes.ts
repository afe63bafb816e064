import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../core/errors.ts';
import type { Clock } from '../core/clock.ts';
import type { Meter } from '../core/meter.ts';
import type { Ncco } from './ncco.ts';
import type { WebhookRefusal, WebhookVerifier } from './webhook-verifier.ts';
import { WebhookInbox } from './webhook-inbox.ts';

/** A webhook has about one kilobyte. */
const BODY_BYTES_MAX = 16_384;

type Kind = 'answer' | 'event' | 'fallback' | 'message-status';
type Body = Readonly<Record<string, unknown>>;

/** Whoever acts on webhooks. Called synchronously; what takes time is done after the answer. */
export interface WebhookHandlers {
  answer(body: Body): Ncco;
  fallback(body: Body): Ncco;
  event(query: URLSearchParams, body: Body): Ncco | null;
  messageStatus(body: Body): void;
}

export interface WebhookDependencies {
  readonly verifier: WebhookVerifier;
  readonly handlers: WebhookHandlers;
  readonly clock: Clock;
  readonly meter: Meter;
}

/** The webhooks of the call platform. What is not signed as it should be changes nothing. */
export async function serveWebhooks(scope: FastifyInstance, deps: WebhookDependencies): Promise<void> {
  const { handlers, clock } = deps;
  const inbox = new WebhookInbox<Ncco | null>(clock);
  // The signature is over the bytes as they came.
  scope.removeAllContentTypeParsers();
  const raw = { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX } as const;
  scope.addContentTypeParser('*', raw, (_request, body, done) => done(null, body));

  const add = (
    kind: Kind,
    methods: string[],
    act: (request: FastifyRequest, body: Body) => Ncco | null,
  ): void => {
    scope.route({
      method: methods,
      url: `/webhooks/vonage/${kind}`,
      schema: { hide: true },
      handler: async (request, reply) => {
        const content = contentOf(request);
        const refusal = await deps.verifier.verify(request.headers.authorization, content);
        if (refusal !== null) throw refused(deps.meter, kind, refusal);
        const body = parseBody(content);
        const { isNew, answer } = inbox.receive(request.url, content, () => act(request, body));
        count(deps.meter, kind, isNew ? 'ok' : 'duplicate');
        if (answer === null) return reply.code(204).send();
        return reply.header('cache-control', 'no-store').send(answer);
      },
    });
  };
  add('answer', ['GET', 'POST'], (_request, body) => handlers.answer(body));
  add('fallback', ['GET', 'POST'], (_request, body) => handlers.fallback(body));
  add('event', ['POST'], (request, body) => handlers.event(queryOf(request), body));
  add('message-status', ['POST'], (_request, body) => {
    handlers.messageStatus(body);
    return null;
  });
}

/** What the hash of the content is made from: the body or, without one, the parameters as an object, in their order. */
function contentOf(request: FastifyRequest): Buffer {
  if (request.method !== 'GET') return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  return Buffer.from(JSON.stringify(Object.fromEntries(queryOf(request))));
}

function queryOf(request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(request.url.split('?', 2)[1] ?? '');
}

function parseBody(content: Buffer): Body {
  let body: unknown;
  try {
    body = JSON.parse(content.toString('utf8'));
  } catch {
    body = null;
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new AppError('BODY_INVALID');
  return body as Body;
}

/** Vonage may send one without a signature by mistake, and repeats it, signed, after 503. */
function refused(meter: Meter, kind: Kind, refusal: WebhookRefusal): AppError {
  count(meter, kind, refusal);
  meter.counter('auth_failures_total', { kind: 'platform' }).add(1);
  return new AppError(refusal === 'unsigned' ? 'WEBHOOK_UNSIGNED' : 'WEBHOOK_REFUSED');
}

function count(meter: Meter, kind: Kind, result: 'ok' | 'duplicate' | WebhookRefusal): void {
  meter.counter('webhooks_total', { kind, result }).add(1);
}
