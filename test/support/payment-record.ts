import type { GuidedRecord } from '../../src/call/guided-payment.ts';
import type { AttemptIntent, OutcomeRecord } from '../../src/journal/journal.ts';

/** A guided payment as it is when it was just opened; a test names only what it is about. */
export function paymentRecord(changes: Partial<GuidedRecord> = {}): GuidedRecord {
  return {
    id: 'pay_a',
    method: 'guided',
    callId: 'call_a',
    apiKeyName: 'crm',
    clientKey: null,
    clientHash: 'c0ffee',
    profileId: 'card-gbp',
    operation: 'charge',
    provider: 'simulator',
    payee: 'Jo Smith',
    interactionType: 'call',
    amountMinor: 4250,
    currency: 'GBP',
    reference: 'order-17',
    description: 'Two tickets',
    state: 'connecting',
    outcome: null,
    createdAt: '2026-11-02T12:00:00.000Z',
    updatedAt: '2026-11-02T12:00:00.000Z',
    ...changes,
  };
}

/** The intent to charge that payment. */
export function attemptIntent(changes: Partial<AttemptIntent> = {}): AttemptIntent {
  return {
    idempotencyKey: 'att_a',
    paymentId: 'pay_a',
    operation: 'charge',
    amountMinor: 4250,
    currency: 'GBP',
    token: null,
    ...changes,
  };
}

/** What the provider made of it. */
export const APPROVED: OutcomeRecord = {
  outcome: 'approved',
  providerReference: 'ch_1',
  brand: 'visa',
  last4: '1111',
  declineCode: null,
  message: 'The payment was approved.',
};
