import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/core/errors.ts';
import { API_KEY_HEADERS, makeHttpEdge } from '../support/http-edge.ts';
import type { HttpEdge } from '../support/http-edge.ts';

/** Goal: a client may repeat any POST whose answer it lost. Method: the real edge on fakes of what is behind it. */
let edge: HttpEdge;
beforeEach(async () => {
  edge = await makeHttpEdge();
});
afterEach(() => edge.server.close());

const NEW_PAYMENT = { callId: 'call_a', profileId: 'card-gbp', amount: '42.50', currency: 'GBP' };

function post(url: string, key: string | null, payload?: object, headers: object = API_KEY_HEADERS) {
  return edge.server.inject({
    method: 'POST',
    url,
    headers: { ...headers, ...(key === null ? {} : { 'idempotency-key': key }) },
    ...(payload === undefined ? {} : { payload }),
  });
}

const REPLAYED = 'idempotent-replayed';

describe('an Idempotency-Key', () => {
  it('makes one call of two requests, and gives the first answer again', async () => {
    const first = await post('/v1/calls', 'k', { topology: 'loopback' });
    const second = await post('/v1/calls', 'k', { topology: 'loopback' });
    expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
    expect(second.body).toBe(first.body);
    expect(second.headers['content-type']).toBe(first.headers['content-type']);
    expect(second.headers['cache-control']).toBe('no-store');
    expect(first.headers).not.toHaveProperty(REPLAYED);
    expect(second.headers[REPLAYED]).toBe('true');
    expect(edge.calls.created).toHaveLength(1);
  });

  it('is not needed', async () => {
    await post('/v1/calls', null, {});
    await post('/v1/calls', null, {});
    expect(edge.calls.created).toHaveLength(2);
  });

  it('refuses another body', async () => {
    await post('/v1/calls', 'k', { topology: 'loopback' });
    const other = await post('/v1/calls', 'k', { topology: 'two-leg' });
    expect(other.statusCode).toBe(422);
    expect(other.json()).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect(edge.calls.created).toHaveLength(1);
  });

  it('is one for each address', async () => {
    await post('/v1/calls', 'k', {});
    const caller = await post('/v1/calls/call_a/legs/caller/renew', 'k');
    const agent = await post('/v1/calls/call_a/legs/agent/renew', 'k');
    expect([caller.json(), agent.json()]).toMatchObject([
      { uri: 'ws://127.0.0.1/media/caller' },
      { uri: 'ws://127.0.0.1/media/agent' },
    ]);
    expect(agent.headers).not.toHaveProperty(REPLAYED);
    expect((await post('/v1/calls/call_a/legs/agent/renew', 'k')).headers[REPLAYED]).toBe('true');
  });

  it('is one for each client', async () => {
    const { id, agentToken } = (await post('/v1/payments', null, NEW_PAYMENT)).json<Record<string, string>>();
    const agent = { authorization: `Bearer ${agentToken}` };
    const url = `/v1/payments/${id}/agent-token`;
    const [first, other] = [await post(url, 'k'), await post(url, 'k', undefined, agent)];
    expect(other.headers).not.toHaveProperty(REPLAYED);
    edge.clock.advance(1000);
    expect((await post(url, 'k')).body).toBe(first.body);
    expect((await post(url, 'k', undefined, agent)).body).toBe(other.body);
    expect((await post(url, 'k2')).body).not.toBe(first.body);
  });

  it('joins a repeat to the first that is under way', async () => {
    const { id } = (await post('/v1/payments', null, NEW_PAYMENT)).json<{ id: string }>();
    const held = edge.payments.hold();
    const answers = [1, 2, 3].map(() => post(`/v1/payments/${id}/process`, 'k'));
    await held.reached;
    held.release();
    const [first, ...others] = await Promise.all(answers);
    expect(edge.payments.processed).toBe(1);
    expect(first?.headers).not.toHaveProperty(REPLAYED);
    for (const other of others) {
      expect(other.body).toBe(first?.body);
      expect(other.headers[REPLAYED]).toBe('true');
    }
  });

  it('keeps the answer for a client that hung up before it came', async () => {
    const { id } = (await post('/v1/payments', null, NEW_PAYMENT)).json<{ id: string }>();
    await edge.server.listen({ host: '127.0.0.1', port: 0 });
    const held = edge.payments.hold();
    const { port } = edge.server.server.address() as AddressInfo;
    const gone = httpRequest({
      method: 'POST',
      port,
      path: `/v1/payments/${id}/process`,
      headers: { ...API_KEY_HEADERS, 'idempotency-key': 'k' },
    });
    gone.on('error', () => undefined);
    gone.end();
    await held.reached;
    const closed = new Promise((resolve) => gone.once('close', resolve));
    gone.destroy();
    await closed;
    const repeat = post(`/v1/payments/${id}/process`, 'k');
    held.release();
    const answer = await repeat;
    expect(answer.json()).toMatchObject({ state: 'approved' });
    expect(answer.headers[REPLAYED]).toBe('true');
    expect(edge.payments.processed).toBe(1);
  });

  it('repeats a refusal that was one of the request, but not a failure of ours', async () => {
    await post('/v1/payments', null, NEW_PAYMENT);
    edge.payments.failure = new AppError('PAYMENT_NOT_READY', { missing: ['security-code'] });
    const first = await post('/v1/payments/pay_a/process', 'k');
    edge.payments.failure = null;
    const second = await post('/v1/payments/pay_a/process', 'k');
    expect([first.statusCode, second.statusCode, second.body]).toEqual([409, 409, first.body]);
    expect(second.headers['content-type']).toBe(first.headers['content-type']);

    edge.payments.failure = new AppError('JOURNAL_UNAVAILABLE');
    expect((await post('/v1/payments/pay_a/process', 'k2')).statusCode).toBe(503);
    edge.payments.failure = null;
    const tried = await post('/v1/payments/pay_a/process', 'k2');
    expect([tried.statusCode, tried.headers[REPLAYED]]).toEqual([200, undefined]);
  });

  it('is free again after a request that was not valid, and after a day', async () => {
    expect((await post('/v1/payments/pay_a/capture', 'k', { field: 'shoe-size' })).statusCode).toBe(400);
    await post('/v1/payments', null, NEW_PAYMENT);
    const valid = await post('/v1/payments/pay_a/capture', 'k', { field: 'security-code' });
    expect(valid.statusCode).toBe(200);
    edge.clock.advance(24 * 3_600_000);
    const late = await post('/v1/payments/pay_a/capture', 'k', { field: 'security-code' });
    expect(late.headers).not.toHaveProperty(REPLAYED);
  });

  it.each(['', 'with space', 'x'.repeat(256)])('of a wrong form is refused: %j', async (key) => {
    const answer = await post('/v1/calls', key, {});
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'REQUEST_INVALID']);
  });

  it('that looks like a card number is refused', async () => {
    const answer = await post('/v1/calls', '4111111111111111', {});
    expect(answer.json()).toMatchObject({ code: 'CARD_DATA_REFUSED' });
    expect(edge.calls.created).toHaveLength(0);
  });
});

describe('the webhooks of a payment', () => {
  it('are listed and tried again, for API keys alone', async () => {
    const url = '/v1/payments/pay_a/deliveries';
    const listed = await edge.server.inject({ method: 'GET', url, headers: API_KEY_HEADERS });
    expect(listed.json()).toEqual({ deliveries: await edge.deliveries.of('pay_a') });
    const again = await post(`${url}/redeliver`, null);
    expect([again.statusCode, again.json()]).toEqual([200, listed.json()]);
    expect(edge.deliveries.redeliveries).toEqual([{ paymentId: 'pay_a', actor: 'api:crm' }]);
    const unknown = await edge.server.inject({
      method: 'GET',
      url: '/v1/payments/pay_x/deliveries',
      headers: API_KEY_HEADERS,
    });
    expect(unknown.statusCode).toBe(404);
    const { token } = await edge.agentTokens.issue({ kind: 'agent', paymentId: 'pay_a' });
    const agent = { authorization: `Bearer ${token}` };
    expect((await edge.server.inject({ method: 'GET', url, headers: agent })).statusCode).toBe(403);
    expect((await post(`${url}/redeliver`, null, undefined, agent)).statusCode).toBe(403);
  });
});
