import { amountFor } from '../call/payment-service.ts';
import type { NewPayment } from '../call/views.ts';
import type { PaymentProfile } from '../core/payment-profile.ts';
import type { PaymentRecord } from '../journal/journal.ts';

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
