import { describe, expect, it } from 'vitest';
import { capturePlanOf } from '../../../src/capture/capture-plan.ts';

describe('capturePlanOf', () => {
  it('takes fields, attempts and timeouts in milliseconds from the profile', () => {
    const plan = capturePlanOf({
      id: 'card-gbp',
      name: 'Card payment (GBP)',
      method: 'guided',
      operation: 'charge',
      currency: 'GBP',
      fields: ['payment-card-number', 'expiration-date'],
      brands: ['visa'],
      firstDigitTimeoutSeconds: 60,
      interDigitTimeoutSeconds: 20,
      maxAttempts: 3,
      minPostalCodeLength: 1,
      provider: { kind: 'simulator' },
    });
    expect(plan).toEqual({
      fields: ['payment-card-number', 'expiration-date'],
      firstDigitTimeoutMs: 60_000,
      interDigitTimeoutMs: 20_000,
      maxAttempts: 3,
      onRequest: false,
    });
  });
});
