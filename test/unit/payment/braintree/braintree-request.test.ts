import { describe, expect, it } from 'vitest';
import {
  chargeRequest,
  findRequest,
  storeRequest,
  tokeniseRequest,
} from '../../../../src/payment/braintree/braintree-request.ts';
import type { BodyPart } from '../../../../src/payment/card-body.ts';
import { withCardBody } from '../../../../src/payment/card-body.ts';
import type { ProviderRequest } from '../../../../src/payment/provider.ts';
import { TestCard } from '../../../support/test-card.ts';

/** Variables as in Braintree's GraphQL reference; the documents are held against its schema by the fake. */
const REQUEST: ProviderRequest = {
  operation: 'charge',
  idempotencyKey: 'att_abcdefghjkmnpqrs',
  amountMinor: 1000,
  currency: 'GBP',
  reference: 'order-17',
  description: null,
};
const CARD = new TestCard({
  'payment-card-number': '4111111111111111',
  'expiration-date': '0330',
  'security-code': '737',
  'postal-code': '94111',
});

async function inputOf(parts: readonly BodyPart[], card = CARD): Promise<unknown> {
  const text = await withCardBody(parts, card, (body) => Promise.resolve(Buffer.from(body).toString('utf8')));
  return (JSON.parse(text) as { variables: { input: unknown } }).variables.input;
}

describe('requests to Braintree', () => {
  it('makes a token of a card', async () => {
    expect(await inputOf(tokeniseRequest(CARD))).toEqual({
      creditCard: {
        number: '4111111111111111',
        expirationMonth: '03',
        expirationYear: '30',
        cvv: '737',
        billingAddress: { postalCode: '94111' },
      },
    });
  });

  it('leaves out what was not keyed', async () => {
    const bare = new TestCard({ 'payment-card-number': '4111111111111111' });

    expect(await inputOf(tokeniseRequest(bare), bare)).toEqual({
      creditCard: { number: '4111111111111111' },
    });
  });

  it('charges a token as a telephone order, findable by our key', async () => {
    expect(await inputOf(chargeRequest('tonewall_gbp', REQUEST, 'tokencc_bh_x'))).toEqual({
      apiRequestKey: 'att_abcdefghjkmnpqrs',
      paymentMethodId: 'tokencc_bh_x',
      transaction: {
        amount: '10.00',
        merchantAccountId: 'tonewall_gbp',
        orderId: 'att_abcdefghjkmnpqrs',
        paymentInitiator: 'MOTO',
      },
    });
  });

  it.each([
    ['JPY', 1000, '1000'],
    ['KWD', 1000, '1.000'],
  ])('writes amounts in %s with its decimals', async (currency, amountMinor, amount) => {
    const parts = chargeRequest('tonewall', { ...REQUEST, currency, amountMinor }, 'tokencc_bh_x');

    expect(await inputOf(parts)).toMatchObject({ transaction: { amount } });
  });

  it('stores a card after a check through the same merchant account', async () => {
    expect(await inputOf(storeRequest('tonewall_gbp', 'tokencc_bh_x'))).toEqual({
      paymentMethodId: 'tokencc_bh_x',
      verification: { merchantAccountId: 'tonewall_gbp' },
    });
  });

  it('finds the transactions of one attempt', async () => {
    expect(await inputOf(findRequest(REQUEST))).toEqual({ orderId: { is: 'att_abcdefghjkmnpqrs' } });
  });
});
