import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Check } from 'typebox/schema';
import { formatAmount } from '../../core/money.ts';
import type { Reply } from '../deliver.ts';
import { NO_DETAILS, notProcessed } from '../provider-result.ts';
import { isProviderId, shownCode, shownId } from '../provider-text.ts';
import type { LookUp, ProviderRequest, ProviderResult } from '../provider.ts';
import { Card, cardOf, nullable, ProcessorResponse, refusalIn } from './braintree-reply.ts';

/** Braintree, GraphQL API, "Transaction". The most recent event comes first. */
const Transaction = Type.Object({
  id: Type.String(),
  orderId: Type.String(),
  status: Type.String(),
  amount: Type.Object({ value: Type.Union([Type.String(), Type.Number()]), currencyCode: Type.String() }),
  paymentMethodSnapshot: nullable(Card),
  statusHistory: nullable(
    Type.Array(
      Type.Object({
        processorResponse: nullable(ProcessorResponse),
        gatewayRejectionReason: nullable(Type.String()),
      }),
    ),
  ),
});
type Transaction = Static<typeof Transaction>;

const Charged = Type.Object({
  data: Type.Object({ chargePaymentMethod: Type.Object({ transaction: Transaction }) }),
});

const Found = Type.Object({
  data: Type.Object({
    search: Type.Object({
      transactions: Type.Object({ edges: Type.Array(Type.Object({ node: Transaction })) }),
    }),
  }),
});

/**
 * The decision in a reply to a charge, or null when there is none.
 *
 * | reply                                                                          | decision   |
 * |--------------------------------------------------------------------------------|------------|
 * | `AUTHORIZED`, `SUBMITTED_FOR_SETTLEMENT`, `SETTLING`, `SETTLED`                | `approved` |
 * | `PROCESSOR_DECLINED`; `GATEWAY_REJECTED`, but not as duplicate                 | `declined` |
 * | `FAILED`: "an error occurred when sending the payment to the […] processor"    | `failed`   |
 * | no transaction, and only errors such as `VALIDATION`, in reply to the first try | `failed`   |
 * | another status, order id, amount or currency; other errors; no JSON            | none       |
 *
 * The currency is that of the merchant account. While the first request is under way, a repeat gets a `VALIDATION`
 * error; a rejected duplicate says that there is another transaction. Neither is a decision.
 */
export function mapBraintreeOutcome(
  request: ProviderRequest,
  reply: Reply,
  repeated: boolean,
): ProviderResult | null {
  if (reply.status === 200 && Check(Charged, reply.body)) {
    return decisionIn(request, reply.body.data.chargePaymentMethod.transaction);
  }
  return refusalIn(reply, repeated);
}

/**
 * What a search found: an approval before all; otherwise the decision, if every transaction has one. Without any it is
 * undecided, as the search may lag behind.
 */
export function mapBraintreeLookUp(request: ProviderRequest, reply: Reply): LookUp {
  if (reply.status !== 200 || !Check(Found, reply.body)) return 'undecided';
  const { edges } = reply.body.data.search.transactions;
  const decisions = edges.map(({ node }) => decisionIn(request, node));
  const found =
    decisions.find((decision) => decision?.outcome === 'approved') ??
    (decisions.includes(null) ? null : decisions[0]);
  return found ?? 'undecided';
}

function decisionIn(request: ProviderRequest, transaction: Transaction): ProviderResult | null {
  if (!isAbout(request, transaction)) return null;
  const { id, status, paymentMethodSnapshot } = transaction;
  const result = { ...NO_DETAILS, ...cardOf(paymentMethodSnapshot) };
  switch (status) {
    case 'AUTHORIZED':
    case 'SUBMITTED_FOR_SETTLEMENT':
    case 'SETTLING':
    case 'SETTLED':
      return {
        ...result,
        outcome: 'approved',
        reference: shownId(id),
        message: 'The payment was approved.',
      };
    case 'PROCESSOR_DECLINED':
    case 'GATEWAY_REJECTED': {
      const code = declineCodeIn(transaction);
      if (code === 'DUPLICATE') return null;
      const declineCode = shownCode(code);
      return { ...result, outcome: 'declined', declineCode, message: 'The payment provider declined.' };
    }
    case 'FAILED':
      return notProcessed(null);
    default:
      return null;
  }
}

/** The processor's code, such as 2001, or the gateway's reason, such as CVV; the events before it have neither. */
function declineCodeIn({ statusHistory }: Transaction): string {
  for (const event of statusHistory ?? []) {
    const code = event.gatewayRejectionReason ?? event.processorResponse?.legacyCode ?? '';
    if (code !== '') return code;
  }
  return '';
}

function isAbout(request: ProviderRequest, { id, orderId, amount }: Transaction): boolean {
  if (!isProviderId(id) || orderId !== request.idempotencyKey) return false;
  if (amount.currencyCode !== request.currency || request.amountMinor === null) return false;
  return Number(amount.value) === Number(formatAmount(request.amountMinor, request.currency));
}
