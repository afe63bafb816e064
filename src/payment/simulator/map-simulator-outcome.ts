import { Type } from 'typebox';
import { Check } from 'typebox/schema';
import { CARD_BRANDS } from '../../core/card-brand.ts';
import type { Reply } from '../deliver.ts';
import { NO_DETAILS } from '../provider-result.ts';
import { isProviderId, shownCode } from '../provider-text.ts';
import type { ProviderRequest, ProviderResult } from '../provider.ts';

const Decided = Type.Object({
  status: Type.Union([Type.Literal('approved'), Type.Literal('declined')]),
  id: Type.String(),
  amount: Type.Integer(),
  currency: Type.String(),
  brand: Type.Union([Type.String(), Type.Null()]),
  last4: Type.Union([Type.String({ pattern: '^\\d{4}$' }), Type.Null()]),
  decline_code: Type.Optional(Type.String()),
});

const Refused = Type.Object({ status: Type.Literal('refused') });

/** The decision in an answer of the simulator, or null: the amount and currency must be those that were asked for. */
export function mapSimulatorOutcome(
  request: ProviderRequest,
  reply: Reply,
  repeated: boolean,
): ProviderResult | null {
  const answer = reply.body;
  // A refused repeat says nothing of the request before it.
  if (Check(Refused, answer) && !repeated) {
    return {
      ...NO_DETAILS,
      outcome: 'failed',
      message: 'The payment provider refused. Nothing was charged.',
    };
  }
  if (!Check(Decided, answer) || !isProviderId(answer.id)) return null;
  if (answer.amount !== (request.amountMinor ?? 0) || answer.currency !== request.currency) return null;
  const card = { brand: CARD_BRANDS.find((brand) => brand === answer.brand) ?? null, last4: answer.last4 };
  return answer.status === 'approved'
    ? {
        ...NO_DETAILS,
        ...card,
        outcome: 'approved',
        reference: answer.id,
        message: 'The payment was approved.',
      }
    : {
        ...NO_DETAILS,
        ...card,
        outcome: 'declined',
        declineCode: shownCode(answer.decline_code ?? ''),
        message: 'The payment provider declined.',
      };
}
