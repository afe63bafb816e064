import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Check } from 'typebox/schema';
import { CARD_BRANDS } from '../../core/card-brand.ts';
import type { CardBrand } from '../../core/card-brand.ts';
import type { Reading, Reply } from '../deliver.ts';
import { NO_DETAILS, NOT_TOKENISED, refused, UNKNOWN } from '../provider-result.ts';
import { shownCode, shownId, shownMessage } from '../provider-text.ts';
import type { ProviderRequest, ProviderResult, Tokenised } from '../provider.ts';

const OptionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]));

/** What stands under `error` in a reply, and under `last_payment_error` in a PaymentIntent. */
const Problem = Type.Object({
  type: Type.String(),
  code: OptionalText,
  decline_code: OptionalText,
  message: OptionalText,
});

const Intent = Type.Object({
  object: Type.Literal('payment_intent'),
  id: Type.String({ pattern: '^pi_\\w{1,120}$' }),
  status: Type.String(),
  amount: Type.Integer(),
  amount_received: Type.Optional(Type.Integer()),
  currency: Type.String(),
  last_payment_error: Type.Optional(Type.Union([Problem, Type.Null()])),
});

const Method = Type.Object({
  object: Type.Literal('payment_method'),
  id: Type.String({ pattern: '^pm_\\w{1,120}$' }),
  card: Type.Object({ brand: OptionalText, last4: OptionalText }),
});

const Failure = Type.Object({
  error: Type.Intersect([Problem, Type.Object({ payment_intent: Type.Optional(Type.Unknown()) })]),
});

/** What a PaymentIntent says. `chargeable`: not charged, but it still could be. `asks-payer`: so would the bank. */
export type IntentState = ProviderResult | 'chargeable' | 'asks-payer' | null;

/** A PaymentMethod as it was made. */
export interface StripeMethod {
  readonly kind: 'method';
  readonly id: string;
  readonly brand: CardBrand | null;
  readonly last4: string | null;
}

/** A PaymentIntent as it was made. */
export interface StripeIntent {
  readonly kind: 'intent';
  readonly id: string;
}

/** A step of tokenising that is over without its result. */
export type Ended = Extract<Tokenised, { kind: 'ended' }>;

const CANCELED: ProviderResult = {
  ...NO_DETAILS,
  outcome: 'failed',
  message: 'The charge was canceled before it was made. Nothing was charged.',
};

/** The bank wants to see the payer, which a telephone call cannot give it. Nothing was charged. */
export const ASKED_FOR_PAYER: ProviderResult = {
  ...NO_DETAILS,
  outcome: 'declined',
  declineCode: 'authentication_required',
  message: 'The bank asks the payer to confirm online, which is not possible on the telephone.',
};

/**
 * What a PaymentIntent says about the charge of this request; null when it is another one's, or not decided yet.
 *
 * | status                                                | result                                        |
 * |-------------------------------------------------------|-----------------------------------------------|
 * | `succeeded`, the whole amount                         | approved                                      |
 * | `requires_payment_method` with `last_payment_error`   | declined                                      |
 * | `requires_payment_method`, `requires_confirmation`    | `chargeable`                                  |
 * | `requires_action`                                     | `asks-payer`                                  |
 * | `canceled`                                            | declined if an attempt had failed, or failed  |
 * | `processing`, `requires_capture`, any other           | null                                          |
 */
export function mapStripeIntent(request: ProviderRequest, intentId: string, body: unknown): IntentState {
  if (!Check(Intent, body) || !isAbout(request, intentId, body)) return null;
  const { status, last_payment_error: problem } = body;
  switch (status) {
    case 'succeeded':
      if ((body.amount_received ?? body.amount) !== body.amount) return null;
      return {
        ...NO_DETAILS,
        outcome: 'approved',
        reference: shownId(body.id),
        message: 'The payment was approved.',
      };
    case 'requires_payment_method':
      return problem ? declinedBy(problem) : 'chargeable';
    case 'requires_confirmation':
      return 'chargeable';
    case 'requires_action':
      return 'asks-payer';
    case 'canceled':
      return problem ? declinedBy(problem) : CANCELED;
    default:
      return null;
  }
}

