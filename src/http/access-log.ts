import type { FastifyInstance } from 'fastify';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { Counter, Histogram, Meter } from '../core/meter.ts';

const METHODS = ['GET', 'POST', 'DELETE'] as const;
type Method = (typeof METHODS)[number] | 'other';

interface AccessDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** One log line and two metrics per answer, with the route's template: never an address, which may hold anything. */
export function addAccessLog(server: FastifyInstance, { clock, logger, meter }: AccessDeps): void {
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();

  server.decorateRequest('startedMs', 0);
  server.addHook('onRequest', async (request) => {
    request.startedMs = clock.monotonicMs();
  });

  server.addHook('onResponse', async (request, reply) => {
    const route = request.is404 ? 'other' : (request.routeOptions.url ?? 'other');
    const method: Method = METHODS.find((known) => known === request.method) ?? 'other';
    const status = reply.raw.statusCode;
    const durationMs = clock.monotonicMs() - request.startedMs;

    const key = `${route} ${method} ${status}`;
    let counter = counters.get(key);
    if (counter === undefined) {
      counter = meter.counter('http_requests_total', { route, method, code: String(status) });
      counters.set(key, counter);
    }
    counter.add(1);
    // A stream lasts as long as its reader wants; that says nothing of how long an answer takes.
    if (request.routeOptions.config.streams !== true) {
      let histogram = histograms.get(route);
      if (histogram === undefined) {
        histogram = meter.histogram('http_request_seconds', { route });
        histograms.set(route, histogram);
      }
      histogram.observe(durationMs / 1000);
    }
    logger.info('request', { route, method, status, durationMs, requestId: request.id });
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Monotonic milliseconds at which the request came in. */
    startedMs: number;
  }
}
