import { assert } from '../../core/assert.ts';
import { formatAmount } from '../../core/money.ts';
import type { CardDetails } from '../../vault/card-details.ts';
import { allDigits, CardDigits, jsonBody } from '../card-body.ts';
import type { BodyPart, JsonMember } from '../card-body.ts';
import type { ProviderRequest } from '../provider.ts';

/** The two forms of the protocol that are in use. */
export type GenericPayConnectorDialect = 'twilio' | 'signalwire';

/** The body of a charge or tokenisation, without the digits (Twilio and SignalWire, "Generic Pay Connector"). */
export function genericPayConnectorRequest(
  dialect: GenericPayConnectorDialect,
  request: ProviderRequest,
  card: CardDetails,
): BodyPart[] {
  return jsonBody(dialect === 'twilio' ? twilioMembers(request, card) : signalWireMembers(request, card));
}

function twilioMembers(request: ProviderRequest, card: CardDetails): JsonMember[] {
  const isCharge = request.operation === 'charge';
  return [
    ['method', request.operation],
    ['transaction_id', request.idempotencyKey],
    ...instrument(card),
    ['amount', isCharge ? amountOf(request) : null],
    ['currency_code', isCharge ? request.currency : null],
    ...details(request, card),
  ];
}

function signalWireMembers(request: ProviderRequest, card: CardDetails): JsonMember[] {
  const isCharge = request.operation === 'charge';
  const method = isBankAccount(card) ? 'ach-debit' : 'credit-card';
  return [
    ['transaction_id', request.idempotencyKey],
    ['method', isCharge ? method : null],
    ...instrument(card),
    ['chargeAmount', isCharge ? amountOf(request) : null],
    ['amount', isCharge ? null : 0],
    ['token_type', 'reusable'],
    ['currency_code', isCharge ? request.currency.toLowerCase() : null],
    ...details(request, card),
  ];
}

function instrument(card: CardDetails): JsonMember[] {
  if (isBankAccount(card)) {
    return [
      ['bankaccountnumber', allDigits(card, 'bank-account-number')],
      ['routingnumber', allDigits(card, 'bank-routing-number')],
    ];
  }
  const hasExpiry = card.length('expiration-date') === 4;
  return [
    ['cardnumber', allDigits(card, 'payment-card-number')],
    ['cvv', allDigits(card, 'security-code')],
    // Keyed as MMYY.
    ['expiry_month', hasExpiry ? new CardDigits('expiration-date', 0, 2) : null],
    ['expiry_year', hasExpiry ? new CardDigits('expiration-date', 2, 2) : null],
  ];
}

function details(request: ProviderRequest, card: CardDetails): JsonMember[] {
  return [
    ['postal_code', allDigits(card, 'postal-code')],
    ['description', request.description],
    ['parameters', request.reference === null ? {} : { reference: request.reference }],
  ];
}

function isBankAccount(card: CardDetails): boolean {
  return card.length('bank-account-number') > 0;
}

function amountOf(request: ProviderRequest): string {
  assert(request.amountMinor !== null, 'a charge has an amount');
  return formatAmount(request.amountMinor, request.currency);
}
