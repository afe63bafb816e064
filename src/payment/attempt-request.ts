import type { AttemptIntent, OutcomeRecord, PaymentRecord } from '../journal/journal.ts';
import type { ProviderRequest, ProviderResult } from './provider.ts';

/** What is asked of a provider about an attempt: the same in the first try, in repeats and in look-ups. */
export function requestOf(
  attempt: Pick<AttemptIntent, 'idempotencyKey' | 'operation' | 'amountMinor' | 'currency'>,
  { reference, description }: Pick<PaymentRecord, 'reference' | 'description'>,
): ProviderRequest {
  const { idempotencyKey, operation, amountMinor, currency } = attempt;
  return { operation, idempotencyKey, amountMinor, currency, reference, description };
}

/** A provider's result as it is stored; what it does not say of the card is taken from `shown`. */
export function outcomeOf(
  result: ProviderResult,
  shown: Pick<OutcomeRecord, 'brand' | 'last4'>,
): OutcomeRecord {
  return {
    outcome: result.outcome,
    providerReference: result.reference,
    brand: result.brand ?? shown.brand,
    last4: result.last4 ?? shown.last4,
    declineCode: result.declineCode,
    message: result.message,
  };
}
