import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PaymentCapture } from 'twilio/lib/rest/api/v2010/account/call/payment.js';
import { CallbackReceiver } from '../support/callback-receiver.ts';
import type { Form } from '../support/callback-receiver.ts';
import type { LegClient } from '../support/leg-client.ts';
import { RunningApp } from '../support/running-app.ts';
import { ACCOUNT_SID, AUTH_TOKEN, twilioClient } from '../support/twilio-client.ts';

/** Goal: what a client of Twilio's Payments API meets besides success. Method: Twilio's client on the whole product. */
const CARD = '5555555555554444';
const ENVIRONMENT = {
  TONEWALL_TWILIO_ACCOUNT_SID: ACCOUNT_SID,
  TONEWALL_TWILIO_AUTH_TOKEN: AUTH_TOKEN,
};

let app: RunningApp;
let receiver: CallbackReceiver;
let keys = 0;
beforeAll(async () => {
  app = await RunningApp.start(ENVIRONMENT, { currency: 'USD' }, [
    { id: 'token', currency: 'USD', operation: 'tokenize' },
    { id: 'bank', currency: 'USD', fields: ['bank-routing-number', 'bank-account-number'] },
  ]);
});
afterAll(() => app.stop());
beforeEach(async () => {
  receiver = await CallbackReceiver.open(AUTH_TOKEN);
});
afterEach(() => receiver.close());

function nextKey(): string {
  keys += 1;
  return `key-${keys}`;
}

interface Opened {
  readonly callSid: string;
  readonly leg: LegClient;
  readonly sid: string;
  readonly update: (change: {
    readonly capture?: PaymentCapture;
    readonly status?: 'complete' | 'cancel';
    readonly key?: string;
  }) => Promise<unknown>;
  /** Asks for a field and keys it; the last callback of that. */
  readonly capture: (field: PaymentCapture, digits: string) => Promise<Form>;
}

async function open(more: object = {}): Promise<Opened> {
  const { id: callSid, leg } = await app.openCall();
  const { payments } = twilioClient(app.app.url).calls(callSid);
  const statusCallback = receiver.url;
  const { sid } = await payments.create({
    idempotencyKey: nextKey(),
    statusCallback,
    chargeAmount: 10,
    postalCode: false,
    ...more,
  });
  const update: Opened['update'] = ({ key = nextKey(), ...change }) =>
    payments(sid).update({ idempotencyKey: key, statusCallback, ...change });
  return {
    callSid,
    leg,
    sid,
    update,
    capture: async (field, digits) => {
      await update({ capture: field });
      const before = receiver.forms.length;
      for (const digit of digits) leg.tellKey(digit);
      return receiver.next(
        (form) =>
          receiver.forms.indexOf(form) >= before &&
          form['Capture'] === field &&
          form['PartialResult'] === 'false',
      );
    },
  };
}

async function captureAll({ capture }: Opened): Promise<void> {
  await capture('payment-card-number', CARD);
  await capture('expiration-date', '1229');
  await capture('security-code', '123');
}

