import type { SQLOutputValue } from 'node:sqlite';
import type { PaymentRecord } from './journal.ts';

export type Row = Record<string, SQLOutputValue>;

/** The columns of a payment, in the order of `toRow`. */
export const PAYMENT_COLUMNS = [
  'id',
  'call_id',
  'api_key_name',
  'client_key',
  'client_hash',
  'profile_id',
  'operation',
  'provider',
  'payee',
  'interaction_type',
  'amount_minor',
  'currency',
  'reference',
  'description',
  'state',
  'outcome',
  'provider_reference',
  'brand',
  'last4',
  'decline_code',
  'message',
  'created_at',
  'updated_at',
] as const;

export function toRow(record: PaymentRecord): (string | number | null)[] {
  const { outcome } = record;
  return [
    record.id,
    record.callId,
    record.apiKeyName,
    record.clientKey,
    record.clientHash,
    record.profileId,
    record.operation,
    record.provider,
    record.payee,
    record.interactionType,
    record.amountMinor,
    record.currency,
    record.reference,
    record.description,
    record.state,
    outcome?.outcome ?? null,
    outcome?.providerReference ?? null,
    outcome?.brand ?? null,
    outcome?.last4 ?? null,
    outcome?.declineCode ?? null,
    outcome?.message ?? null,
    record.createdAt,
    record.updatedAt,
  ];
}

/** The reverse of `toRow`. The table's CHECKs keep the words inside their unions. */
export function toRecord(row: Row): PaymentRecord {
  const text = (column: (typeof PAYMENT_COLUMNS)[number]) => row[column] as string;
  const outcome =
    row['outcome'] === null
      ? null
      : {
          outcome: row['outcome'],
          providerReference: row['provider_reference'],
          brand: row['brand'],
          last4: row['last4'],
          declineCode: row['decline_code'],
          message: row['message'],
        };
  return {
    id: text('id'),
    callId: text('call_id'),
    apiKeyName: text('api_key_name'),
    clientKey: row['client_key'] as string | null,
    clientHash: text('client_hash'),
    profileId: text('profile_id'),
    operation: row['operation'] as PaymentRecord['operation'],
    provider: text('provider'),
    payee: row['payee'] as string | null,
    interactionType: row['interaction_type'] as string | null,
    amountMinor: row['amount_minor'] as number | null,
    currency: text('currency'),
    reference: row['reference'] as string | null,
    description: row['description'] as string | null,
    state: row['state'] as PaymentRecord['state'],
    outcome: outcome as PaymentRecord['outcome'],
    createdAt: text('created_at'),
    updatedAt: text('updated_at'),
  };
}
