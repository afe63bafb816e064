import type { FastifyInstance } from 'fastify';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { Counter, Histogram, Meter } from '../core/meter.ts';

const METHODS = ['GET', 'POST', 'DELETE'] as const;

interface AccessDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

interface Answer {
  /** Template such as `/v1/calls/:id`, or `other`. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly requestId: string;
  /** Null for what has no meaningful duration. */
  readonly durationMs: number | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Monotonic milliseconds at which the request came in. */
    startedMs: number;
  }
}

/** One log line and two metrics per answer, with the route's template: never an address, which may hold anything. */
export class AccessLog {
  readonly #deps: AccessDeps;
  readonly #counters = new Map<string, Counter>();
  readonly #histograms = new Map<string, Histogram>();

  constructor(deps: AccessDeps) {
    this.#deps = deps;
  }

  /** Records every answer that `server` gives to a request that found its way to the router. */
  attach(server: FastifyInstance): void {
    const { clock } = this.#deps;
    server.decorateRequest('startedMs', 0);
    server.addHook('onRequest', async (request) => {
      request.startedMs = clock.monotonicMs();
    });
    server.addHook('onResponse', async (request, reply) => {
      // A stream lasts as long as its reader wants; that says nothing of how long an answer takes.
      const isStream = request.routeOptions.config.streams === true;
      this.record({
        route: request.is404 ? 'other' : (request.routeOptions.url ?? 'other'),
        method: request.method,
        status: reply.raw.statusCode,
        requestId: request.id,
        durationMs: isStream ? null : clock.monotonicMs() - request.startedMs,
      });
    });
  }

  record({ route, method, status, requestId, durationMs }: Answer): void {
    const known = METHODS.find((name) => name === method) ?? 'other';
    this.#counterOf(route, known, String(status)).add(1);
    if (durationMs !== null) this.#histogramOf(route).observe(durationMs / 1000);
    const duration = durationMs === null ? {} : { durationMs };
    this.#deps.logger.info('request', { route, method: known, status, requestId, ...duration });
  }

  #counterOf(route: string, method: (typeof METHODS)[number] | 'other', code: string): Counter {
    const key = `${route} ${method} ${code}`;
    let counter = this.#counters.get(key);
    if (counter === undefined) {
      counter = this.#deps.meter.counter('http_requests_total', { route, method, code });
      this.#counters.set(key, counter);
    }
    return counter;
  }

  #histogramOf(route: string): Histogram {
    let histogram = this.#histograms.get(route);
    if (histogram === undefined) {
      histogram = this.#deps.meter.histogram('http_request_seconds', { route });
      this.#histograms.set(route, histogram);
    }
    return histogram;
  }
}
