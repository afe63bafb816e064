import { AppError } from '../core/errors.ts';
import { parseAmount } from '../core/money.ts';
import type { PaymentProfile } from '../core/payment-profile.ts';
import type { PaymentRecord } from '../journal/journal.ts';
import type { NewPayment } from './views.ts';

type Origin = Pick<PaymentRecord, 'id' | 'apiKeyName' | 'clientKey' | 'clientHash'>;

/** A payment that nobody has opened yet, as it is stored. Throws `AMOUNT_INVALID`. */
export function newRecord(
  asked: NewPayment,
  profile: PaymentProfile,
  origin: Origin,
  createdAt: string,
): PaymentRecord {
  const { callId, payee, interactionType, amount, reference, description } = asked;
  return {
    ...origin,
    method: profile.method,
    callId,
    profileId: profile.id,
    operation: profile.operation,
    provider: profile.provider.kind,
    payee,
    interactionType,
    amountMinor: amountFor(profile, amount),
    currency: profile.currency,
    reference,
    description,
    state: 'connecting',
    outcome: null,
    createdAt,
    updatedAt: createdAt,
  };
}

/** The amount in minor units. Throws `AMOUNT_INVALID` if it does not fit the profile's operation or currency. */
function amountFor(profile: PaymentProfile, amount: string | null): number | null {
  if (profile.operation === 'charge') {
    if (amount === null) throw new AppError('AMOUNT_INVALID', { detail: 'A charge needs an amount.' });
    return parseAmount(amount, profile.currency);
  }
  if (amount !== null)
    throw new AppError('AMOUNT_INVALID', { detail: 'The payment profile only makes a token.' });
  return null;
}
