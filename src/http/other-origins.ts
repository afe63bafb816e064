import cors from '@fastify/cors';
import type { Api } from './server-deps.ts';

/** How long a browser may remember what it was allowed; Chromium's own limit is two hours. */
const REMEMBER_SECONDS = 7200;

/**
 * Lets pages of these origins, which embed the agent panel, call the API (CORS, WHATWG Fetch). What they may do is
 * decided by their token; there is no cookie that a foreign page could use. To be called before credentials are
 * asked for: a browser's preliminary question carries none.
 */
export async function answerOtherOrigins(api: Api, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  await api.register(cors, {
    origin: [...origins],
    methods: ['GET', 'POST'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'last-event-id'],
    maxAge: REMEMBER_SECONDS,
  });
  api.addHook('onRequest', async (request, reply) => {
    if (!origins.includes(request.headers.origin ?? '')) return;
    // Event streams are written past the framework, which would lose its own headers.
    reply.raw.setHeader('access-control-allow-origin', request.headers.origin ?? '');
  });
}
