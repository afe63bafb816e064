import { describe, expect, it } from 'vitest';
import type { PaymentProfile } from '../../../src/core/payment-profile.ts';
import { readCreateRequest } from '../../../src/twilio/create-request.ts';

function profile(id: string, change: Partial<PaymentProfile> = {}): PaymentProfile {
  return {
    id,
    name: id,
    method: 'guided',
    operation: 'charge',
    currency: 'USD',
    fields: ['payment-card-number'],
    brands: ['visa', 'mastercard', 'amex'],
    firstDigitTimeoutSeconds: 60,
    interDigitTimeoutSeconds: 20,
    maxAttempts: 3,
    minPostalCodeLength: 1,
    provider: { kind: 'simulator' },
    ...change,
  };
}

const PROFILES = [
  profile('by-link', { method: 'self-service' }),
  profile('euro', { currency: 'EUR' }),
  profile('dollar'),
  profile('dollar-two'),
  profile('token', { operation: 'tokenize', currency: 'GBP' }),
  profile('bank', { fields: ['bank-account-number'] }),
];

function read(parameters: Record<string, string>) {
  const form = new URLSearchParams({
    IdempotencyKey: 'k',
    StatusCallback: 'https://m.example',
    ...parameters,
  });
  return readCreateRequest(form, 'call_a', PROFILES);
}

describe('readCreateRequest', () => {
  it.each([
    [{ ChargeAmount: '10' }, 'dollar'],
    [{ ChargeAmount: '10', Currency: 'EUR' }, 'euro'],
    [{ ChargeAmount: '10', Currency: 'usd', PaymentConnector: 'dollar-two' }, 'dollar-two'],
    [{}, 'token'],
    [{ ChargeAmount: '0.00' }, 'token'],
    [{ ChargeAmount: '10', PaymentMethod: 'ach-debit' }, 'bank'],
  ] as const)('picks for %o the profile %s', (parameters, id) => {
    expect(read(parameters).payment.profileId).toBe(id);
  });

  it('asks for what Twilio asks for by default, and for nothing by itself', () => {
    expect(read({}).payment.adjustments).toEqual({
      capturesOnRequest: true,
      fields: ['payment-card-number', 'expiration-date', 'security-code', 'postal-code'],
    });
  });

  it('changes the profile by every parameter that is given', () => {
    const { payment, labels } = read({
      ChargeAmount: '42.5',
      SecurityCode: 'false',
      PostalCode: 'TRUE',
      MinPostalCodeLength: '5',
      ValidCardTypes: 'visa  amex',
      Timeout: '600',
      RequireMatchingInputs: 'postal-code, payment-card-number',
      Description: 'Two tickets',
      Parameter: '{"reference":"order 17"}',
      TokenType: 'one-time',
      Input: 'dtmf',
      Confirmation: 'false',
    });
    expect(payment).toEqual({
      callId: 'call_a',
      profileId: 'dollar',
      payee: null,
      interactionType: null,
      amount: '42.5',
      currency: 'USD',
      reference: 'order 17',
      description: 'Two tickets',
      adjustments: {
        capturesOnRequest: true,
        fields: [
          'payment-card-number',
          'payment-card-number-matcher',
          'expiration-date',
          'postal-code',
          'postal-code-matcher',
        ],
        brands: ['visa', 'amex'],
        interDigitTimeoutSeconds: 600,
        minPostalCodeLength: 5,
      },
    });
    expect(labels.tokenType).toBe('one-time');
  });

  it('refuses a token type that no provider has, and an account type that none is told', () => {
    expect(() => read({ TokenType: 'payment-method' })).toThrow(
      expect.objectContaining({ code: 64006 }) as Error,
    );
    expect(() =>
      read({ ChargeAmount: '1', PaymentMethod: 'ach-debit', BankAccountType: 'commercial-checking' }),
    ).toThrow(expect.objectContaining({ code: 64020 }) as Error);
  });
});
