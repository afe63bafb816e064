import { assert } from '../../core/assert.ts';
import type { CaptureField } from '../../core/capture-field.ts';
import type { CardDetails } from '../../vault/card-details.ts';
import { CardDigits, formBody } from '../card-body.ts';
import type { BodyPart, FormMember } from '../card-body.ts';
import type { ProviderRequest } from '../provider.ts';

/** The two ids behind a charge: the PaymentIntent, made without a card, and the PaymentMethod, made of the card. */
export interface StripeIds {
  readonly intent: string;
  readonly method: string;
}

/** A PaymentMethod of the card. The keyed year has two digits, Stripe wants four. */
export function paymentMethodRequest(card: CardDetails): BodyPart[] {
  const members: FormMember[] = [['type', 'card'], ...field(card, 'card[number]', 'payment-card-number')];
  if (card.length('expiration-date') === 4) {
    members.push(['card[exp_month]', new CardDigits('expiration-date', 0, 2)]);
    members.push(['card[exp_year]', new CardDigits('expiration-date', 2, 2, '20')]);
  }
  members.push(...field(card, 'card[cvc]', 'security-code'));
  members.push(...field(card, 'billing_details[address][postal_code]', 'postal-code'));
  return formBody(members);
}

/** A PaymentIntent without a card: nothing can be charged by it yet. */
export function paymentIntentRequest(request: ProviderRequest): BodyPart[] {
  const { amountMinor, currency, idempotencyKey, reference, description } = request;
  assert(amountMinor !== null, 'a charge has an amount');
  const members: FormMember[] = [
    ['amount', String(amountMinor)],
    ['currency', currency.toLowerCase()],
    ['payment_method_types[]', 'card'],
    ['metadata[tonewall_key]', idempotencyKey],
  ];
  if (reference !== null) members.push(['metadata[reference]', reference]);
  if (description !== null) members.push(['description', description]);
  return formBody(members);
}

/**
 * Charges: the card was told over the telephone (`moto`), and whoever pays cannot be sent to a bank's page, so that a
 * bank that asks for it is an error.
 */
export function confirmRequest({ method }: StripeIds): BodyPart[] {
  return formBody([
    ['payment_method', method],
    ['payment_method_options[card][moto]', 'true'],
    ['error_on_requires_action', 'true'],
  ]);
}

/** Ends a PaymentIntent that was not charged, so that it never can be. */
export function cancelRequest(): BodyPart[] {
  return formBody([['cancellation_reason', 'abandoned']]);
}

/** Both ids as the one text that finds them again. */
export function formatStripeToken({ intent, method }: StripeIds): string {
  return `${intent}/${method}`;
}

/** The reverse of `formatStripeToken`; null when the text is something else. */
export function parseStripeToken(token: string | null): StripeIds | null {
  const match = /^(pi_\w{1,120})\/(pm_\w{1,120})$/.exec(token ?? '');
  return match?.[1] === undefined || match[2] === undefined ? null : { intent: match[1], method: match[2] };
}

function field(card: CardDetails, name: string, from: CaptureField): FormMember[] {
  const count = card.length(from);
  return count === 0 ? [] : [[name, new CardDigits(from, 0, count)]];
}
