import type {
  Call,
  Field,
  FieldName,
  Payment,
  Profile,
} from '../../../src/ui/public/secure-payments/types.ts';

/** A payment as the API would show it, for screens and states that are hard to bring about. */
export const STAGED_PAYMENT: Payment = {
  id: 'pay_staged',
  callId: 'call_staged',
  method: 'guided',
  operation: 'charge',
  state: 'capturing',
  required: ['payment-card-number', 'expiration-date', 'security-code'],
  field: 'payment-card-number',
  fields: [
    stagedField('payment-card-number', { state: 'requested' }),
    stagedField('expiration-date'),
    stagedField('security-code'),
  ],
  fieldTimer: null,
  payee: 'Alex Morgan',
  interactionType: 'Inbound call',
  amount: '42.50',
  currency: 'GBP',
  reference: 'INV-2041',
  result: null,
  updatedAt: '2026-11-23T10:00:00.000Z',
};

export function stagedField(field: FieldName, change: Partial<Field> = {}): Field {
  return {
    field,
    state: 'empty',
    length: 0,
    masked: '',
    brand: null,
    reason: null,
    attemptsLeft: 3,
    ...change,
  };
}

/** A card whose number is complete. */
export function stagedCard(brand: string): Field {
  const masked = '************1111';
  return stagedField('payment-card-number', { state: 'complete', length: 16, masked, brand });
}

export const STAGED_CALL: Call = {
  id: 'call_staged',
  state: 'open',
  legs: { caller: { state: 'open' }, agent: { state: 'open' } },
  masking: 'armed',
};

export const STAGED_PROFILES: readonly Profile[] = [
  {
    id: 'card-gbp',
    name: 'Card payment (GBP)',
    method: 'guided',
    operation: 'charge',
    currency: 'GBP',
    provider: { kind: 'generic-pay-connector' },
  },
  {
    id: 'link-gbp',
    name: 'Payment by link (GBP)',
    method: 'self-service',
    operation: 'charge',
    currency: 'GBP',
    provider: { kind: 'generic-pay-connector' },
  },
];
