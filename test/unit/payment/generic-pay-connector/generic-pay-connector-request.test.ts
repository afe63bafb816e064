import { describe, expect, it } from 'vitest';
import { genericPayConnectorRequest } from '../../../../src/payment/generic-pay-connector/generic-pay-connector-request.ts';
import type { GenericPayConnectorDialect } from '../../../../src/payment/generic-pay-connector/generic-pay-connector-request.ts';
import { withCardBody } from '../../../../src/payment/card-body.ts';
import type { ProviderRequest } from '../../../../src/payment/provider.ts';
import { TestCard } from '../../../support/test-card.ts';

/** Expected bodies follow the examples of Twilio's and SignalWire's "Generic Pay Connector" pages. */
const CHARGE: ProviderRequest = {
  operation: 'charge',
  idempotencyKey: '72500aba-328c-445c-a12e-da5700e10b17',
  amountMinor: 1000,
  currency: 'USD',
  reference: 'order-17',
  description: 'pizza',
};
const TOKENIZE: ProviderRequest = { ...CHARGE, operation: 'tokenize', amountMinor: null };
const CARD = new TestCard({
  'payment-card-number': '4111111111111111',
  'expiration-date': '0827',
  'security-code': '123',
  'postal-code': '94111',
});
const BANK = new TestCard({ 'bank-account-number': '123456789', 'bank-routing-number': '110000000' });

async function bodyOf(dialect: GenericPayConnectorDialect, request: ProviderRequest, card = CARD) {
  const parts = genericPayConnectorRequest(dialect, request, card);
  return withCardBody(parts, card, (body) =>
    Promise.resolve(JSON.parse(Buffer.from(body).toString('utf8')) as unknown),
  );
}

describe('genericPayConnectorRequest', () => {
  it("charges a card in Twilio's dialect", async () => {
    expect(await bodyOf('twilio', CHARGE)).toEqual({
      method: 'charge',
      transaction_id: '72500aba-328c-445c-a12e-da5700e10b17',
      cardnumber: '4111111111111111',
      cvv: '123',
      amount: '10.00',
      currency_code: 'USD',
      expiry_month: '08',
      expiry_year: '27',
      description: 'pizza',
      postal_code: '94111',
      parameters: { reference: 'order-17' },
    });
  });

  it("tokenises a card in Twilio's dialect, without amount and currency", async () => {
    expect(await bodyOf('twilio', TOKENIZE)).toEqual({
      method: 'tokenize',
      transaction_id: '72500aba-328c-445c-a12e-da5700e10b17',
      cardnumber: '4111111111111111',
      cvv: '123',
      expiry_month: '08',
      expiry_year: '27',
      description: 'pizza',
      postal_code: '94111',
      parameters: { reference: 'order-17' },
    });
  });

  it("charges a bank account in Twilio's dialect", async () => {
    expect(await bodyOf('twilio', { ...CHARGE, description: null, reference: null }, BANK)).toEqual({
      method: 'charge',
      transaction_id: '72500aba-328c-445c-a12e-da5700e10b17',
      bankaccountnumber: '123456789',
      routingnumber: '110000000',
      amount: '10.00',
      currency_code: 'USD',
      parameters: {},
    });
  });

  it("charges a card in SignalWire's dialect", async () => {
    expect(await bodyOf('signalwire', CHARGE)).toEqual({
      transaction_id: '72500aba-328c-445c-a12e-da5700e10b17',
      method: 'credit-card',
      cardnumber: '4111111111111111',
      cvv: '123',
      postal_code: '94111',
      description: 'pizza',
      chargeAmount: '10.00',
      token_type: 'reusable',
      expiry_month: '08',
      expiry_year: '27',
      currency_code: 'usd',
      parameters: { reference: 'order-17' },
    });
  });

  it("tokenises a card in SignalWire's dialect, with the amount 0 and no method", async () => {
    expect(await bodyOf('signalwire', { ...TOKENIZE, reference: null })).toEqual({
      transaction_id: '72500aba-328c-445c-a12e-da5700e10b17',
      cardnumber: '4111111111111111',
      cvv: '123',
      postal_code: '94111',
      description: 'pizza',
      amount: 0,
      token_type: 'reusable',
      expiry_month: '08',
      expiry_year: '27',
      parameters: {},
    });
  });

  it("charges a bank account in SignalWire's dialect", async () => {
    expect(await bodyOf('signalwire', CHARGE, BANK)).toMatchObject({
      method: 'ach-debit',
      bankaccountnumber: '123456789',
      routingnumber: '110000000',
    });
  });

  it('leaves out what was not captured', async () => {
    const numberOnly = new TestCard({ 'payment-card-number': '4111111111111111' });
    const body = (await bodyOf('twilio', CHARGE, numberOnly)) as object;

    expect(Object.keys(body)).toEqual([
      'method',
      'transaction_id',
      'cardnumber',
      'amount',
      'currency_code',
      'description',
      'parameters',
    ]);
  });

  it('writes an amount of a currency without decimals as a whole number', async () => {
    expect(await bodyOf('twilio', { ...CHARGE, amountMinor: 1000, currency: 'JPY' })).toMatchObject({
      amount: '1000',
      currency_code: 'JPY',
    });
  });

  it('refuses to charge nothing', () => {
    expect(() => genericPayConnectorRequest('twilio', { ...CHARGE, amountMinor: null }, CARD)).toThrow(
      'a charge has an amount',
    );
  });
});
