import rateLimit from '@fastify/rate-limit';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { Payments } from '../call/views.ts';
import { AppError } from '../core/errors.ts';
import { makeId } from '../core/random.ts';
import { AccessLog } from './access-log.ts';
import { addAgentSessionRoutes } from './agent-session-routes.ts';
import { collectApiDocument, serveApiDocument } from './api-document.ts';
import { RATE_LIMIT, requireCredentials } from './auth.ts';
import { addCallRoutes } from './call-routes.ts';
import { addDeliveryRoutes } from './delivery-routes.ts';
import { makeClientErrorHandler, makeErrorHandler } from './error-handler.ts';
import { addEventRoutes } from './event-routes.ts';
import { repeatAnswers } from './idempotency.ts';
import { addOpsRoutes } from './ops-routes.ts';
import { LazySchemas } from './lazy-schemas.ts';
import { makeOutgoingFilter } from './outgoing-filter.ts';
import type { OutgoingFilter } from './outgoing-filter.ts';
import { addPaymentRoutes } from './payment-routes.ts';
import { addPhoneCallRoutes } from './phone-call-routes.ts';
import { Problem } from './problem.ts';
import { addProfileRoutes } from './profile-routes.ts';
import { PaymentView } from './schemas.ts';
import { answerOtherOrigins } from './other-origins.ts';
import { addSecurityHeaders } from './security-headers.ts';
import type { Api, ServerDeps } from './server-deps.ts';
import { addTwilioApi } from './twilio-routes.ts';

/** Idle sockets cost 8 KB each; 4,000 calls with two legs are 8,000, the rest is for screens, back ends and a crowd. */
const MAX_CONNECTIONS = 20_000;

/** Limits of one request; the framework's defaults let a slow body stay open for ever. */
const LIMITS = {
  requestTimeout: 5000,
  keepAliveTimeout: 5000,
  bodyLimit: 65_536,
  maxRequestsPerSocket: 100,
  http: { headersTimeout: 3000, connectionsCheckingInterval: 1000, maxHeaderSize: 8192 },
  routerOptions: { maxParamLength: 256 },
};

/**
 * The whole HTTP edge, ready to listen. Media sockets come in as upgrades on `server.server`; pages and webhooks as
 * plugins.
 */
export async function buildServer(deps: ServerDeps): Promise<FastifyInstance> {
  const makeRequestId = (): string => makeId(deps.random, 'req');
  const errorHandler = makeErrorHandler(deps.logger);
  const accessLog = new AccessLog(deps);
  const schemas = new LazySchemas();
  const server = fastify({
    ...LIMITS,
    // Its log lines quote addresses and errors; ours are made by the access log and the error handler.
    logger: false,
    trustProxy: false,
    genReqId: makeRequestId,
    requestIdHeader: false,
    // Types are not guessed and unknown keys not dropped: what is not as documented is refused.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
    schemaController: { compilersFactory: schemas.compilersFactory },
    // What fails before a route is found passes no hook, so it is recorded here.
    frameworkErrors: (error, request, reply) => {
      errorHandler(error, request, reply);
      const { method, id: requestId } = request;
      accessLog.record({ route: 'other', method, status: reply.statusCode, requestId, durationMs: null });
    },
    clientErrorHandler: makeClientErrorHandler(makeRequestId, accessLog),
  });
  server.server.maxConnections = MAX_CONNECTIONS;
  server.setErrorHandler(errorHandler);
  server.setNotFoundHandler(() => {
    throw new AppError('ROUTE_NOT_FOUND');
  });
  acceptEmptyBodies(server);
  accessLog.attach(server);
  await addSecurityHeaders(server);
  const filter = makeOutgoingFilter(deps.meter, deps.logger);
  filterAnswers(server, filter);

  await collectApiDocument(server, deps.version);
  server.addSchema(Problem);
  server.addSchema(PaymentView);
  await server.register(async (scope: Api) => addApi(scope, deps, filter), { prefix: '/v1' });
  await addTwilioApi(server, deps);
  await serveApiDocument(server);
  addOpsRoutes(server, deps);
  for (const plugin of deps.extraPlugins ?? []) await server.register(plugin);
  await server.ready();
  server.server.once('listening', () => schemas.compileAll(setImmediate));
  return server;
}

async function addApi(api: Api, deps: ServerDeps, filter: OutgoingFilter): Promise<void> {
  await answerOtherOrigins(api, deps.embedOrigins);
  await api.register(rateLimit, RATE_LIMIT);
  requireCredentials(api, { ...deps, callOfPayment: (id) => callOfPayment(deps.payments, id) });
  api.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.creates === true && deps.isDraining()) throw new AppError('DRAINING');
  });
  api.addHook('onSend', async (_request, reply) => {
    void reply.header('cache-control', 'no-store');
  });
  repeatAnswers(api, deps);
  addCallRoutes(api, deps);
  addPhoneCallRoutes(api, deps);
  addAgentSessionRoutes(api, deps);
  addPaymentRoutes(api, deps);
  addEventRoutes(api, { ...deps, filter });
  addDeliveryRoutes(api, deps);
  addProfileRoutes(api, deps);
}

async function callOfPayment(payments: Payments, id: string): Promise<string | null> {
  try {
    return (await payments.get(id)).callId;
  } catch (error) {
    if (error instanceof AppError && error.code === 'PAYMENT_NOT_FOUND') return null;
    throw error;
  }
}

/** Some clients send the JSON content type with every POST; the routes that need a body still ask for it. */
function acceptEmptyBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeContentTypeParser(['application/json', 'text/plain']);
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body, done);
  });
}

/** Every answer in JSON passes the last filter on its way out. */
function filterAnswers(server: FastifyInstance, filter: OutgoingFilter): void {
  server.addHook('onSend', async (_request, reply, payload) => {
    const isJson = /\bjson\b/.test(String(reply.getHeader('content-type') ?? ''));
    return isJson && typeof payload === 'string' ? filter(payload) : payload;
  });
}
