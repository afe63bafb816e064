import { Type } from 'typebox';
import { actorOf } from './auth.ts';
import { problemResponses } from './problem.ts';
import { DeliveryList, PaymentId } from './schemas.ts';
import type { Api, ServerDeps } from './server-deps.ts';

const TAGS = ['payments'];
const Params = Type.Object({ id: PaymentId });

/** The webhooks of a payment: how they stand, and trying again those that were given up. For back ends alone. */
export function addDeliveryRoutes(api: Api, { deliveries }: Pick<ServerDeps, 'deliveries'>): void {
  api.get(
    '/payments/:id/deliveries',
    {
      schema: {
        tags: TAGS,
        operationId: 'listDeliveries',
        summary: 'The webhooks of a payment, and how they stand',
        params: Params,
        response: {
          200: DeliveryList,
          ...problemResponses('PAYMENT_NOT_FOUND', 'JOURNAL_UNAVAILABLE'),
        },
      },
    },
    async (request) => ({ deliveries: [...(await deliveries.of(request.params.id))] }),
  );

  api.post(
    '/payments/:id/deliveries/redeliver',
    {
      schema: {
        tags: TAGS,
        operationId: 'redeliver',
        summary: 'Try the webhooks of a payment again that were given up',
        description:
          'Nothing happens to those that a later one has overtaken, nor while another of the payment is pending.',
        params: Params,
        response: {
          200: DeliveryList,
          ...problemResponses('PAYMENT_NOT_FOUND', 'WEBHOOKS_OFF', 'JOURNAL_UNAVAILABLE'),
        },
      },
    },
    async (request) => ({
      deliveries: [...(await deliveries.redeliver(request.params.id, actorOf(request)))],
    }),
  );
}
