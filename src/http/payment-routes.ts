import { Type } from 'typebox';
import type { PaymentView } from '../call/views.ts';
import { AppError } from '../core/errors.ts';
import { isEnded } from '../core/payment-state.ts';
import type { PaymentState } from '../core/payment-state.ts';
import { actorOf, apiKeyNameOf, refuseOtherCalls } from './auth.ts';
import { refuseCardNumbers } from './free-text.ts';
import { BODY_PROBLEMS, problemResponses } from './problem.ts';
import {
  AgentToken,
  CallId,
  CreatedPayment,
  Field,
  IdempotencyKey,
  NewPayment,
  PaymentId,
  STRICT,
} from './schemas.ts';
import type { Api, ServerDeps } from './server-deps.ts';

const TAGS = ['payments'];
const Params = Type.Object({ id: PaymentId });
const PaymentAnswer = Type.Unsafe<PaymentView>({ $ref: 'Payment#' });
/** Either credential; the token only for its own payment, or the payments of its call. */
const EITHER = [{ apiKey: [] }, { agentToken: [] }];

const OpenHeaders = Type.Object({
  'idempotency-key': IdempotencyKey(
    'A repeat under the same key gets the same payment, for ever. Unique per API key.',
  ),
});

type Deps = Pick<ServerDeps, 'payments' | 'agentTokens' | 'publicUrl'>;

/** Payments: opening one, and everything that an agent or a back end does with it. */
export function addPaymentRoutes(api: Api, deps: Deps): void {
  addOpenRoute(api, deps);
  addReadRoutes(api, deps);
  addKeyingRoutes(api, deps);
  addEndRoutes(api, deps);
  addTokenRoute(api, deps);
}

function addOpenRoute(api: Api, { payments, agentTokens, publicUrl }: Deps): void {
  api.post(
    '/payments',
    {
      config: { access: 'session', isJournaled: true },
      schema: {
        tags: TAGS,
        security: EITHER,
        operationId: 'openPayment',
        summary: 'Open a payment on a call',
        description:
          "The answer has the address of the agent's page and a token for it. That to a repeat has the header `idempotent-replayed: true`. A draining server still opens payments on calls that are open.",
        headers: OpenHeaders,
        body: NewPayment,
        response: {
          201: CreatedPayment,
          ...problemResponses(
            ...BODY_PROBLEMS,
            'CALL_NOT_FOUND',
            'PROFILE_NOT_FOUND',
            'CALL_ENDED',
            'PAYMENT_OPEN',
            'METHOD_NOT_SUPPORTED',
            'AMOUNT_INVALID',
            'CURRENCY_MISMATCH',
            'CARD_DATA_REFUSED',
            'IDEMPOTENCY_CONFLICT',
            'JOURNAL_UNAVAILABLE',
          ),
        },
      },
    },
    async (request, reply) => {
      const { body } = request;
      refuseOtherCalls(request, body.callId);
      const clientKey = request.headers['idempotency-key'] ?? null;
      refuseCardNumbers([clientKey, ...Object.values(body)]);
      const { created, payment } = await payments.open(
        {
          callId: body.callId,
          profileId: body.profileId,
          payee: body.payee ?? null,
          interactionType: body.interactionType ?? null,
          amount: body.amount ?? null,
          currency: body.currency ?? null,
          reference: body.reference ?? null,
          description: body.description ?? null,
        },
        apiKeyNameOf(request),
        clientKey,
      );
      if (!created) void reply.header('idempotent-replayed', 'true');
      const { token, expiresAt } = await agentTokens.issue({ kind: 'agent', paymentId: payment.id });
      return reply.code(201).send({
        ...payment,
        agentToken: token,
        agentTokenExpiresAt: expiresAt,
        panelUrl: `${publicUrl()}/workspace#payment=${payment.id}&token=${token}`,
        eventsUrl: `${publicUrl()}/v1/payments/${payment.id}/events`,
      });
    },
  );
}

function addReadRoutes(api: Api, { payments }: Deps): void {
  api.get(
    '/payments',
    {
      config: { access: 'session' },
      schema: {
        tags: TAGS,
        security: EITHER,
        operationId: 'listPayments',
        summary: 'The payments of a call, newest first',
        querystring: Type.Object({ callId: CallId }, STRICT),
        response: {
          200: Type.Object({ payments: Type.Array(PaymentAnswer) }, { description: 'At most 200.' }),
          ...problemResponses('JOURNAL_UNAVAILABLE'),
        },
      },
    },
    async (request) => {
      refuseOtherCalls(request, request.query.callId);
      return { payments: [...(await payments.ofCall(request.query.callId))] };
    },
  );

  api.get(
    '/payments/:id',
    {
      config: { access: 'payment' },
      schema: {
        tags: TAGS,
        security: EITHER,
        operationId: 'getPayment',
        summary: 'State of a payment',
        params: Params,
        response: { 200: PaymentAnswer, ...problemResponses('PAYMENT_NOT_FOUND', 'JOURNAL_UNAVAILABLE') },
      },
    },
    async (request) => payments.get(request.params.id),
  );
}

