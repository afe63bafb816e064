import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningApp } from '../support/running-app.ts';
import { ACCOUNT_SID, AUTH_TOKEN, twilioClient } from '../support/twilio-client.ts';

/** Goal: nothing that a client asks for is ignored. Method: Twilio's client, and plain requests, with one thing wrong. */
const CALLBACK = 'https://merchant.example/status';

let app: RunningApp;
let callSid: string;
beforeAll(async () => {
  app = await RunningApp.start(
    {
      TONEWALL_TWILIO_ACCOUNT_SID: ACCOUNT_SID,
      TONEWALL_TWILIO_AUTH_TOKEN: AUTH_TOKEN,
    },
    { currency: 'USD' },
  );
  callSid = (await app.openCall()).id;
});
afterAll(() => app.stop());

function create(change: object) {
  return twilioClient(app.app.url)
    .calls(callSid)
    .payments.create({ idempotencyKey: 'a key', statusCallback: CALLBACK, chargeAmount: 10, ...change });
}

async function post(path: string, form: Record<string, string>, credential = `${ACCOUNT_SID}:${AUTH_TOKEN}`) {
  const response = await fetch(`${app.app.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(credential)}` },
    body: new URLSearchParams(form),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as object };
}

const PAYMENTS = () => `/2010-04-01/Accounts/${ACCOUNT_SID}/Calls/${callSid}/Payments.json`;

describe('a create request that cannot be carried out', () => {
  it.each<[object, number, RegExp]>([
    [{ idempotencyKey: ' '.repeat(300) }, 64020, /IdempotencyKey/],
    [{ statusCallback: '/status' }, 21205, /TONEWALL_TWILIO_CALLBACK_BASE/],
    [{ statusCallback: 'http://merchant.example/status' }, 21205, /https/],
    [{ statusCallback: 'ftp://merchant.example/status' }, 21205, /https/],
    [{ statusCallback: 'https://user:secret@merchant.example/' }, 21205, /credentials/],
    [{ chargeAmount: -0.5 }, 64003, /ChargeAmount/],
    [{ chargeAmount: 1_000_000 }, 64003, /1000000/],
    [{ chargeAmount: 1.001 }, 64003, /decimals/],
    [{ chargeAmount: 0 }, 64005, /tokens/],
    [{ currency: 'GBP' }, 64011, /USD/],
    [{ currency: 'XXQ' }, 64020, /ISO 4217/],
    [{ paymentConnector: 'stripe' }, 64004, /PaymentConnector/],
    [{ paymentMethod: 'ach-debit' }, 64013, /PaymentMethod/],
    [{ paymentMethod: 'cheque' }, 64020, /credit-card, ach-debit/],
    [{ bankAccountType: 'consumer-savings' }, 64017, /BankAccountType/],
    [{ input: 'speech' }, 64020, /Input/],
    [{ confirmation: 'true' }, 64020, /Confirmation/],
    [{ timeout: 601 }, 64020, /Timeout/],
    [{ minPostalCodeLength: 0 }, 64020, /MinPostalCodeLength/],
    [{ validCardTypes: 'visa optima' }, 64020, /ValidCardTypes/],
    [{ validCardTypes: 'visa discover' }, 64020, /visa mastercard amex/],
    [{ requireMatchingInputs: 'bank-account-number' }, 64020, /RequireMatchingInputs/],
    [{ requireMatchingInputs: 'security-code', securityCode: false }, 64020, /RequireMatchingInputs/],
    [{ parameter: '{"customer":"17"}' }, 64020, /reference/],
    [{ parameter: 'no json' }, 64020, /reference/],
    [{ description: 'card 5555555555554444' }, 64020, /card number/],
  ])('%o is refused with %i', async (change, code, message) => {
    await expect(create(change)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
      moreInfo: `https://www.twilio.com/docs/errors/${code}`,
    });
  });

  it('says so for a call that is not there, and for one that has ended', async () => {
    const { payments } = twilioClient(app.app.url).calls('CAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
    const request = { idempotencyKey: 'gone', statusCallback: CALLBACK, chargeAmount: 10 };
    await expect(payments.create(request)).rejects.toMatchObject({ status: 404, code: 20404 });
    const { id } = await app.openCall();
    await app.call('DELETE', `/v1/calls/${id}`);
    await expect(twilioClient(app.app.url).calls(id).payments.create(request)).rejects.toMatchObject({
      status: 400,
      code: 21220,
    });
  });

  it('names a parameter that is missing and refuses one that nobody knows', async () => {
    expect(await post(PAYMENTS(), { StatusCallback: CALLBACK })).toMatchObject({
      status: 400,
      body: { code: 20001, message: 'IdempotencyKey: is required.', status: 400 },
    });
    expect(
      await post(PAYMENTS(), { IdempotencyKey: 'k', StatusCallback: CALLBACK, Language: 'en-GB' }),
    ).toMatchObject({
      status: 400,
      body: { code: 20001, message: expect.stringContaining('not supported') as string },
    });
  });

  it.each(['application/json', 'text/xml'])('needs a form, and not %s', async (type) => {
    const response = await fetch(`${app.app.url}${PAYMENTS()}`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${ACCOUNT_SID}:${AUTH_TOKEN}`)}`, 'content-type': type },
      body: '{}',
    });
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 400,
      body: { code: 20001, message: expect.stringContaining('application/x-www-form-urlencoded') as string },
    });
  });
});

