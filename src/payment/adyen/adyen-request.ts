import type { CardDetails } from '../../vault/card-details.ts';
import { allDigits, CardDigits, jsonBody } from '../card-body.ts';
import type { BodyPart, JsonTree } from '../card-body.ts';
import type { ProviderRequest } from '../provider.ts';

/** Adyen wants a shopper reference of three characters or more. */
const SHOPPER_REFERENCE_MIN = 3;

/**
 * The body of `POST /payments` (Adyen, Checkout API, version 71): a card payment by telephone order, or an
 * authorisation of zero that stores the card. `value` is the amount in Adyen's minor units.
 *
 * Adyen's `reference` is our key, which makes the payment findable in the Customer Area; the merchant's own reference
 * goes into `merchantOrderReference`, and names the shopper to whom a stored card belongs.
 */
export function adyenPaymentRequest(
  merchantAccount: string,
  value: number,
  request: ProviderRequest,
  card: CardDetails,
): BodyPart[] {
  const { operation, idempotencyKey, currency, reference } = request;
  return jsonBody([
    ['merchantAccount', merchantAccount],
    ['reference', idempotencyKey],
    ['merchantOrderReference', reference],
    ['amount', { value, currency }],
    ['shopperInteraction', 'Moto'],
    ...(operation === 'tokenize' ? Object.entries(storing(request)) : []),
    ['paymentMethod', paymentMethod(card)],
    ['billingAddress', billingAddress(card)],
  ]);
}

function storing({ reference, idempotencyKey }: ProviderRequest): JsonTree {
  const isLongEnough = reference !== null && reference.length >= SHOPPER_REFERENCE_MIN;
  return {
    storePaymentMethod: true,
    recurringProcessingModel: 'CardOnFile',
    shopperReference: isLongEnough ? reference : idempotencyKey,
  };
}

function paymentMethod(card: CardDetails): JsonTree {
  const hasExpiry = card.length('expiration-date') === 4;
  return {
    type: 'scheme',
    number: allDigits(card, 'payment-card-number'),
    // Keyed as MMYY; Adyen wants four digits of the year.
    expiryMonth: hasExpiry ? new CardDigits('expiration-date', 0, 2) : null,
    expiryYear: hasExpiry ? new CardDigits('expiration-date', 2, 2, '20') : null,
    cvc: allDigits(card, 'security-code'),
  };
}

/** Adyen takes an address as a whole only; ZZ is its code for a country that was not asked for. */
function billingAddress(card: CardDetails): JsonTree | null {
  const postalCode = allDigits(card, 'postal-code');
  return postalCode === null
    ? null
    : { postalCode, country: 'ZZ', city: 'N/A', street: 'N/A', houseNumberOrName: 'N/A' };
}
