import { describe, expect, it } from 'vitest';
import { adyenPaymentRequest } from '../../../../src/payment/adyen/adyen-request.ts';
import { withCardBody } from '../../../../src/payment/card-body.ts';
import type { ProviderRequest } from '../../../../src/payment/provider.ts';
import { TestCard } from '../../../support/test-card.ts';

/** Members as in Adyen, "API only with raw card data", "MOTO payments through API" and "Create tokens". */
const CHARGE: ProviderRequest = {
  operation: 'charge',
  idempotencyKey: 'att_abcdefghjkmnpqrs',
  amountMinor: 1000,
  currency: 'EUR',
  reference: 'order-17',
  description: 'Two tickets',
};
const CARD = {
  'payment-card-number': '4111111111111111',
  'expiration-date': '0330',
  'security-code': '737',
} as const;

async function bodyOf(request: ProviderRequest, value: number, digits: object = CARD) {
  const card = new TestCard(digits);
  const parts = adyenPaymentRequest('TonewallMOTO', value, request, card);
  return withCardBody(parts, card, (body) =>
    Promise.resolve(JSON.parse(Buffer.from(body).toString('utf8')) as unknown),
  );
}

describe('adyenPaymentRequest', () => {
  it('charges a card as a telephone order, with four digits of the year', async () => {
    expect(await bodyOf(CHARGE, 1000)).toEqual({
      merchantAccount: 'TonewallMOTO',
      reference: 'att_abcdefghjkmnpqrs',
      merchantOrderReference: 'order-17',
      amount: { value: 1000, currency: 'EUR' },
      shopperInteraction: 'Moto',
      paymentMethod: {
        type: 'scheme',
        number: '4111111111111111',
        expiryMonth: '03',
        expiryYear: '2030',
        cvc: '737',
      },
    });
  });

  it('leaves out what there is not', async () => {
    const digits = { 'payment-card-number': '4111111111111111' };
    const body = await bodyOf({ ...CHARGE, reference: null }, 1000, digits);

    expect(body).toEqual({
      merchantAccount: 'TonewallMOTO',
      reference: 'att_abcdefghjkmnpqrs',
      amount: { value: 1000, currency: 'EUR' },
      shopperInteraction: 'Moto',
      paymentMethod: { type: 'scheme', number: '4111111111111111' },
    });
  });

  it('sends a postal code in an address that is whole', async () => {
    expect(await bodyOf(CHARGE, 1000, { ...CARD, 'postal-code': '94111' })).toMatchObject({
      billingAddress: {
        postalCode: '94111',
        country: 'ZZ',
        city: 'N/A',
        street: 'N/A',
        houseNumberOrName: 'N/A',
      },
    });
  });

  it.each([
    ['the reference', 'customer-7', 'customer-7'],
    ['our key, without a reference', null, 'att_abcdefghjkmnpqrs'],
    ['our key, when the reference is shorter than Adyen allows', '17', 'att_abcdefghjkmnpqrs'],
  ])('stores a card under %s', async (_what, reference, shopperReference) => {
    const request = { ...CHARGE, operation: 'tokenize', amountMinor: null, reference } as const;

    expect(await bodyOf(request, 0)).toMatchObject({
      amount: { value: 0, currency: 'EUR' },
      shopperInteraction: 'Moto',
      storePaymentMethod: true,
      recurringProcessingModel: 'CardOnFile',
      shopperReference,
    });
  });
});
