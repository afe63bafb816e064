import { describe, expect, it } from 'vitest';
import type { ProviderRequest } from '../../../../src/payment/provider.ts';
import { mapSimulatorOutcome } from '../../../../src/payment/simulator/map-simulator-outcome.ts';

const CHARGE: ProviderRequest = {
  operation: 'charge',
  idempotencyKey: 'att_abc',
  amountMinor: 4250,
  currency: 'GBP',
  reference: null,
  description: null,
};
const APPROVED = {
  status: 'approved',
  id: 'sim_1',
  amount: 4250,
  currency: 'GBP',
  brand: 'visa',
  last4: '1111',
};

function outcomeOf(body: object | null, repeated = false) {
  const reply = { kind: 'reply', status: 200, body: body as Record<string, unknown> | null } as const;
  return mapSimulatorOutcome(CHARGE, reply, repeated);
}

describe('mapSimulatorOutcome', () => {
  it('approves what was asked for', () => {
    expect(outcomeOf(APPROVED)).toEqual({
      outcome: 'approved',
      reference: 'sim_1',
      brand: 'visa',
      last4: '1111',
      declineCode: null,
      message: 'The payment was approved.',
    });
  });

  it('declines with the code', () => {
    expect(outcomeOf({ ...APPROVED, status: 'declined', decline_code: 'expired_card' })).toMatchObject({
      outcome: 'declined',
      reference: null,
      declineCode: 'expired_card',
    });
  });

  it('is failed when the request was refused', () => {
    expect(outcomeOf({ status: 'refused' })?.outcome).toBe('failed');
  });

  it.each([
    { name: 'the wrong amount', body: { ...APPROVED, amount: 42 } },
    { name: 'another currency', body: { ...APPROVED, currency: 'USD' } },
    { name: 'no id', body: { ...APPROVED, id: '' } },
    { name: 'an unknown status', body: { ...APPROVED, status: 'pending' } },
    { name: 'nothing', body: {} },
    { name: 'no JSON', body: null },
  ])('has no decision in an answer with $name', ({ body }) => {
    expect(outcomeOf(body)).toBeNull();
  });

  it('has no decision when a repeat is refused', () => {
    expect(outcomeOf({ status: 'refused' }, true)).toBeNull();
  });

  it('shows no brand that it does not know', () => {
    expect(outcomeOf({ ...APPROVED, brand: 'other', last4: null })).toMatchObject({
      brand: null,
      last4: null,
    });
  });
});
