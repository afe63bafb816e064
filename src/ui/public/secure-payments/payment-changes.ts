import type { FeedEvent, Field, FieldName, LinkState, Payment, PaymentState, Result } from './types.ts';

const OPEN_STATES: readonly PaymentState[] = ['connecting', 'capturing', 'ready'];

/** Fields can still be keyed, asked for and canceled. */
export function isOpen({ state }: Payment): boolean {
  return OPEN_STATES.includes(state);
}

/** Nothing more will happen, but that an unknown outcome may be settled. */
export function hasEnded(payment: Payment): boolean {
  return !isOpen(payment) && payment.state !== 'processing';
}

/**
 * The payment after an event. Pure; what an event does not tell (attempts, timers) comes with the next reading of
 * the payment itself.
 */
export function withEvent(payment: Payment, { name, data }: FeedEvent): Payment {
  switch (name) {
    case 'payment-state':
      return {
        ...payment,
        state: data['state'] as PaymentState,
        required: data['required'] as readonly FieldName[],
        field: data['field'] as FieldName | null,
      };
    case 'field-progress': {
      const length = data['length'] as number;
      const state = length > 0 ? 'collecting' : 'requested';
      return withField(payment, data, { state, length, masked: data['masked'] as string, reason: null });
    }
    case 'field-complete': {
      const masked = data['masked'] as string;
      const brand = data['brand'] as string | null;
      return withField(payment, data, {
        state: 'complete',
        masked,
        length: masked.length,
        brand,
        reason: null,
      });
    }
    case 'field-rejected':
      return withField(payment, data, {
        state: 'rejected',
        length: 0,
        masked: '',
        brand: null,
        reason: data['reason'] as string,
        attemptsLeft: data['attemptsLeft'] as number,
      });
    case 'link-state':
      return { ...payment, linkState: data['state'] as LinkState };
    case 'payment-result':
      return { ...payment, state: data['outcome'] as PaymentState, result: data as unknown as Result };
    default:
      return payment;
  }
}

function withField(payment: Payment, data: FeedEvent['data'], change: Partial<Field>): Payment {
  const fields = payment.fields.map((field) =>
    field.field === data['field'] ? { ...field, ...change } : field,
  );
  return { ...payment, fields };
}

export function fieldOf(payment: Payment, name: FieldName): Field | undefined {
  return payment.fields.find(({ field }) => field === name);
}

/** The brand of the card, as soon as its number is complete. */
export function brandOf(payment: Payment): string | null {
  return fieldOf(payment, 'payment-card-number')?.brand ?? null;
}