describe('the outcome of a payment for a Twilio client', () => {
  it('is a token when there is no amount', async () => {
    const opened = await open({ chargeAmount: 0 });
    await captureAll(opened);
    await opened.update({ status: 'complete' });
    const result = await receiver.next((form) => form['Result'] !== undefined);
    expect(result).toMatchObject({ Result: 'success', ChargeAmount: '' });
    expect(result['PaymentToken']).toMatch(/./);
    expect(result).not.toHaveProperty('PaymentConfirmationCode');
  });

  it('is an error of the gateway, with its code, when the card is declined', async () => {
    const opened = await open();
    await opened.capture('payment-card-number', '4000000000000002#');
    await opened.capture('expiration-date', '1229');
    await opened.capture('security-code', '123');
    await opened.update({ status: 'complete' });
    expect(await receiver.next((form) => form['Result'] !== undefined)).toMatchObject({
      Result: 'payment-connector-error',
      PayErrorCode: '64008',
      ConnectorError: 'card_declined',
    });
  });

  it('is never a failure when nobody knows it', async () => {
    const opened = await open();
    await opened.capture('payment-card-number', '4000000000000119#');
    await opened.capture('expiration-date', '1229');
    await opened.capture('security-code', '123');
    await opened.update({ status: 'complete' });
    const result = await receiver.next((form) => form['Result'] !== undefined);
    expect(result).toMatchObject({ Result: 'payment-connector-error', ConnectorError: 'unknown' });
    expect(result['PaymentError']).toContain('Do not take the card again');
    expect(result).not.toHaveProperty('PayErrorCode');
  });

  it('takes a bank account, of which no digit is told', async () => {
    const opened = await open({ paymentMethod: 'ach-debit' });
    const routing = await opened.capture('bank-routing-number', '121181976');
    expect(routing).toMatchObject({ BankRoutingNumber: 'xxxxxxxxx', Required: 'BankAccountNumber' });
    const account = await opened.capture('bank-account-number', '508862392#');
    expect(account).toMatchObject({ BankAccountNumber: 'xxxxxxxxx', Required: '' });
    expect(account).not.toHaveProperty('PaymentCardNumber');
    await opened.update({ status: 'complete' });
    expect(await receiver.next((form) => form['Result'] !== undefined)).toMatchObject({ Result: 'success' });
  });

  it('is caller-hung-up when the call ends, and nothing when the client cancels', async () => {
    const first = await open();
    await first.update({ capture: 'payment-card-number' });
    await app.call('DELETE', `/v1/calls/${first.callSid}`);
    expect(await receiver.next((form) => form['Result'] !== undefined)).toMatchObject({
      Sid: first.sid,
      Result: 'caller-hung-up',
    });
    const second = await open();
    await second.update({ status: 'cancel' });
    const end = await receiver.next(
      (form) => form['Sid'] === second.sid && form['DateUpdated'] !== undefined,
    );
    expect(end).not.toHaveProperty('Result');
    await expect(second.update({ capture: 'security-code' })).rejects.toMatchObject({ code: 64021 });
  });
});

describe('the error types of a Twilio client', () => {
  it.each([
    ['payment-card-number', '5555555555554443#', 'invalid-card-number'],
    ['payment-card-number', '6011111111111117#', 'invalid-card-type'],
    ['expiration-date', '1320', 'invalid-date'],
  ] as const)('has one for the %s %s: %s', async (field, digits, errorType) => {
    const { capture, update } = await open();
    expect(await capture(field, digits)).toMatchObject({ ErrorType: errorType, PartialResult: 'false' });
    // The field waits for a request, as with Twilio; then it is captured again.
    await expect(update({ status: 'complete' })).rejects.toMatchObject({ code: 64019, status: 409 });
  });

  it('follows what the request changed of the profile', async () => {
    const { capture } = await open({ validCardTypes: 'amex', postalCode: true, minPostalCodeLength: 5 });
    expect(await capture('payment-card-number', CARD)).toMatchObject({ ErrorType: 'invalid-card-type' });
    expect(await capture('postal-code', '9411#')).toMatchObject({ ErrorType: 'invalid-postal-code' });
    expect(await capture('postal-code', '94111#')).toMatchObject({ PaymentCardPostalCode: 'xxxxx' });
  });

  it('refuses the security code before the card number, and captures nothing', async () => {
    const { capture, update, leg } = await open();
    await update({ capture: 'security-code' });
    expect(await receiver.next((form) => form['Capture'] === 'security-code')).toMatchObject({
      ErrorType: 'invalid-card-number-security-code-capture-sequence',
      PartialResult: 'false',
    });
    for (const digit of '123') leg.tellKey(digit);
    await capture('payment-card-number', CARD);
    expect(await capture('security-code', '123')).toMatchObject({ SecurityCode: 'xxx', ErrorType: '' });
  });

  it('compares what the caller keys twice', async () => {
    const { capture, update } = await open({ requireMatchingInputs: 'payment-card-number' });
    await update({ capture: 'payment-card-number-matcher' });
    expect(await receiver.next((form) => form['Capture'] === 'payment-card-number-matcher')).toMatchObject({
      ErrorType: 'input-matching-failed',
    });
    expect(await capture('payment-card-number', CARD)).toMatchObject({
      Required: 'PaymentCardNumberMatcher,ExpirationDate,SecurityCode',
    });
    expect(await capture('payment-card-number-matcher', '5105105105105100')).toMatchObject({
      ErrorType: 'input-matching-failed',
    });
    expect(await capture('payment-card-number-matcher', CARD)).toMatchObject({
      ErrorType: '',
      Required: 'ExpirationDate,SecurityCode',
    });
  });

  it('shows a field as empty again after a star, and goes on', async () => {
    const { capture, leg, update } = await open();
    await update({ capture: 'payment-card-number' });
    for (const digit of '555') leg.tellKey(digit);
    await receiver.next((form) => form['PaymentCardNumber'] === 'xxx');
    leg.tellKey('*');
    await receiver.next(
      (form) =>
        form['PaymentCardNumber'] === '' &&
        receiver.forms.some(
          (earlier, index) => earlier['PaymentCardNumber'] === 'xxx' && index < receiver.forms.indexOf(form),
        ),
    );
    expect(await capture('payment-card-number', CARD)).toMatchObject({
      PaymentCardNumber: 'xxxx-xxxx-xxxx-4444',
      PaymentCardType: 'mastercard',
    });
  });
});

