import type { CaptureField } from '../../core/capture-field.ts';
import type { CardDetails } from '../../vault/card-details.ts';
import { CardDigits, jsonBody } from '../card-body.ts';
import type { BodyPart, JsonMember } from '../card-body.ts';
import type { ProviderRequest } from '../provider.ts';

/** Everything from here on is digits: the simulator reads them as bytes and parses only what stands before. */
export const DIGITS_FOLLOW = '"instrument":';

const FIELDS: readonly (readonly [name: string, field: CaptureField])[] = [
  ['number', 'payment-card-number'],
  ['number', 'bank-account-number'],
  ['routing_number', 'bank-routing-number'],
  ['expiry', 'expiration-date'],
  ['security_code', 'security-code'],
  ['postal_code', 'postal-code'],
];

/** A card that becomes a token: one flat JSON object, digits last, the account's or card's number first of them. */
export function simulatorTokenRequest({ operation }: ProviderRequest, card: CardDetails): BodyPart[] {
  const digits = FIELDS.filter(([, field]) => card.length(field) > 0).map(([name, field]): JsonMember => [
    name,
    new CardDigits(field, 0, card.length(field)),
  ]);
  return jsonBody([
    ['operation', operation],
    ['instrument', card.length('bank-account-number') > 0 ? 'bank-account' : 'card'],
    ...digits,
  ]);
}

/** A charge by token. */
export function simulatorChargeRequest(
  { amountMinor, currency }: ProviderRequest,
  token: string,
): BodyPart[] {
  return jsonBody([
    ['token', token],
    ['amount', amountMinor ?? 0],
    ['currency', currency],
  ]);
}
