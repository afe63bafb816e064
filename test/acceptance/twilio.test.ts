import { afterEach, describe, expect, it } from 'vitest';
import type { PaymentCapture } from 'twilio/lib/rest/api/v2010/account/call/payment.js';
import { CallbackReceiver } from '../support/callback-receiver.ts';
import type { Form } from '../support/callback-receiver.ts';
import { decodeWithSpandsp, spandspMissing } from '../support/dsp/spandsp.ts';
import { ACCOUNT_SID, AUTH_TOKEN, twilioClient } from '../support/twilio-client.ts';
import { keyed } from './driver/keypad.ts';
import { Leg } from './driver/leg.ts';
import { PayConnector } from './driver/pay-connector.ts';
import { Product } from './driver/product.ts';

/**
 * Goal: code written for Twilio's agent-assisted Pay works when its base address is changed. Method: Twilio's own
 * client drives the server that `npm start` runs, a caller keys tones on a real media leg, and the callbacks are
 * checked by Twilio's own check of signatures.
 */
const CARD = '378282246310005';
const EXPIRY = '1229';
const CODE = '9274';
const POSTCODE = '94111';
const RATE = 8000;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start() {
  const connector = await PayConnector.open();
  cleanUps.push(() => connector.close());
  const receiver = await CallbackReceiver.open(AUTH_TOKEN);
  cleanUps.push(() => receiver.close());
  const profile = {
    id: 'cards-usd',
    name: 'Cards (USD)',
    method: 'guided',
    operation: 'charge',
    currency: 'USD',
    fields: ['payment-card-number', 'expiration-date', 'security-code'],
    provider: {
      kind: 'generic-pay-connector',
      url: connector.url,
      username: 'merchant',
      passwordEnv: 'PSP_PASSWORD',
      idempotent: true,
    },
  };
  const product = await Product.start([profile], {
    PSP_PASSWORD: 'open-sesame',
    TONEWALL_TWILIO_ACCOUNT_SID: ACCOUNT_SID,
    TONEWALL_TWILIO_AUTH_TOKEN: AUTH_TOKEN,
  });
  cleanUps.push(() => product.stop());
  const call = await product.call('POST', '/v1/calls', { topology: 'two-leg', sampleRate: RATE });
  const legs = call.json['legs'] as Record<string, { uri: string }>;
  const caller = await Leg.open(legs['caller']?.uri ?? '', RATE);
  const agent = await Leg.open(legs['agent']?.uri ?? '', RATE);
  cleanUps.push(() => caller.close());
  cleanUps.push(() => agent.close());
  return { connector, receiver, product, caller, agent, callSid: call.json['id'] as string };
}

describe("Twilio's client on a whole guided payment", () => {
  it('captures, completes and is told everything but digits', async ({ skip }) => {
    const { connector, receiver, product, caller, agent, callSid } = await start();
    const payments = twilioClient(product.url).calls(callSid).payments;
    const statusCallback = receiver.url;
    const created = await payments.create({
      idempotencyKey: 'create',
      statusCallback,
      chargeAmount: 42.5,
      description: 'Two tickets',
      parameter: JSON.stringify({ reference: 'order 17' }),
    });
    expect(created.sid).toMatch(/^PK[0-9a-f]{32}$/);
    expect(created.callSid).toBe(callSid);

    const capture = async (field: PaymentCapture, keys: string): Promise<Form> => {
      await payments(created.sid).update({ idempotencyKey: field, statusCallback, capture: field });
      await receiver.next((form) => form['Capture'] === field);
      await caller.play(keyed(keys, RATE));
      return receiver.next((form) => form['Capture'] === field && form['PartialResult'] === 'false');
    };
    // Nothing is captured before it is asked for: these keys belong to nobody.
    await caller.play(keyed('12', RATE));
    expect(await capture('expiration-date', EXPIRY)).toMatchObject({
      ExpirationDate: 'xxxx',
      Required: 'PaymentCardNumber,SecurityCode,PaymentCardPostalCode',
      ErrorType: '',
    });
    expect(await capture('payment-card-number', CARD)).toMatchObject({
      PaymentCardNumber: 'xxxx-xxxxxx-x0005',
      PaymentCardType: 'amex',
      Required: 'SecurityCode,PaymentCardPostalCode',
    });
    expect(await capture('security-code', CODE)).toMatchObject({ SecurityCode: 'xxxx' });
    expect(await capture('postal-code', `${POSTCODE}#`)).toMatchObject({
      PaymentCardPostalCode: 'xxxxx',
      Required: '',
    });

    await payments(created.sid).update({ idempotencyKey: 'done', statusCallback, status: 'complete' });
    const result = await receiver.next((form) => form['Result'] !== undefined);
    expect(result).toMatchObject({
      Result: 'success',
      PaymentConfirmationCode: 'ch_1',
      AccountSid: ACCOUNT_SID,
      CallSid: callSid,
      Sid: created.sid,
      ChargeAmount: '42.5',
      PaymentConnector: 'Default',
      PaymentMethod: 'credit-card',
      TokenType: 'reusable',
      BankAccountType: 'consumer-checking',
    });
    expect(connector.requests.map(({ body }) => body)).toEqual([
      {
        method: 'charge',
        transaction_id: expect.any(String) as string,
        cardnumber: CARD,
        cvv: CODE,
        expiry_month: '12',
        expiry_year: '29',
        postal_code: POSTCODE,
        amount: '42.50',
        currency_code: 'USD',
        description: 'Two tickets',
        parameters: { reference: 'order 17' },
      },
    ]);

    expect(receiver.forged).toEqual([]);
    expect(receiver.forms.filter((form) => form['PartialResult'] === 'true').length).toBeGreaterThan(15);
    expect(receiver.forms.at(-1)).toBe(result);
    const told = JSON.stringify(receiver.forms);
    for (const secret of [CARD, CARD.slice(0, 8), EXPIRY, CODE, POSTCODE]) expect(told).not.toContain(secret);
    expect(product.output).not.toContain(CARD.slice(0, 8));

    await caller.silence(200);
    const missing = spandspMissing();
    if (missing !== undefined) skip(missing);
    expect(decodeWithSpandsp(agent.heard, RATE)).toBe('');
  });
});