describe('repeats of a Twilio client', () => {
  it('get the first payment for the same create request, and a conflict for another one', async () => {
    const { id: callSid } = await app.openCall();
    const { payments } = twilioClient(app.app.url).calls(callSid);
    const request = { idempotencyKey: nextKey(), statusCallback: receiver.url, chargeAmount: 10 };
    const [first, second] = await Promise.all([payments.create(request), payments.create(request)]);
    expect(second.sid).toBe(first.sid);
    await receiver.next((form) => form['Sid'] === first.sid);
    await expect(payments.create({ ...request, chargeAmount: 11 })).rejects.toMatchObject({ code: 20409 });
    const other = { ...request, idempotencyKey: nextKey() };
    await expect(payments.create(other)).rejects.toMatchObject({
      status: 409,
      code: 20409,
      message: 'session-in-progress: the call has a payment that has not ended.',
    });
    // One payment, one callback for its creation.
    expect(receiver.forms.filter((form) => form['Capture'] === undefined)).toHaveLength(1);
  });

  it('do not empty a field that is being keyed', async () => {
    const { update, leg, capture } = await open();
    await update({ capture: 'payment-card-number', key: 'same' });
    for (const digit of CARD.slice(0, 8)) leg.tellKey(digit);
    await receiver.next((form) => form['PaymentCardNumber'] === 'xxxx-xxxx');
    await update({ capture: 'payment-card-number', key: 'same' });
    for (const digit of CARD.slice(8)) leg.tellKey(digit);
    expect(await receiver.next((form) => form['PaymentCardType'] === 'mastercard')).toMatchObject({
      PaymentCardNumber: 'xxxx-xxxx-xxxx-4444',
    });
    // The same key for something else is something else: Twilio's own examples use it so.
    await update({ capture: 'expiration-date', key: 'same' });
    for (const digit of '1229') leg.tellKey(digit);
    await receiver.next((form) => form['ExpirationDate'] === 'xxxx');
    await capture('security-code', '123');
    await Promise.all([
      update({ status: 'complete', key: 'same' }),
      update({ status: 'complete', key: 'same' }),
    ]);
    await receiver.next((form) => form['Result'] === 'success');
  });
});

describe('status callbacks', () => {
  it('are tried again when the receiver fails, in their order and with one token', async () => {
    receiver.statuses.push(503);
    const { capture } = await open();
    await capture('payment-card-number', CARD);
    expect(receiver.forms[0]).not.toHaveProperty('Capture');
    expect(receiver.tokens[0]).toBe(receiver.tokens[1]);
    expect(receiver.tokens[2]).not.toBe(receiver.tokens[1]);
  });

  it('go where the newest request says, and hold no call up when nobody is there', async () => {
    const gone = await CallbackReceiver.open(AUTH_TOKEN);
    gone.close();
    const opened = await open({ statusCallback: gone.url });
    await captureAll(opened);
    await opened.update({ status: 'complete' });
    expect(await receiver.next((form) => form['Result'] === 'success')).toMatchObject({ Sid: opened.sid });
    expect(receiver.paths.every((path) => path === '/status?agent=17')).toBe(true);
  });
});

describe('when the server stops', () => {
  it('tells that the call is over, and answers a repeat of the create request after the restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tonewall-twilio-'));
    const environment = { ...ENVIRONMENT, TONEWALL_DATABASE: join(folder, 'tonewall.db') };
    const first = await RunningApp.start(environment, { currency: 'USD' });
    const { id: callSid } = await first.openCall();
    const request = { idempotencyKey: nextKey(), statusCallback: receiver.url, chargeAmount: 10 };
    const create = (running: RunningApp) =>
      twilioClient(running.app.url).calls(callSid).payments.create(request);
    const { sid } = await create(first);
    await first.stop();
    expect(receiver.forms.at(-1)).toMatchObject({ Sid: sid, Result: 'caller-hung-up' });

    const second = await RunningApp.start(environment, { currency: 'USD' });
    expect((await create(second)).sid).toBe(sid);
    await second.stop();
    rmSync(folder, { recursive: true });
  });
});
