import { assert } from '../../core/assert.ts';
import { formatAmount } from '../../core/money.ts';
import type { CardDetails } from '../../vault/card-details.ts';
import { allDigits, CardDigits, jsonBody } from '../card-body.ts';
import type { BodyPart, JsonTree } from '../card-body.ts';
import type { ProviderRequest } from '../provider.ts';
import { CHARGE, FIND, STORE, TOKENISE } from './braintree-documents.ts';

/** The card becomes a payment method that can be used once. */
export function tokeniseRequest(card: CardDetails): BodyPart[] {
  const postalCode = allDigits(card, 'postal-code');
  const hasExpiry = card.length('expiration-date') === 4;
  return graphQlBody(TOKENISE, {
    creditCard: {
      number: allDigits(card, 'payment-card-number'),
      // Keyed as MMYY; Braintree takes two digits of the year.
      expirationMonth: hasExpiry ? new CardDigits('expiration-date', 0, 2) : null,
      expirationYear: hasExpiry ? new CardDigits('expiration-date', 2, 2) : null,
      cvv: allDigits(card, 'security-code'),
      billingAddress: postalCode === null ? null : { postalCode },
    },
  });
}

/** A payment method that can be used once becomes one for later, after a check with the issuer. */
export function storeRequest(merchantAccountId: string, token: string): BodyPart[] {
  return graphQlBody(STORE, { paymentMethodId: token, verification: { merchantAccountId } });
}

/**
 * A charge, as telephone order. `apiRequestKey` makes a repeat return the first transaction; `orderId` is there to find
 * the transaction by.
 */
export function chargeRequest(
  merchantAccountId: string,
  { idempotencyKey, amountMinor, currency }: ProviderRequest,
  token: string,
): BodyPart[] {
  assert(amountMinor !== null, 'a charge has an amount');
  return graphQlBody(CHARGE, {
    apiRequestKey: idempotencyKey,
    paymentMethodId: token,
    transaction: {
      amount: formatAmount(amountMinor, currency),
      merchantAccountId,
      orderId: idempotencyKey,
      paymentInitiator: 'MOTO',
    },
  });
}

/** The transactions of one attempt: one, or none. */
export function findRequest({ idempotencyKey }: ProviderRequest): BodyPart[] {
  return graphQlBody(FIND, { orderId: { is: idempotencyKey } });
}

function graphQlBody(query: string, input: JsonTree): BodyPart[] {
  return jsonBody([
    ['query', query],
    ['variables', { input }],
  ]);
}
