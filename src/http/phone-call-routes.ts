import { Type } from 'typebox';
import type { PhoneCalls } from '../call/phone-calls.ts';
import { AppError } from '../core/errors.ts';
import { refuseCardNumbers } from './free-text.ts';
import { BODY_PROBLEMS, problemResponses } from './problem.ts';
import { AgentTransfer, CallId, NewPhoneCall, PhoneCallView, STRICT } from './schemas.ts';
import type { Api, ServerDeps } from './server-deps.ts';

const TAGS = ['phone calls'];
const Params = Type.Object({ id: CallId });

/** Calls that the platform carries for us: calling a contact, who is connected, handing over to another agent. */
export function addPhoneCallRoutes(api: Api, { phoneCalls }: Pick<ServerDeps, 'phoneCalls'>): void {
  const carried = (): PhoneCalls => {
    if (phoneCalls === undefined || phoneCalls === null) throw new AppError('PLATFORM_NOT_CONFIGURED');
    return phoneCalls;
  };
  addDialRoute(api, carried);
  addReadRoutes(api, carried);
  addTransferRoute(api, carried);
}

function addReadRoutes(api: Api, carried: () => PhoneCalls): void {
  api.get(
    '/phone-calls',
    {
      schema: {
        tags: TAGS,
        operationId: 'listPhoneCalls',
        summary: 'Open phone calls, the newest last',
        querystring: Type.Object(
          {
            legId: Type.Optional(
              Type.String({
                maxLength: 64,
                description:
                  "Only the call that has this leg, by the platform's id (`uuid` of its webhooks).",
              }),
            ),
          },
          STRICT,
        ),
        response: {
          200: Type.Object(
            { phoneCalls: Type.Array(PhoneCallView) },
            { description: 'At most as many as calls may be open.' },
          ),
          ...problemResponses('PLATFORM_NOT_CONFIGURED'),
        },
      },
    },
    async (request) => ({ phoneCalls: [...carried().list(request.query.legId ?? null)] }),
  );

  api.get(
    '/phone-calls/:id',
    {
      schema: {
        tags: TAGS,
        operationId: 'getPhoneCall',
        summary: 'Who is connected, and where the audio goes',
        params: Params,
        response: { 200: PhoneCallView, ...problemResponses('CALL_NOT_FOUND', 'PLATFORM_NOT_CONFIGURED') },
      },
    },
    async (request) => carried().get(request.params.id),
  );
}

function addDialRoute(api: Api, carried: () => PhoneCalls): void {
  api.post(
    '/phone-calls',
    {
      config: { creates: true },
      schema: {
        tags: TAGS,
        operationId: 'dialPhoneCall',
        summary: 'Call a contact: rings the agent first, then the contact',
        description: 'The call is an ordinary one besides: `DELETE /v1/calls/{id}` ends it.',
        body: NewPhoneCall,
        response: {
          201: PhoneCallView,
          ...problemResponses(
            ...BODY_PROBLEMS,
            'PLATFORM_NOT_CONFIGURED',
            'DESTINATION_INVALID',
            'CARD_DATA_REFUSED',
            'DRAINING',
            'CAPACITY_EXCEEDED',
          ),
        },
      },
    },
    async (request, reply) => {
      const { to, agent, reference } = request.body;
      refuseCardNumbers([reference]);
      const call = carried().dial({ to, agent: agent ?? null, reference: reference ?? null });
      return reply.code(201).send(call);
    },
  );
}

function addTransferRoute(api: Api, carried: () => PhoneCalls): void {
  api.post(
    '/phone-calls/:id/transfer',
    {
      schema: {
        tags: TAGS,
        operationId: 'transferPhoneCall',
        summary: 'Ring another agent, who takes over when he answers; also during a payment',
        params: Params,
        body: AgentTransfer,
        response: {
          200: PhoneCallView,
          ...problemResponses(
            ...BODY_PROBLEMS,
            'PLATFORM_NOT_CONFIGURED',
            'CALL_NOT_FOUND',
            'CALL_ENDED',
            'TRANSFER_NOT_POSSIBLE',
            'DESTINATION_INVALID',
          ),
        },
      },
    },
    async (request) => carried().transfer(request.params.id, request.body.agent),
  );
}