/**
 * The decision in the reply to a confirmation. `unknown` stops the repeats: the same answer would come again, and the
 * PaymentIntent has to be asked instead.
 *
 * | reply                                          | first attempt  | a repeat       |
 * |------------------------------------------------|----------------|----------------|
 * | `Stripe-Should-Retry: false`, 5xx or 409       | `unknown`      | `unknown`      |
 * | 200                                            | as the PaymentIntent says, or `unknown` |
 * | 402 with a `card_error`                        | declined       | declined       |
 * | 429: before the key is saved                   | nothing done   | nothing done   |
 * | 400, 401, 403, 404: `invalid_request_error`    | failed         | `unknown`      |
 * | the same, but the PaymentIntent was acted on   | `unknown`      | `unknown`      |
 * | 409: the same key is in flight; 5xx; any other | no decision    | no decision    |
 *
 * `Stripe-Should-Retry: true` makes a decision of none of them.
 */
export function mapStripeConfirmation(
  request: ProviderRequest,
  intentId: string,
  reply: Reply,
  repeated: boolean,
): Reading<ProviderResult> {
  const { status, body } = reply;
  const shouldRetry = reply.headers?.['stripe-should-retry'];
  if (status === 429) return 'nothing-done';
  if (shouldRetry === 'true' && status >= 400) return null;
  if (status >= 500 || status === 409) return shouldRetry === 'false' ? UNKNOWN : null;
  if (status === 200) {
    const state = body === null ? null : mapStripeIntent(request, intentId, body);
    return state === null || typeof state === 'string' ? UNKNOWN : state;
  }
  if (!Check(Failure, body)) return null;
  const { error } = body;
  if (status === 402) return declineIn(request, intentId, error) ?? UNKNOWN;
  if (repeated) return UNKNOWN;
  const wasActedOn =
    error.type !== 'invalid_request_error' || error.code === 'payment_intent_unexpected_state';
  return wasActedOn ? UNKNOWN : refused(codeOf(error));
}

/** The reply to a new PaymentMethod. No money moves by it, so that it may end in any way. */
export function mapStripeMethod(reply: Reply): Reading<StripeMethod | Ended> {
  const { status, body } = reply;
  if (Check(Method, body) && status === 200) {
    const { brand, last4 } = body.card;
    const shown = /^\d{4}$/.exec(last4 ?? '')?.[0] ?? null;
    return { kind: 'method', id: body.id, brand: brandOf(brand ?? ''), last4: shown };
  }
  return endOfStep(reply);
}

/** The reply to a new PaymentIntent, which must be what was asked for. */
export function mapStripeNewIntent(request: ProviderRequest, reply: Reply): Reading<StripeIntent | Ended> {
  const { status, body } = reply;
  if (Check(Intent, body) && status === 200 && isAbout(request, body.id, body)) {
    return { kind: 'intent', id: body.id };
  }
  return endOfStep(reply);
}

function endOfStep({ status, body, headers }: Reply): Reading<Ended> {
  if (status === 429) return 'nothing-done';
  if (status >= 500 || status === 409 || headers?.['stripe-should-retry'] === 'true') return null;
  if (status === 402 && Check(Failure, body) && body.error.type === 'card_error') {
    return { kind: 'ended', result: declinedBy(body.error) };
  }
  if (!Check(Failure, body)) return NOT_TOKENISED;
  return { kind: 'ended', result: { ...refused(codeOf(body.error)), outcome: 'failed' } };
}

function declineIn(
  request: ProviderRequest,
  intentId: string,
  error: Static<typeof Failure>['error'],
): ProviderResult | null {
  if (error.type !== 'card_error') return null;
  const { payment_intent: intent } = error;
  const isOurs =
    intent === undefined || intent === null || (Check(Intent, intent) && isAbout(request, intentId, intent));
  return isOurs ? declinedBy(error) : null;
}

function declinedBy(problem: Static<typeof Problem>): ProviderResult & { readonly outcome: 'declined' } {
  return {
    ...NO_DETAILS,
    outcome: 'declined',
    // `decline_code` is the bank's reason; `code` says no more than `card_declined` where there is one.
    declineCode: shownCode(problem.decline_code ?? problem.code ?? ''),
    message: shownMessage(problem.message) ?? 'The payment provider declined.',
  };
}

/** For whoever runs the server: mostly it is the configuration, such as raw card data that is not enabled. */
function codeOf({ code, type }: Static<typeof Problem>): string | null {
  return shownCode(code ?? type);
}

function isAbout(request: ProviderRequest, intentId: string, intent: Static<typeof Intent>): boolean {
  const { amountMinor, currency } = request;
  return (
    intent.id === intentId && intent.amount === amountMinor && intent.currency === currency.toLowerCase()
  );
}

function brandOf(word: string): CardBrand | null {
  return CARD_BRANDS.find((brand) => brand === (word === 'diners' ? 'diners-club' : word)) ?? null;
}