describe('an update request that cannot be carried out', () => {
  it('is refused', async () => {
    const { sid } = await create({ idempotencyKey: 'to update', securityCode: false });
    const { payments } = twilioClient(app.app.url).calls(callSid);
    const common = { idempotencyKey: 'u', statusCallback: CALLBACK };
    await expect(payments(sid).update(common)).rejects.toMatchObject({ code: 64018 });
    await expect(
      payments(sid).update({ ...common, capture: 'expiration-date', status: 'cancel' }),
    ).rejects.toMatchObject({ code: 64018 });
    await expect(payments(sid).update({ ...common, capture: 'security-code' })).rejects.toMatchObject({
      code: 64021,
    });
    await expect(payments(sid).update({ ...common, status: 'complete' })).rejects.toMatchObject({
      code: 64019,
      message: expect.stringContaining('payment-card-number') as string,
    });
    await expect(
      payments('PKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa').update({ ...common, status: 'cancel' }),
    ).rejects.toMatchObject({ status: 404, code: 20404 });
    const elsewhere = await app.openCall();
    await expect(
      twilioClient(app.app.url)
        .calls(elsewhere.id)
        .payments(sid)
        .update({ ...common, status: 'cancel' }),
    ).rejects.toMatchObject({ status: 404, code: 20404 });
  });
});

describe('the account', () => {
  it('is needed, and the address must be its own', async () => {
    const wrong = [`${ACCOUNT_SID}:wrong`, `ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb:${AUTH_TOKEN}`, ''];
    for (const credential of wrong) {
      const answer = await post(PAYMENTS(), {}, credential);
      expect(answer).toMatchObject({ status: 401, body: { code: 20003, message: 'Authenticate' } });
      expect(answer.headers.get('www-authenticate')).toContain('Basic');
    }
    const other = PAYMENTS().replace(ACCOUNT_SID, 'ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb');
    expect(await post(other, {})).toMatchObject({ status: 401 });
    const metrics = await (await fetch(`${app.app.url}/metrics`)).text();
    expect(metrics).toContain('tonewall_auth_failures_total{kind="twilio-account"} 4');
  });

  it('is not that of the REST API, nor the other way round', async () => {
    const key = await app.call('POST', PAYMENTS(), {});
    expect(key.status).toBe(401);
    const response = await fetch(`${app.app.url}/v1/profiles`, {
      headers: { authorization: `Bearer ${AUTH_TOKEN}` },
    });
    expect(response.status).toBe(401);
  });

  it('has no address when none is configured', async () => {
    const without = await RunningApp.start();
    const answer = await without.call('POST', PAYMENTS(), {});
    expect(answer.status).toBe(404);
    await without.stop();
  });
});
