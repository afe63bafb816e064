import { createHash, timingSafeEqual } from 'node:crypto';
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { AppError } from '../core/errors.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import type { TwilioAccount } from '../core/twilio-account.ts';
import type { TwilioPayments } from '../twilio/twilio-payments.ts';
import { formExpected, toTwilioError, TwilioError } from '../twilio/twilio-error.ts';
import { toAppError } from './error-handler.ts';
import { refuseCardNumbers } from './free-text.ts';
import type { Api } from './server-deps.ts';

const PREFIX = '/2010-04-01/Accounts/:accountSid/Calls/:callSid';
const WINDOW_MS = 60_000;
/** A thousand payments of three minutes with ten requests each are 3,333 a minute. */
const REQUESTS_MAX = 6000;
/** Wrong credentials per address; right ones still work beyond it. */
const FAILURES_PER_ADDRESS = 60;
const FILE = /^(PK[0-9a-f]{32})\.json$/;
/** What a form may hold in which somebody could write a card number; the rest is of closed form. */
const FREE_TEXTS = ['Description', 'Parameter'];

const Call = Type.Object({ callSid: Type.String() });
const Payment = Type.Object({ callSid: Type.String(), file: Type.String() });

interface Deps {
  readonly twilio: TwilioPayments | null;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** Twilio's Payments API under its own addresses; nothing when no account is configured. */
export async function addTwilioApi(server: FastifyInstance, { twilio, logger, meter }: Deps): Promise<void> {
  if (twilio === null) return;
  await server.register(
    async (api: Api) => {
      api.setErrorHandler(makeTwilioErrorHandler(logger));
      await api.register(rateLimit, {
        hook: 'preParsing',
        timeWindow: WINDOW_MS,
        max: REQUESTS_MAX,
        keyGenerator: () => 'twilio account',
        errorResponseBuilder: () => new AppError('RATE_LIMITED'),
      });
      requireAccount(api, twilio.account, meter);
      api.addContentTypeParser(
        'application/x-www-form-urlencoded',
        { parseAs: 'string' },
        async (_request: FastifyRequest, body: string) => new URLSearchParams(body),
      );
      addRoutes(api, twilio);
    },
    { prefix: PREFIX },
  );
}

function addRoutes(api: Api, twilio: TwilioPayments): void {
  const hide = { hide: true };
  api.post('/Payments.json', { schema: { ...hide, params: Call } }, async (request, reply) =>
    reply.code(201).send(await twilio.create(request.params.callSid, formOf(request))),
  );
  api.post('/Payments/:file', { schema: { ...hide, params: Payment } }, async (request, reply) => {
    const sid = FILE.exec(request.params.file)?.[1];
    if (sid === undefined) throw new AppError('ROUTE_NOT_FOUND');
    return reply.code(202).send(await twilio.update(request.params.callSid, sid, formOf(request)));
  });
}

function formOf({ body }: FastifyRequest): URLSearchParams {
  if (!(body instanceof URLSearchParams)) throw formExpected();
  refuseCardNumbers(FREE_TEXTS.flatMap((name) => body.getAll(name)));
  return body;
}

/** HTTP Basic: the account's SID and its token; the address must name the same account. */
function requireAccount(api: Api, { accountSid, authToken }: TwilioAccount, meter: Meter): void {
  const right = digestOf(`${accountSid}:${authToken}`);
  const failures = meter.counter('auth_failures_total', { kind: 'twilio-account' });
  const countFailure = api.createRateLimit({
    max: FAILURES_PER_ADDRESS,
    timeWindow: WINDOW_MS,
    keyGenerator: (request) => normalizeIP(request.ip),
  });
  api.addHook('onRequest', async (request) => {
    const { accountSid: named } = request.params as { readonly accountSid?: string };
    const isRight = timingSafeEqual(digestOf(credentialOf(request)), right);
    if (isRight && named === accountSid) return;
    failures.add(1);
    const counted = await countFailure(request);
    if (!counted.isAllowed && counted.isExceeded) throw new AppError('RATE_LIMITED');
    throw new TwilioError(20003, 'Authenticate');
  });
  api.addHook('onSend', async (_request, reply) => {
    void reply.header('cache-control', 'no-store');
  });
}

function credentialOf({ headers }: FastifyRequest): string {
  const encoded = /^Basic ([A-Za-z0-9+/=]{1,2048})$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  return Buffer.from(encoded, 'base64').toString('utf8');
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function makeTwilioErrorHandler(logger: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const twilioError = error instanceof TwilioError ? error : toTwilioError(toAppError(error));
    if (twilioError.code === 20500) {
      logger.error('a request failed', { requestId: request.id, ...describeError(error) });
    }
    if (twilioError.status === 401) void reply.header('www-authenticate', 'Basic realm="tonewall"');
    void reply.code(twilioError.status).send(twilioError.body);
  };
}
