import { assert } from '../../core/assert.ts';
import type { CaptureField } from '../../core/capture-field.ts';
import { formatAmount } from '../../core/money.ts';
import type { CardDetails } from '../../vault/card-details.ts';
import { CardDigits, jsonBody } from '../card-body.ts';
import type { BodyPart, JsonMember } from '../card-body.ts';
import type { ProviderRequest } from '../provider.ts';

/** The two forms of the protocol that are in use. */
export type GenericPayConnectorDialect = 'twilio' | 'signalwire';

/** One member of the JSON object; a null value leaves it out. */
type OptionalMember = readonly [name: string, value: JsonMember[1] | null];

/** The body of a charge or tokenisation, without the digits (Twilio and SignalWire, "Generic Pay Connector"). */
export function genericPayConnectorRequest(
  dialect: GenericPayConnectorDialect,
  request: ProviderRequest,
  card: CardDetails,
): BodyPart[] {
  const members = dialect === 'twilio' ? twilioMembers(request, card) : signalWireMembers(request, card);
  return jsonBody(members.filter((member): member is JsonMember => member[1] !== null));
}

function twilioMembers(request: ProviderRequest, card: CardDetails): OptionalMember[] {
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

function signalWireMembers(request: ProviderRequest, card: CardDetails): OptionalMember[] {
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

function instrument(card: CardDetails): OptionalMember[] {
  if (isBankAccount(card)) {
    return [
      ['bankaccountnumber', digits(card, 'bank-account-number')],
      ['routingnumber', digits(card, 'bank-routing-number')],
    ];
  }
  const hasExpiry = card.length('expiration-date') === 4;
  return [
    ['cardnumber', digits(card, 'payment-card-number')],
    ['cvv', digits(card, 'security-code')],
    // Keyed as MMYY.
    ['expiry_month', hasExpiry ? new CardDigits('expiration-date', 0, 2) : null],
    ['expiry_year', hasExpiry ? new CardDigits('expiration-date', 2, 2) : null],
  ];
}

function details(request: ProviderRequest, card: CardDetails): OptionalMember[] {
  return [
    ['postal_code', digits(card, 'postal-code')],
    ['description', request.description],
    ['parameters', request.reference === null ? {} : { reference: request.reference }],
  ];
}

function isBankAccount(card: CardDetails): boolean {
  return card.length('bank-account-number') > 0;
}

function digits(card: CardDetails, field: CaptureField): CardDigits | null {
  const count = card.length(field);
  return count === 0 ? null : new CardDigits(field, 0, count);
}

function amountOf(request: ProviderRequest): string {
  assert(request.amountMinor !== null, 'a charge has an amount');
  return formatAmount(request.amountMinor, request.currency);
}