/** What the agent does while the caller keys. */
function addKeyingRoutes(api: Api, { payments }: Deps): void {
  const common = { tags: TAGS, security: EITHER, params: Params };
  api.post(
    '/payments/:id/capture',
    {
      config: { access: 'payment' },
      schema: {
        ...common,
        operationId: 'captureField',
        summary: 'Start or restart a field; its digits are wiped first',
        body: Type.Object({ field: Field }, STRICT),
        response: {
          200: PaymentAnswer,
          ...problemResponses(
            ...BODY_PROBLEMS,
            'PAYMENT_NOT_FOUND',
            'PAYMENT_ENDED',
            'PAYMENT_PROCESSING',
            'FIELD_NOT_IN_PROFILE',
          ),
        },
      },
    },
    async (request) => payments.capture(request.params.id, request.body.field),
  );

  api.post(
    '/payments/:id/more-time',
    {
      config: { access: 'payment' },
      schema: {
        ...common,
        operationId: 'giveMoreTime',
        summary: 'Give the caller the whole time for the next key again',
        response: {
          200: PaymentAnswer,
          ...problemResponses(
            'PAYMENT_NOT_FOUND',
            'PAYMENT_ENDED',
            'PAYMENT_PROCESSING',
            'TIMER_NOT_RUNNING',
          ),
        },
      },
    },
    async (request) => payments.giveMoreTime(request.params.id),
  );
}

/** What moves money, or decides that none moves. */
function addEndRoutes(api: Api, { payments }: Deps): void {
  const common = { tags: TAGS, security: EITHER, params: Params };
  api.post(
    '/payments/:id/process',
    {
      config: { access: 'payment' },
      schema: {
        ...common,
        operationId: 'processPayment',
        summary: 'Charge or tokenise',
        description:
          'Answers when the outcome is known, or after 15 s with the state `processing`. A repeat joins the first and never charges again.',
        response: {
          200: PaymentAnswer,
          ...problemResponses(
            'PAYMENT_NOT_FOUND',
            'PAYMENT_NOT_READY',
            'PAYMENT_ENDED',
            'JOURNAL_UNAVAILABLE',
          ),
        },
      },
    },
    async (request) => payments.process(request.params.id, actorOf(request)),
  );

  api.post(
    '/payments/:id/cancel',
    {
      config: { access: 'payment' },
      schema: {
        ...common,
        operationId: 'cancelPayment',
        summary: 'Wipe what was keyed and end the payment',
        response: {
          200: PaymentAnswer,
          ...problemResponses(
            'PAYMENT_NOT_FOUND',
            'PAYMENT_ENDED',
            'PAYMENT_PROCESSING',
            'JOURNAL_UNAVAILABLE',
          ),
        },
      },
    },
    async (request) => payments.cancel(request.params.id, actorOf(request)),
  );
}

function addTokenRoute(api: Api, { payments, agentTokens }: Deps): void {
  api.post(
    '/payments/:id/agent-token',
    {
      config: { access: 'payment' },
      schema: {
        tags: TAGS,
        security: EITHER,
        operationId: 'renewAgentToken',
        summary: 'A fresh agent token, while the payment is open or its outcome unknown',
        params: Params,
        response: {
          200: AgentToken,
          ...problemResponses('PAYMENT_NOT_FOUND', 'PAYMENT_ENDED', 'JOURNAL_UNAVAILABLE'),
        },
      },
    },
    async (request) => {
      const { id, state } = await payments.get(request.params.id);
      if (!isWatched(state)) throw new AppError('PAYMENT_ENDED', { paymentId: id, state });
      const { token, expiresAt } = await agentTokens.issue({ kind: 'agent', paymentId: id });
      return { agentToken: token, agentTokenExpiresAt: expiresAt };
    },
  );
}

/** An unknown outcome may still be settled, and the agent watches for it. */
function isWatched(state: PaymentState): boolean {
  return !isEnded(state) || state === 'unknown';
}
