import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Simulator } from '../../src/payment/simulator/simulator.ts';
import { keyCard, RunningApp } from '../support/running-app.ts';

const APPROVED = '4242424242424242';

let app: RunningApp;
beforeAll(async () => {
  app = await RunningApp.start();
});
afterAll(() => app.stop());

function charges(): number {
  const provider = app.app.providers.ofProfile('card');
  return provider instanceof Simulator ? provider.ledger.length : -1;
}

async function readyPayment(number: string) {
  const { id, leg } = await app.openCall();
  const { body } = await app.openPayment(id);
  const paymentId = body['id'] as string;
  await app.untilState(paymentId, 'capturing');
  keyCard(leg, number);
  await app.untilState(paymentId, 'ready');
  return { callId: id, leg, paymentId };
}

describe('a payment on the running product', () => {
  it.each([
    { number: APPROVED, state: 'approved', declineCode: null },
    { number: '4000000000000002', state: 'declined', declineCode: 'card_declined' },
    { number: '4000000000009995', state: 'declined', declineCode: 'insufficient_funds' },
    { number: '4000000000000036', state: 'failed', declineCode: null },
    { number: '4000000000000119', state: 'unknown', declineCode: null },
    { number: '4000000000000093', state: 'approved', declineCode: null },
  ])('ends as $state for the test card that ends in its own way', async ({ number, state, declineCode }) => {
    const { paymentId } = await readyPayment(number);
    const { status, body } = await app.call('POST', `/v1/payments/${paymentId}/process`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ state, result: { outcome: state, declineCode, last4: number.slice(-4) } });
  });

  it('charges once for twenty requests at the same time, and gives all the same answer', async () => {
    const { paymentId } = await readyPayment(APPROVED);
    const before = charges();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => app.call('POST', `/v1/payments/${paymentId}/process`)),
    );
    expect(charges()).toBe(before + 1);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body['result']))).size).toBe(1);
    expect(answers.every(({ status, body }) => status === 200 && body['state'] === 'approved')).toBe(true);
  });

  it('says which fields are missing when it is asked too early', async () => {
    const { id } = await app.openCall();
    const { body } = await app.openPayment(id);
    const answer = await app.call('POST', `/v1/payments/${body['id'] as string}/process`);
    expect(answer).toMatchObject({
      status: 409,
      body: {
        code: 'PAYMENT_NOT_READY',
        missing: ['payment-card-number', 'expiration-date', 'security-code'],
      },
    });
  });

  it('answers a repeat under the same key with the first payment, and refuses another body', async () => {
    const { id } = await app.openCall();
    const headers = { 'idempotency-key': 'order-1' };
    const [first, second] = await Promise.all([
      app.openPayment(id, {}, headers),
      app.openPayment(id, {}, headers),
    ]);
    expect(second.body['id']).toBe(first.body['id']);
    const other = await app.openPayment(id, { amount: '1.00' }, headers);
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_CONFLICT' } });
    await app.call('POST', `/v1/payments/${first.body['id'] as string}/cancel`);
    await app.call('DELETE', `/v1/calls/${id}`);
    const late = await app.openPayment(id, {}, headers);
    expect(late.body).toMatchObject({ id: first.body['id'], state: 'canceled' });
  });

  it('refuses a second payment on a call and leaves the first alone', async () => {
    const { id } = await app.openCall();
    const first = await app.openPayment(id);
    const second = await app.openPayment(id, { reference: 'another' });
    expect(second).toMatchObject({
      status: 409,
      body: { code: 'PAYMENT_OPEN', paymentId: first.body['id'] },
    });
    const { body } = await app.call('GET', `/v1/payments?callId=${id}`);
    expect(JSON.stringify(body)).toContain(first.body['id'] as string);
  });

  it('takes another payment on the same call after the first', async () => {
    const { callId, leg, paymentId } = await readyPayment(APPROVED);
    await app.call('POST', `/v1/payments/${paymentId}/process`);
    const second = await app.openPayment(callId);
    keyCard(leg, APPROVED);
    const ready = await app.untilState(second.body['id'] as string, 'ready');
    expect(ready['required']).toEqual([]);
  });

  it('cancels the payment when its call is ended', async () => {
    const { callId, paymentId } = await readyPayment(APPROVED);
    const before = charges();
    expect((await app.call('DELETE', `/v1/calls/${callId}`)).status).toBe(204);
    expect(await app.untilState(paymentId, 'canceled')).toMatchObject({ required: [], result: null });
    const answer = await app.call('POST', `/v1/payments/${paymentId}/process`);
    expect(answer).toMatchObject({ status: 409, body: { code: 'PAYMENT_ENDED' } });
    expect(charges()).toBe(before);
  });

  it.each([
    { more: { amount: '42.505' }, status: 422, code: 'AMOUNT_INVALID' },
    { more: { amount: '0.00' }, status: 422, code: 'AMOUNT_INVALID' },
    { more: { currency: 'EUR' }, status: 422, code: 'CURRENCY_MISMATCH' },
    { more: { profileId: 'none' }, status: 404, code: 'PROFILE_NOT_FOUND' },
    { more: { callId: 'call_none' }, status: 404, code: 'CALL_NOT_FOUND' },
    { more: { reference: 'card 4242 4242 4242 4242' }, status: 422, code: 'CARD_DATA_REFUSED' },
  ])('refuses $more with $code', async ({ more, status, code }) => {
    const { id } = await app.openCall();
    expect(await app.openPayment(id, more)).toMatchObject({ status, body: { code } });
  });

  it('drops keys outside of a payment and counts them', async () => {
    const { leg } = await app.openCall();
    for (const key of '4242') leg.tellKey(key);
    const pattern = /tonewall_digits_dropped_total\{cause="no-field"\} (\d+)/;
    const dropped = async (): Promise<number> => {
      const response = await fetch(`${app.app.url}/metrics`);
      return Number(pattern.exec(await response.text())?.[1] ?? -1);
    };
    await expect.poll(dropped).toBeGreaterThanOrEqual(4);
  });

  it('keeps no card number in its files and its log', async () => {
    const { paymentId } = await readyPayment('4929000000006');
    await app.call('POST', `/v1/payments/${paymentId}/process`);
    const files = readdirSync(app.folder).map((file) => readFileSync(join(app.folder, file), 'latin1'));
    expect(files.length).toBeGreaterThan(1);
    expect(files.join('')).toContain(paymentId);
    for (const text of [...files, ...app.lines]) {
      expect(text).not.toContain('4929000000006');
      expect(text).not.toContain(APPROVED);
    }
  });
});

