import { Type } from 'typebox';
import { AppError } from '../core/errors.ts';
import { EventStream } from './event-stream.ts';
import type { OutgoingFilter } from './outgoing-filter.ts';
import { problemResponses } from './problem.ts';
import { PaymentId, STRICT } from './schemas.ts';
import type { Api, ServerDeps } from './server-deps.ts';

const CURSOR = /^([A-Za-z0-9_]{1,64})\.(\d{1,9})$/;
const CURSOR_TEXT = 'The `id` of the last event that was received; goes on after it.';

type Deps = Pick<ServerDeps, 'payments' | 'events' | 'clock' | 'meter'> & { readonly filter: OutgoingFilter };

/**
 * The payment's events. A new reader gets everything so far; one that comes back gets what it missed; one whose
 * place is no longer known gets `reset` and the present state.
 */
export function addEventRoutes(api: Api, deps: Deps): void {
  const { payments, events, clock, meter } = deps;
  const resumed = {
    replayed: meter.counter('event_resume_total', { result: 'replayed' }),
    reset: meter.counter('event_resume_total', { result: 'reset' }),
  };
  const streamDeps = {
    clock,
    filter: deps.filter,
    clients: meter.gauge('event_clients', {}),
    dropped: meter.counter('event_clients_dropped_total', {}),
  };
  const streams = new Set<EventStream>();
  api.addHook('preClose', async () => {
    for (const stream of streams) stream.ended();
  });

  api.get(
    '/payments/:id/events',
    {
      config: { access: 'payment', streams: true },
      exposeHeadRoute: false,
      schema: {
        tags: ['payments'],
        security: [{ apiKey: [] }, { agentToken: [] }],
        operationId: 'streamEvents',
        summary: 'Events of a payment, as Server-Sent Events',
        description:
          'Events: `payment-state`, `field-progress`, `field-complete`, `field-rejected`, `masking-alarm`, `payment-result`; `reset` when events were missed that are no longer known. Data: JSON with `paymentId`, `seq` and `at`. A stream ends when the agent token does; renew the token and resume.',
        params: Type.Object({ id: PaymentId }),
        headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ description: CURSOR_TEXT })) }),
        querystring: Type.Object(
          {
            lastEventId: Type.Optional(
              Type.String({ description: `${CURSOR_TEXT} The header, if there is one, counts.` }),
            ),
          },
          STRICT,
        ),
        response: {
          200: {
            description: 'The stream.',
            content: { 'text/event-stream': { schema: Type.String() } },
          },
          ...problemResponses('CURSOR_INVALID', 'PAYMENT_NOT_FOUND', 'JOURNAL_UNAVAILABLE'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const cursor = parseCursor(request.headers['last-event-id'] ?? request.query.lastEventId, id);
      // Read before the view, so that the view is not older than the events that follow it.
      const newestSeq = events.lastSeq(id);
      const view = await payments.get(id);
      const canResume = events.canResume(id, cursor ?? 0);
      const afterSeq = canResume ? (cursor ?? 0) : newestSeq;
      const stream = new EventStream(reply.raw, id, streamDeps);
      const unsubscribe = events.subscribe(id, afterSeq, stream);

      reply.hijack();
      streams.add(stream);
      stream.open();
      stream.onClose(unsubscribe);
      stream.onClose(() => streams.delete(stream));
      if (cursor !== null) resumed[canResume ? 'replayed' : 'reset'].add(1);
      if (cursor !== null && !canResume) stream.reset(newestSeq);
      if (!canResume) stream.snapshot(newestSeq, view);
      if (request.principal !== null && request.principal.kind !== 'api-key') {
        stream.onClose(clock.after(request.principal.expiresAtMs - clock.wallMs(), () => stream.ended()));
      }
    },
  );
}

/** The number in `<payment id>.<seq>`; null if there is no cursor. */
function parseCursor(text: string | undefined, paymentId: string): number | null {
  if (text === undefined) return null;
  const match = CURSOR.exec(text);
  if (match === null) throw new AppError('CURSOR_INVALID');
  if (match[1] !== paymentId) throw new AppError('ACCESS_DENIED');
  return Number(match[2]);
}
