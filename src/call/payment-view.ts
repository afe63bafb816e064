import type { CaptureState } from '../capture/capture-state.ts';
import type { CaptureField } from '../core/capture-field.ts';
import { formatAmount } from '../core/money.ts';
import type { PaymentMethod } from '../core/payment-profile.ts';
import type { PaymentResult } from '../core/payment-result.ts';
import type { OutcomeRecord, PaymentRecord } from '../journal/journal.ts';
import type { FieldView, PaymentView } from './views.ts';

/** The fields as an agent may see them; `maskedOf` gives the asterisks. */
export function fieldViewsOf(
  state: CaptureState,
  maskedOf: (field: CaptureField) => string,
): readonly FieldView[] {
  return state.fields.map(({ field, status, length, brand, reason, attemptsLeft }) => ({
    field,
    state: status,
    length,
    masked: maskedOf(field),
    brand,
    reason,
    attemptsLeft,
  }));
}

/** What is known of a payment while it is open on a call; all empty once only the journal remembers it. */
export type LiveDetails = Pick<PaymentView, 'required' | 'field' | 'fields' | 'fieldTimer'>;

export const NO_LIVE_DETAILS: LiveDetails = { required: [], field: null, fields: [], fieldTimer: null };

/** A payment as the API shows it. */
export function paymentViewOf(
  record: PaymentRecord,
  live: LiveDetails,
  outcome: OutcomeRecord | null,
): PaymentView {
  const { amountMinor, currency } = record;
  return {
    id: record.id,
    callId: record.callId,
    profileId: record.profileId,
    method: 'guided' satisfies PaymentMethod,
    operation: record.operation,
    state: record.state,
    ...live,
    payee: record.payee,
    interactionType: record.interactionType,
    amount: amountMinor === null ? null : formatAmount(amountMinor, currency),
    currency,
    reference: record.reference,
    description: record.description,
    result: outcome === null ? null : resultOf(outcome),
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
  };
}

/** What the journal knows of an end, as agents and integrators are told it: picked one by one, so that no more can slip in. */
export function resultOf(record: OutcomeRecord): PaymentResult {
  const { outcome, providerReference: reference, brand, last4, declineCode, message } = record;
  return { outcome, reference, brand, last4, declineCode, message };
}
