import { Type } from 'typebox';
import { refuseCardNumbers } from './free-text.ts';
import { BODY_PROBLEMS, problemResponses } from './problem.ts';
import { CallId, CallView, CreatedCall, Leg, LegAddress, NewCall } from './schemas.ts';
import type { Api, ServerDeps } from './server-deps.ts';

const TAGS = ['calls'];
const Params = Type.Object({ id: CallId });

type Deps = Pick<ServerDeps, 'calls'>;

/** Calls: making one, its state, a fresh address for a lost leg, ending it. */
export function addCallRoutes(api: Api, deps: Deps): void {
  addCreateRoute(api, deps);
  addReadAndEndRoutes(api, deps);
  addRenewRoute(api, deps);
}

function addCreateRoute(api: Api, { calls }: Deps): void {
  api.post(
    '/calls',
    {
      config: { creates: true },
      schema: {
        tags: TAGS,
        operationId: 'createCall',
        summary: 'Make a call and get the addresses of its legs',
        body: NewCall,
        response: {
          201: CreatedCall,
          ...problemResponses(
            ...BODY_PROBLEMS,
            'CARD_DATA_REFUSED',
            'DRAINING',
            'CAPACITY_EXCEEDED',
            'OVERLOADED',
          ),
        },
      },
    },
    async (request, reply) => {
      const { topology, sampleRate, reference } = request.body;
      refuseCardNumbers([reference]);
      return reply.code(201).send(calls.create({ topology, sampleRate, reference: reference ?? null }));
    },
  );
}

function addReadAndEndRoutes(api: Api, { calls }: Deps): void {
  api.get(
    '/calls/:id',
    {
      config: { access: 'call-state' },
      schema: {
        tags: TAGS,
        security: [{ apiKey: [] }, { agentToken: [] }],
        operationId: 'getCall',
        summary: 'State of a call, its legs and its open payment',
        params: Params,
        response: { 200: CallView, ...problemResponses('CALL_NOT_FOUND') },
      },
    },
    async (request) => calls.get(request.params.id),
  );

  api.delete(
    '/calls/:id',
    {
      schema: {
        tags: TAGS,
        operationId: 'endCall',
        summary: 'End a call',
        params: Params,
        response: {
          204: Type.Null({ description: 'The call has ended.' }),
          ...problemResponses('CALL_NOT_FOUND'),
        },
      },
    },
    async (request, reply) => {
      calls.end(request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function addRenewRoute(api: Api, { calls }: Deps): void {
  api.post(
    '/calls/:id/legs/:leg/renew',
    {
      schema: {
        tags: TAGS,
        operationId: 'renewLeg',
        summary: 'A fresh address for a leg whose socket was lost or whose token ran out',
        params: Type.Object({ id: CallId, leg: Leg }),
        response: {
          200: LegAddress,
          ...problemResponses('CALL_NOT_FOUND', 'CALL_ENDED', 'LEG_NOT_IN_TOPOLOGY'),
        },
      },
    },
    async (request) => calls.renewLeg(request.params.id, request.params.leg),
  );
}
