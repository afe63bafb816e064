import type { FastifyInstance } from 'fastify';
import type { ServerDeps } from './server-deps.ts';

type Deps = Pick<ServerDeps, 'metrics' | 'notReadyReasons'>;

/** For Prometheus and for whoever starts, stops and balances servers. Nothing here needs a credential. */
export function addOpsRoutes(server: FastifyInstance, deps: Deps): void {
  // Alive: the process answers. Whatever it depends on is a matter of readiness.
  server.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'ok' }));

  server.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    const reasons = deps.notReadyReasons();
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .send({ status: reasons.length === 0 ? 'ready' : 'not-ready', reasons });
  });

  // Started: it listens only after the journal is open, upgraded and settled, so whoever gets an answer gets this one.
  server.get('/startupz', { schema: { hide: true } }, async () => ({ status: 'started' }));

  server.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.header('content-type', deps.metrics.contentType).send(await deps.metrics.text()),
  );
}