describe('a payment of an earlier process', () => {
  it('still has its outcome, also for whoever asks to process it again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tonewall-restart-'));
    const database = { TONEWALL_DATABASE: join(folder, 'tonewall.db') };
    const first = await RunningApp.start(database);
    const { id, leg } = await first.openCall();
    const { body } = await first.openPayment(id);
    const paymentId = body['id'] as string;
    await first.untilState(paymentId, 'capturing');
    keyCard(leg, APPROVED);
    await first.untilState(paymentId, 'ready');
    const { body: processed } = await first.call('POST', `/v1/payments/${paymentId}/process`);
    await first.stop();
    const second = await RunningApp.start(database);
    const repeated = await second.call('POST', `/v1/payments/${paymentId}/process`);
    expect(repeated).toMatchObject({ status: 200, body: { state: 'approved', result: processed['result'] } });
    expect(await second.call('POST', `/v1/payments/${paymentId}/cancel`)).toMatchObject({
      status: 409,
      body: { code: 'PAYMENT_ENDED' },
    });
    await second.stop();
    rmSync(folder, { recursive: true });
  });
});

describe('the end of the running product', () => {
  it('cancels what has not left, closes the legs, and forgets nothing', async () => {
    const own = await RunningApp.start();
    const { id, leg } = await own.openCall();
    const { body } = await own.openPayment(id);
    await own.untilState(body['id'] as string, 'capturing');
    const stopped = own.stop();
    expect((await leg.closed).code).toBe(1000);
    await stopped;
    expect(own.lines.join('')).toContain('"state":"canceled"');
    expect(own.lines.at(-1)).toContain('stopped');
  });

  it('takes no new calls while it waits for the last ones', async () => {
    const own = await RunningApp.start({ TONEWALL_DRAIN_SECONDS: '60' });
    const { id } = await own.openCall();
    const drained = own.app.drain(new Promise(() => undefined));
    expect(await own.call('POST', '/v1/calls', {})).toMatchObject({
      status: 503,
      body: { code: 'DRAINING' },
    });
    expect((await fetch(`${own.app.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${own.app.url}/healthz`)).status).toBe(200);
    await own.call('DELETE', `/v1/calls/${id}`);
    await drained;
    expect(own.lines.at(-1)).toContain('stopped');
  });
});

describe('a start of the product that fails', () => {
  it('leaves nothing open: the same database can be used at once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tonewall-start-'));
    const database = { TONEWALL_DATABASE: join(folder, 'tonewall.db') };
    const taken = { ...database, TONEWALL_PORT: new URL(app.app.url).port };
    await expect(RunningApp.start(taken)).rejects.toMatchObject({ code: 'EADDRINUSE' });

    const own = await RunningApp.start(database);
    expect((await fetch(`${own.app.url}/readyz`)).status).toBe(200);
    await own.stop();
    rmSync(folder, { recursive: true });
  });

  it('refuses the database of a running server, and leaves its payments alone', async () => {
    const { id } = await app.openCall();
    const { body } = await app.openPayment(id);
    const second = RunningApp.start({ TONEWALL_DATABASE: join(app.folder, 'tonewall.db') });

    await expect(second).rejects.toMatchObject({ code: 'IN_USE' });
    const paymentId = body['id'] as string;
    expect(await app.untilState(paymentId, 'capturing')).toMatchObject({ id: paymentId });
    const { state } = readPayment(join(app.folder, 'tonewall.db'), paymentId);
    expect(state).toBe('connecting');
  });
});

function readPayment(path: string, id: string): Record<string, unknown> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return { ...database.prepare('SELECT state FROM payment WHERE id = ?').get(id) };
  } finally {
    database.close();
  }
}
