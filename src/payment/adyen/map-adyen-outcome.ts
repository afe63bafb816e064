import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Check } from 'typebox/schema';
import type { CardBrand } from '../../core/card-brand.ts';
import type { Reply } from '../deliver.ts';
import { NO_DETAILS, notProcessed, refused } from '../provider-result.ts';
import { isProviderId, shownCode, shownId } from '../provider-text.ts';
import type { ProviderRequest, ProviderResult } from '../provider.ts';

/** A payment (Adyen, Checkout API 71, "PaymentResponse"). Members that are not named here are ignored. */
const Payment = Type.Object({
  resultCode: Type.String(),
  pspReference: Type.String(),
  merchantReference: Type.Optional(Type.String()),
  amount: Type.Optional(Type.Object({ value: Type.Integer(), currency: Type.String() })),
  refusalReasonCode: Type.Optional(Type.String()),
  paymentMethod: Type.Optional(Type.Object({ brand: Type.Optional(Type.String()) })),
  additionalData: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
type Payment = Static<typeof Payment>;

/** What stands beside a status other than 200 (Adyen, "ServiceError"). */
const ServiceError = Type.Object({ errorCode: Type.Optional(Type.String()) });

/** "Request already processed or in progress", with status 409 or 422: says nothing of the outcome. */
const SAME_KEY_IN_FLIGHT = '704';

/** By these, a request was not read, not allowed or not valid (Adyen, "HTTP status codes"). */
const REFUSED_STATUSES = [400, 401, 403, 404, 422];

const BRANDS: ReadonlyMap<string, CardBrand> = new Map([
  ['visa', 'visa'],
  ['mc', 'mastercard'],
  ['amex', 'amex'],
  ['discover', 'discover'],
  ['jcb', 'jcb'],
  ['diners', 'diners-club'],
  ['maestro', 'maestro'],
  ['cup', 'unionpay'],
]);

/**
 * The decision in a reply to `POST /payments`, or null when there is none. `value` is the amount in Adyen's units.
 *
 * | reply                                                                   | decision   |
 * |-------------------------------------------------------------------------|------------|
 * | `Authorised`, with our reference, amount and currency                   | `approved` |
 * | `Refused`, `Cancelled`                                                  | `declined` |
 * | `Error`: "a final state" in Adyen's words, nothing was authorised       | `failed`   |
 * | status 400, 401, 403, 404, 422 to the first try, but not error code 704 | `failed`   |
 * | `PartiallyAuthorised`, `Pending`, `Received`, anything with an action   | none       |
 * | another reference, amount or currency; other statuses; no JSON          | none       |
 *
 * A refusal of a repeat says nothing of the request before it.
 */
export function mapAdyenOutcome(
  request: ProviderRequest,
  value: number,
  reply: Reply,
  repeated: boolean,
): ProviderResult | null {
  if (reply.status === 200) {
    return Check(Payment, reply.body) && isAbout(request, reply.body)
      ? decisionIn(request, value, reply.body)
      : null;
  }
  if (repeated || !REFUSED_STATUSES.includes(reply.status)) return null;
  const errorCode = (Check(ServiceError, reply.body) && reply.body.errorCode) || null;
  if (errorCode === SAME_KEY_IN_FLIGHT) return null;
  return refused(errorCode === null ? null : shownCode(errorCode));
}

function decisionIn(request: ProviderRequest, value: number, payment: Payment): ProviderResult | null {
  const code = shownCode(payment.refusalReasonCode ?? '');
  switch (payment.resultCode) {
    case 'Authorised':
      return authorised(request, value, payment);
    case 'Refused':
    case 'Cancelled':
      return {
        ...NO_DETAILS,
        ...cardOf(payment),
        outcome: 'declined',
        declineCode: code,
        message: 'The payment provider declined.',
      };
    case 'Error':
      return notProcessed(code);
    default:
      return null;
  }
}

function authorised(request: ProviderRequest, value: number, payment: Payment): ProviderResult | null {
  const { amount, merchantReference, pspReference } = payment;
  if (merchantReference === undefined || !isProviderId(pspReference)) return null;
  if (amount?.value !== value || amount.currency !== request.currency) return null;
  const approved = { ...NO_DETAILS, ...cardOf(payment), outcome: 'approved' } as const;
  if (request.operation === 'charge') {
    return { ...approved, reference: shownId(pspReference), message: 'The payment was approved.' };
  }
  const token = tokenIn(payment);
  return token === null
    ? NOT_STORED_CARD
    : { ...approved, reference: token, message: 'The card was tokenised.' };
}

/** The merchant's account does not return tokens, or returned one that was taken for a card number. */
const NOT_STORED_CARD: ProviderResult = {
  ...NO_DETAILS,
  outcome: 'failed',
  message: 'The payment provider accepted the card and returned no token. Nothing was charged.',
};

/** The second name is that of accounts which were set up before the first one came. */
function tokenIn({ additionalData }: Payment): string | null {
  const token =
    additionalData?.['tokenization.storedPaymentMethodId'] ??
    additionalData?.['recurring.recurringDetailReference'];
  return isProviderId(token) ? shownId(token) : null;
}

function cardOf({ paymentMethod, additionalData }: Payment): Pick<ProviderResult, 'brand' | 'last4'> {
  const summary = additionalData?.['cardSummary'];
  return {
    brand: BRANDS.get(paymentMethod?.brand ?? '') ?? null,
    last4: typeof summary === 'string' && /^\d{4}$/.test(summary) ? summary : null,
  };
}

function isAbout({ idempotencyKey }: ProviderRequest, { merchantReference }: Payment): boolean {
  return merchantReference === undefined || merchantReference === idempotencyKey;
}
