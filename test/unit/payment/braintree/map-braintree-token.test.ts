import { describe, expect, it } from 'vitest';
import {
  mapBraintreeStored,
  mapBraintreeToken,
} from '../../../../src/payment/braintree/map-braintree-token.ts';
import type { JsonObject } from '../../../../src/payment/reply-body.ts';

/** Replies have the shapes of Braintree's GraphQL reference ("PaymentMethod", "VaultPaymentMethodPayload"). */
const reply = (body: JsonObject | null, status = 200) => ({ kind: 'reply', status, body }) as const;
const details = { brandCode: 'VISA', last4: '1111' };
const tokenised = (paymentMethod: object | null): JsonObject => ({
  data: { tokenizeCreditCard: { paymentMethod } },
});
const stored = (payload: object): JsonObject => ({ data: { vaultPaymentMethod: payload } });
const REFUSED: JsonObject = {
  data: { tokenizeCreditCard: null },
  errors: [
    {
      message: 'Credit card number is invalid.',
      extensions: { errorClass: 'VALIDATION', legacyCode: '81715' },
    },
  ],
};
const FAILED = { kind: 'ended', result: { outcome: 'failed' } };

describe('mapBraintreeToken', () => {
  it('takes the token, the brand and the last four digits', () => {
    expect(mapBraintreeToken(reply(tokenised({ id: 'tokencc_bh_7n2wx6', details })))).toEqual({
      kind: 'token',
      token: 'tokencc_bh_7n2wx6',
      brand: 'visa',
      last4: '1111',
    });
  });

  it.each([
    ['the card is refused', REFUSED],
    ['its digits were taken for a card number', tokenised({ id: '1111111111111111', details })],
  ])('fails when %s', (_what, body) => {
    expect(mapBraintreeToken(reply(body))).toMatchObject(FAILED);
  });

  it('may be asked for again when the answer is none', () => {
    expect(mapBraintreeToken(reply(null, 503))).toBeNull();
    expect(mapBraintreeToken(reply(tokenised(null)))).toBeNull();
  });
});

describe('mapBraintreeStored', () => {
  it('takes the token for later', () => {
    const body = stored({
      paymentMethod: { id: 'cGF5bWVudG1ldGhvZF9j', details },
      verification: { status: 'VERIFIED' },
    });

    expect(mapBraintreeStored(reply(body))).toMatchObject({ kind: 'token', token: 'cGF5bWVudG1ldGhvZF9j' });
  });

  it.each([
    [{ status: 'PROCESSOR_DECLINED', processorResponse: { legacyCode: '2000' } }, '2000'],
    [{ status: 'GATEWAY_REJECTED', gatewayRejectionReason: 'CVV', processorResponse: null }, 'CVV'],
  ])('declines a card that was not verified: %j', (verification, declineCode) => {
    expect(mapBraintreeStored(reply(stored({ paymentMethod: null, verification })))).toMatchObject({
      kind: 'ended',
      result: { outcome: 'declined', declineCode },
    });
  });

  it.each([
    ['the check failed', stored({ paymentMethod: null, verification: { status: 'FAILED' } })],
    ['there is neither a card nor a check', stored({})],
    ['it is refused', { ...REFUSED, data: { vaultPaymentMethod: null } }],
  ])('fails when %s', (_what, body) => {
    expect(mapBraintreeStored(reply(body))).toMatchObject(FAILED);
  });

  it('is not known without an answer', () => {
    expect(mapBraintreeStored(reply(null, 500))).toBeNull();
  });
});
