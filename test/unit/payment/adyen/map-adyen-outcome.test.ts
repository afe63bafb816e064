import { describe, expect, it } from 'vitest';
import { mapAdyenOutcome } from '../../../../src/payment/adyen/map-adyen-outcome.ts';
import type { JsonObject } from '../../../../src/payment/reply-body.ts';
import type { ProviderRequest } from '../../../../src/payment/provider.ts';

/**
 * Replies have the shapes of "PaymentResponse" (Adyen API library 32.1.0, Checkout 71), "Refusal reasons",
 * "Result codes" and "API idempotency".
 */
const REQUEST: ProviderRequest = {
  operation: 'charge',
  idempotencyKey: 'att_abcdefghjkmnpqrs',
  amountMinor: 1000,
  currency: 'EUR',
  reference: 'order-17',
  description: null,
};
const TOKENIZE: ProviderRequest = { ...REQUEST, operation: 'tokenize', amountMinor: null };
const AUTHORISED = {
  additionalData: { cardSummary: '1111' },
  pspReference: 'NC6HT9CRT65ZGN82',
  resultCode: 'Authorised',
  amount: { currency: 'EUR', value: 1000 },
  merchantReference: 'att_abcdefghjkmnpqrs',
  paymentMethod: { brand: 'mc', type: 'scheme' },
};
const REFUSED = {
  pspReference: 'NC6HT9CRT65ZGN82',
  refusalReason: 'CVC Declined',
  refusalReasonCode: '24',
  resultCode: 'Refused',
  merchantReference: 'att_abcdefghjkmnpqrs',
};
const STORED = {
  ...AUTHORISED,
  amount: { currency: 'EUR', value: 0 },
  additionalData: { 'tokenization.storedPaymentMethodId': 'M5N7TQ4TG5PFWR50' },
};

const map = (
  body: JsonObject | null,
  { status = 200, request = REQUEST, value = 1000, repeated = false } = {},
) => mapAdyenOutcome(request, value, { kind: 'reply', status, body }, repeated);
const inError = (errorCode: string, status: number): JsonObject => ({
  status,
  errorCode,
  message: 'An error',
  errorType: 'validation',
});

describe('mapAdyenOutcome', () => {
  it('approves what is authorised', () => {
    expect(map(AUTHORISED)).toEqual({
      outcome: 'approved',
      reference: 'NC6HT9CRT65ZGN82',
      brand: 'mastercard',
      last4: '1111',
      declineCode: null,
      message: 'The payment was approved.',
    });
  });

  it.each([
    ['another amount', { amount: { currency: 'EUR', value: 1001 } }],
    ['another currency', { amount: { currency: 'USD', value: 1000 } }],
    ['no amount', { amount: undefined }],
    ['another reference', { merchantReference: 'att_another' }],
    ['no reference', { merchantReference: undefined }],
    ['no id', { pspReference: '' }],
    ['a part of the amount', { resultCode: 'PartiallyAuthorised', amount: { currency: 'EUR', value: 600 } }],
  ])('decides nothing for an authorisation of %s', (_what, change) => {
    expect(map({ ...AUTHORISED, ...change })).toBeNull();
  });

  it('approves without a reference when its digits were taken for a card number', () => {
    expect(map({ ...AUTHORISED, pspReference: '1111111111111111' })).toMatchObject({
      outcome: 'approved',
      reference: null,
    });
  });

  it.each(['Refused', 'Cancelled'])('declines what is %s, with the code', (resultCode) => {
    expect(map({ ...REFUSED, resultCode })).toMatchObject({
      outcome: 'declined',
      declineCode: '24',
      message: 'The payment provider declined.',
    });
  });

  it('does not take the refusal of another payment for its own', () => {
    expect(map({ ...REFUSED, merchantReference: 'att_another' })).toBeNull();
  });

  it('fails on a final error', () => {
    const body = { ...REFUSED, resultCode: 'Error', refusalReason: 'Acquirer Error', refusalReasonCode: '4' };

    expect(map(body)).toMatchObject({
      outcome: 'failed',
      message: 'The payment provider could not process the payment (4). Nothing was charged.',
    });
  });

  it.each([
    'Pending',
    'Received',
    'RedirectShopper',
    'ChallengeShopper',
    'IdentifyShopper',
    'PresentToShopper',
    'AuthenticationFinished',
    'Success',
    'authorised',
  ])('decides nothing for %s', (resultCode) => {
    expect(map({ ...AUTHORISED, resultCode })).toBeNull();
  });

  it.each([
    [400, '702'],
    [401, '000'],
    [403, '010'],
    [404, '000'],
    [422, '101'],
  ])('fails on status %i to the first try, and decides nothing by it later', (status, errorCode) => {
    expect(map(inError(errorCode, status), { status })).toMatchObject({
      outcome: 'failed',
      message: `The payment provider refused the request (${errorCode}). Nothing was charged.`,
    });
    expect(map(inError(errorCode, status), { status, repeated: true })).toBeNull();
  });

  it.each([409, 422])('decides nothing while the same key is in progress (%i)', (status) => {
    expect(map(inError('704', status), { status })).toBeNull();
  });

  it.each([200, 202, 302, 409, 429, 500, 502, 503])(
    'decides nothing for status %i without a decision',
    (status) => {
      expect(map(null, { status })).toBeNull();
      expect(map(inError('905', status), { status })).toBeNull();
    },
  );

  it('decides nothing for an authorisation that comes with an error status', () => {
    expect(map(AUTHORISED, { status: 500 })).toBeNull();
  });

  it.each(['tokenization.storedPaymentMethodId', 'recurring.recurringDetailReference'])(
    'returns the token named %s',
    (name) => {
      const body = { ...STORED, additionalData: { [name]: 'M5N7TQ4TG5PFWR50' } };

      expect(map(body, { request: TOKENIZE, value: 0 })).toMatchObject({
        outcome: 'approved',
        reference: 'M5N7TQ4TG5PFWR50',
        message: 'The card was tokenised.',
      });
    },
  );

  it.each([
    ['there is none', {}],
    ['its digits were taken for a card number', { 'tokenization.storedPaymentMethodId': '1111111111111111' }],
  ])('fails when a card was to be stored and the token is of no use: %s', (_what, additionalData) => {
    expect(map({ ...STORED, additionalData }, { request: TOKENIZE, value: 0 })).toMatchObject({
      outcome: 'failed',
      message: 'The payment provider accepted the card and returned no token. Nothing was charged.',
    });
  });
});
