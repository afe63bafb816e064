import type { OutcomeRecord, PaymentRecord } from './journal.ts';
import type { Row } from './work.ts';

/** Each column of `payment` and the member it holds. The outcome's members stand beside the payment's own. */
const COLUMNS: Readonly<Record<keyof PaymentRecord | keyof OutcomeRecord, string>> = {
  id: 'id',
  method: 'method',
  callId: 'call_id',
  apiKeyName: 'api_key_name',
  clientKey: 'client_key',
  clientHash: 'client_hash',
  profileId: 'profile_id',
  operation: 'operation',
  provider: 'provider',
  payee: 'payee',
  interactionType: 'interaction_type',
  amountMinor: 'amount_minor',
  currency: 'currency',
  reference: 'reference',
  description: 'description',
  state: 'state',
  outcome: 'outcome',
  providerReference: 'provider_reference',
  brand: 'brand',
  last4: 'last4',
  declineCode: 'decline_code',
  message: 'message',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
};

/** Stored for null: SQLite's first version of the table forbids NULL there, and cannot take that back. */
const NO_CALL = '';

const NO_OUTCOME = {
  outcome: null,
  providerReference: null,
  brand: null,
  last4: null,
  declineCode: null,
  message: null,
};

export const INSERT_PAYMENT = `INSERT INTO payment (${Object.values(COLUMNS).join(', ')})
  VALUES (${Object.keys(COLUMNS)
    .map((member) => `:${member}`)
    .join(', ')})`;

export const SELECT_PAYMENT = `SELECT ${Object.entries(COLUMNS)
  .map(([member, column]) => `${column} AS "${member}"`)
  .join(', ')} FROM payment`;

/** The parameters of `INSERT_PAYMENT`. */
export function toParameters(record: PaymentRecord): Record<string, string | number | null> {
  return { ...record, callId: record.callId ?? NO_CALL, ...(record.outcome ?? NO_OUTCOME) };
}

/** A row of `SELECT_PAYMENT`; the table's CHECKs keep its words inside their unions. */
export function toRecord(row: Row): PaymentRecord {
  const { outcome, providerReference, brand, last4, declineCode, message, ...payment } = row;
  return {
    ...payment,
    callId: payment['callId'] === NO_CALL ? null : payment['callId'],
    outcome: outcome === null ? null : { outcome, providerReference, brand, last4, declineCode, message },
  } as unknown as PaymentRecord;
}
