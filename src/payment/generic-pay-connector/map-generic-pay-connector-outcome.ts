import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Check } from 'typebox/schema';
import { formatAmount } from '../../core/money.ts';
import type { Reply } from '../deliver.ts';
import { NO_DETAILS } from '../provider-result.ts';
import { isProviderId, shownCode, shownId, shownMessage } from '../provider-text.ts';
import type { ProviderRequest, ProviderResult } from '../provider.ts';

const OptionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]));

/** An answer of either dialect. Members that are not named here are ignored. */
const Answer = Type.Object({
  charge_id: OptionalText,
  token_id: OptionalText,
  error_code: Type.Optional(Type.Union([Type.String(), Type.Integer(), Type.Null()])),
  error_message: Type.Optional(Type.Unknown()),
  // Not part of the protocol. An answer that has them must be the answer to this request.
  transaction_id: Type.Optional(Type.String()),
  amount: Type.Optional(Type.Union([Type.String(), Type.Number()])),
  currency_code: Type.Optional(Type.String()),
});

/** Codes by which a far end may say that it knows the transaction already, which says nothing of its outcome. */
const DUPLICATE = /duplicate|already|idempot|in.?progress|conflict/i;

/** Codes by which a far end says that it does not know the outcome itself. */
const TIMEOUT = /time[\s_-]?(?:d[\s_-]?)?out/i;

/**
 * The decision in an answer, or null when there is none. An empty string counts as null, as languages without
 * null send it.
 *
 * | answer                                                           | decision   |
 * |------------------------------------------------------------------|------------|
 * | status 200-299, a sane id for the operation, no `error_code`     | `approved` |
 * | status 200-299 or 400-499 but 429, no id, an `error_code`        | `declined` |
 * | the same, but the code is a timeout                              | none       |
 * | the same, but to a repeat, and 409 or the code says duplicate    | none       |
 * | status 401 to the first try, nothing of the above                | `failed`   |
 * | status 429 or 500 and above, whatever the body                   | none       |
 * | id and error both or neither; no JSON object                     | none       |
 * | another transaction, amount or currency                          | none       |
 *
 * The status of a decline differs: Hyperswitch answers 200, SignalWire expects another one. 401 means that the
 * request was not applied for want of valid credentials (RFC 9110, 15.5.2). A far end that fails (500 and above) or
 * has no time (429) speaks of itself, not of the card: its `error_code` does not say that nothing was charged.
 */
export function mapGenericPayConnectorOutcome(
  request: ProviderRequest,
  reply: Reply,
  repeated: boolean,
): ProviderResult | null {
  const decision = decisionIn(request, reply, repeated);
  return decision === null && reply.status === 401 && !repeated ? NOT_AUTHORISED : decision;
}

const NOT_AUTHORISED: ProviderResult = {
  ...NO_DETAILS,
  outcome: 'failed',
  message: 'The payment provider refused our credentials. Nothing was charged.',
};

function decisionIn(request: ProviderRequest, reply: Reply, repeated: boolean): ProviderResult | null {
  const answer = reply.body;
  if (!Check(Answer, answer) || !isAbout(request, answer)) return null;
  const id = (request.operation === 'charge' ? answer.charge_id : answer.token_id) || null;
  const errorCode = answer.error_code === '' ? null : (answer.error_code ?? null);

  if (id === null && errorCode !== null) {
    const code = String(errorCode);
    const isDuplicate = reply.status === 409 || DUPLICATE.test(code);
    if (!mayDecline(reply.status) || TIMEOUT.test(code) || (repeated && isDuplicate)) return null;
    return {
      ...NO_DETAILS,
      outcome: 'declined',
      declineCode: shownCode(code),
      message: shownMessage(answer.error_message) ?? 'The payment provider declined.',
    };
  }
  if (errorCode !== null || !isSuccess(reply.status) || !isProviderId(id)) return null;
  return {
    ...NO_DETAILS,
    outcome: 'approved',
    reference: shownId(id),
    message: request.operation === 'charge' ? 'The payment was approved.' : 'The card was tokenised.',
  };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

function mayDecline(status: number): boolean {
  return isSuccess(status) || (status >= 400 && status <= 499 && status !== 429);
}

function isAbout(request: ProviderRequest, answer: Static<typeof Answer>): boolean {
  const { transaction_id: id, amount, currency_code: currency } = answer;
  if (id !== undefined && id !== request.idempotencyKey) return false;
  if (currency !== undefined && currency.toUpperCase() !== request.currency) return false;
  if (amount === undefined || request.amountMinor === null) return true;
  return Number(amount) === Number(formatAmount(request.amountMinor, request.currency));
}
