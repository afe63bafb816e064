import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_KEY_HEADERS, makeHttpEdge } from '../support/http-edge.ts';
import type { HttpEdge } from '../support/http-edge.ts';

/** Goal: what is not as documented is refused. Method: one server for all, since nothing of this may leave a trace. */
let edge: HttpEdge;
beforeAll(async () => {
  edge = await makeHttpEdge();
});
afterAll(() => edge.server.close());

const NEW_PAYMENT = { callId: 'call_a', profileId: 'card-gbp', amount: '42.50', currency: 'GBP' };

function call(method: 'GET' | 'POST', url: string, payload?: object, headers: object = {}) {
  return edge.server.inject({
    method,
    url,
    headers: { ...API_KEY_HEADERS, ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
}

describe('the API', () => {
  it.each([
    [{ topology: 'three-leg' }, 'body/topology must be equal to one of the allowed values'],
    [{ sampleRate: 44100 }, 'body/sampleRate must be equal to one of the allowed values'],
    [{ sampleRate: '16000' }, 'body/sampleRate must be equal to one of the allowed values'],
    [{ colour: 'red' }, 'body must NOT have additional properties'],
    [{ reference: 'x'.repeat(201) }, 'body/reference must NOT have more than 200 characters'],
    [{ reference: '' }, 'body/reference must NOT have fewer than 1 characters'],
    [{ reference: 17 }, 'body/reference must be string'],
    [{ reference: null }, 'body/reference must be string'],
  ])('refuses a call with %j', async (body, detail) => {
    const answer = await call('POST', '/v1/calls', body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'REQUEST_INVALID', detail });
    expect(edge.calls.created).toEqual([]);
  });

  it.each(['a\nb', 'a\u001b[31mb', 'a\u0000b', 'a\u2028b', 'a\u0085b', 'a\ud800b'])(
    'refuses control characters and halves of characters in free text: %j',
    async (reference) => {
      const answer = await call('POST', '/v1/calls', { reference });
      expect(answer.statusCode).toBe(400);
    },
  );

  it.each([
    ['payee', '4111111111111111'],
    ['reference', 'card 4111 1111 1111 1111'],
    ['description', '4111-1111-1111-1111 exp 12/29'],
    ['interactionType', '４１１１１１１１１１１１１１１１'],
    ['amount', '4111111111111111'],
    ['profileId', '4111111111111111'],
  ])('refuses a card number in %s', async (field, text) => {
    const answer = await call('POST', '/v1/payments', { ...NEW_PAYMENT, [field]: text });
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ code: 'CARD_DATA_REFUSED' });
    expect(answer.body).not.toContain('4111');
    expect(edge.payments.opened).toEqual([]);
  });

  it('refuses a card number as reference of a call and as Idempotency-Key', async () => {
    expect((await call('POST', '/v1/calls', { reference: '4111111111111111' })).statusCode).toBe(422);
    const headers = { 'idempotency-key': '4111111111111111' };
    expect((await call('POST', '/v1/payments', NEW_PAYMENT, headers)).statusCode).toBe(422);
  });

  it.each(['', 'with space', 'x'.repeat(256), 'ключ'])('refuses the Idempotency-Key %j', async (key) => {
    const answer = await call('POST', '/v1/payments', NEW_PAYMENT, { 'idempotency-key': key });
    expect(answer.statusCode).toBe(400);
  });

  it.each([
    { callId: 'call_a' },
    { ...NEW_PAYMENT, amount: 42.5 },
    { ...NEW_PAYMENT, currency: 'gbp' },
    { ...NEW_PAYMENT, cardNumber: '1' },
    { ...NEW_PAYMENT, callId: 'x'.repeat(65) },
  ])('refuses a payment of the wrong form: %j', async (body) => {
    expect((await call('POST', '/v1/payments', body)).statusCode).toBe(400);
    expect(edge.payments.opened).toEqual([]);
  });

  it('refuses a field that does not exist and a list without a call', async () => {
    expect((await call('POST', '/v1/payments/pay_a/capture', { field: 'pin' })).statusCode).toBe(400);
    expect((await call('GET', '/v1/payments')).statusCode).toBe(400);
    expect((await call('GET', '/v1/payments?callId=a&callId=b')).statusCode).toBe(400);
  });
});
