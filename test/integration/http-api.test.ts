import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/core/errors.ts';
import { API_KEY_HEADERS, makeHttpEdge, PUBLIC_URL } from '../support/http-edge.ts';
import type { HttpEdge } from '../support/http-edge.ts';

/** Goal: the REST API of the documentation, route by route. Method: the real edge on fakes of calls and payments. */
let edge: HttpEdge;
afterEach(() => edge.server.close());

const NEW_PAYMENT = { callId: 'call_a', profileId: 'card-gbp', amount: '42.50', currency: 'GBP' };

function call(method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object, headers: object = {}) {
  return edge.server.inject({
    method,
    url,
    headers: { ...API_KEY_HEADERS, ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
}

async function openPayment(): Promise<Record<string, string>> {
  return (await call('POST', '/v1/payments', NEW_PAYMENT)).json();
}

describe('calls', () => {
  it('makes a call with what was asked for', async () => {
    edge = await makeHttpEdge();
    const answer = await call('POST', '/v1/calls', {
      topology: 'loopback',
      sampleRate: 8000,
      reference: 'order 17',
    });
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toEqual({
      id: 'call_a',
      topology: 'loopback',
      legs: {
        caller: {
          uri: 'ws://127.0.0.1/media/caller',
          ncco: [
            {
              action: 'connect',
              endpoint: [
                {
                  type: 'websocket',
                  uri: 'ws://127.0.0.1/media/caller',
                  'content-type': 'audio/l16;rate=16000',
                },
              ],
            },
          ],
        },
      },
      createdAt: '2026-11-23T10:00:00.000Z',
    });
    expect(edge.calls.created).toEqual([{ topology: 'loopback', sampleRate: 8000, reference: 'order 17' }]);
  });

  it('makes a two-leg call at 16 kHz unless told otherwise', async () => {
    edge = await makeHttpEdge();
    const answer = await call('POST', '/v1/calls', {});
    expect(answer.statusCode).toBe(201);
    expect(Object.keys(answer.json<{ legs: object }>().legs)).toEqual(['caller', 'agent']);
    expect(edge.calls.created).toEqual([{ topology: 'two-leg', sampleRate: 16000, reference: null }]);
  });

  it.each(['Zoë Müller, 渡辺', 'Order 17 – “two” tickets 🎟'])(
    'takes text as people write it: %s',
    async (reference) => {
      edge = await makeHttpEdge();
      expect((await call('POST', '/v1/calls', { reference })).statusCode).toBe(201);
      expect(edge.calls.created[0]?.reference).toBe(reference);
    },
  );

  it('shows a call whole', async () => {
    edge = await makeHttpEdge();
    await call('POST', '/v1/calls', {});
    const answer = await call('GET', '/v1/calls/call_a');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual(edge.calls.get('call_a'));
  });

  it('gives a leg a fresh address', async () => {
    edge = await makeHttpEdge();
    await call('POST', '/v1/calls', {});
    const answer = await call('POST', '/v1/calls/call_a/legs/agent/renew');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ uri: 'ws://127.0.0.1/media/agent' });
    expect((await call('POST', '/v1/calls/call_a/legs/supervisor/renew')).statusCode).toBe(400);
  });

  it('ends a call', async () => {
    edge = await makeHttpEdge();
    await call('POST', '/v1/calls', {});
    const answer = await call('DELETE', '/v1/calls/call_a');
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(edge.calls.get('call_a').state).toBe('ended');
  });
});

describe('profiles', () => {
  it('are listed without anything of the provider but its kind', async () => {
    edge = await makeHttpEdge();
    const answer = await call('GET', '/v1/profiles');
    expect(answer.json()).toEqual({
      profiles: [
        {
          id: 'card-gbp',
          name: 'Card payment (GBP)',
          method: 'guided',
          operation: 'charge',
          currency: 'GBP',
          fields: ['payment-card-number', 'security-code'],
          brands: ['visa'],
          firstDigitTimeoutSeconds: 60,
          interDigitTimeoutSeconds: 20,
          maxAttempts: 3,
          minPostalCodeLength: 1,
          provider: { kind: 'generic-pay-connector' },
        },
      ],
    });
    for (const secret of ['merchant', 'psp.example']) expect(answer.body).not.toContain(secret);
  });
});

describe('payments', () => {
  it('opens one, with a token for the agent and the links', async () => {
    edge = await makeHttpEdge();
    const answer = await call(
      'POST',
      '/v1/payments',
      {
        ...NEW_PAYMENT,
        payee: 'Jo Smith',
        interactionType: 'call',
        reference: 'order 17',
        description: 'Tickets',
      },
      { 'idempotency-key': 'order-17' },
    );
    expect(answer.statusCode).toBe(201);
    const { agentToken, agentTokenExpiresAt, panelUrl, eventsUrl, ...view } =
      answer.json<Record<string, string>>();
    expect(view).toEqual(await edge.payments.get('pay_a'));
    expect(agentToken).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(agentTokenExpiresAt).toBe('2026-11-23T10:15:00.000Z');
    expect(panelUrl).toBe(`${PUBLIC_URL}/workspace#payment=pay_a&token=${agentToken}`);
    expect(eventsUrl).toBe(`${PUBLIC_URL}/v1/payments/pay_a/events`);
    expect(answer.headers).not.toHaveProperty('idempotent-replayed');
    expect(edge.payments.opened).toEqual([
      {
        apiKeyName: 'crm',
        clientKey: 'order-17',
        payment: {
          callId: 'call_a',
          profileId: 'card-gbp',
          payee: 'Jo Smith',
          interactionType: 'call',
          amount: '42.50',
          currency: 'GBP',
          reference: 'order 17',
          description: 'Tickets',
        },
      },
    ]);
  });

  it('answers a repeat like the first time and says that it is one', async () => {
    edge = await makeHttpEdge();
    const headers = { 'idempotency-key': 'order-17' };
    const first = await call('POST', '/v1/payments', NEW_PAYMENT, headers);
    const second = await call('POST', '/v1/payments', NEW_PAYMENT, headers);
    expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
    expect(second.json<{ id: string }>().id).toBe(first.json<{ id: string }>().id);
    expect(second.headers['idempotent-replayed']).toBe('true');
    expect(edge.payments.opened).toHaveLength(1);
  });

  it('passes what is missing on as null', async () => {
    edge = await makeHttpEdge();
    await call('POST', '/v1/payments', { callId: 'call_a', profileId: 'card-gbp' });
    expect(edge.payments.opened[0]).toEqual({
      apiKeyName: 'crm',
      clientKey: null,
      payment: {
        callId: 'call_a',
        profileId: 'card-gbp',
        payee: null,
        interactionType: null,
        amount: null,
        currency: null,
        reference: null,
        description: null,
      },
    });
  });

  it('shows one, and those of a call', async () => {
    edge = await makeHttpEdge();
    await openPayment();
    const view = await edge.payments.settle('pay_a', 'declined');
    expect((await call('GET', '/v1/payments/pay_a')).json()).toEqual(view);
    expect((await call('GET', '/v1/payments?callId=call_a')).json()).toEqual({ payments: [view] });
    expect((await call('GET', '/v1/payments?callId=call_b')).json()).toEqual({ payments: [] });
  });

  it('captures, processes and cancels', async () => {
    edge = await makeHttpEdge();
    await openPayment();
    const captured = await call('POST', '/v1/payments/pay_a/capture', { field: 'security-code' });
    expect([captured.statusCode, captured.json<{ field: string }>().field]).toEqual([200, 'security-code']);
    const processed = await call('POST', '/v1/payments/pay_a/process');
    expect([processed.statusCode, processed.json<{ state: string }>().state]).toEqual([200, 'approved']);
    const canceled = await call('POST', '/v1/payments/pay_a/cancel');
    expect([canceled.statusCode, canceled.json<{ state: string }>().state]).toEqual([200, 'canceled']);
  });

  it('takes an empty body with the JSON content type where no body is needed', async () => {
    edge = await makeHttpEdge();
    await openPayment();
    const answer = await edge.server.inject({
      method: 'POST',
      url: '/v1/payments/pay_a/process',
      headers: { ...API_KEY_HEADERS, 'content-type': 'application/json' },
      payload: '',
    });
    expect(answer.statusCode).toBe(200);
  });

  it('renews the token of an open payment, and of one whose outcome is unknown, but of no ended one', async () => {
    edge = await makeHttpEdge();
    await openPayment();
    edge.clock.advance(60_000);
    const renewed = await call('POST', '/v1/payments/pay_a/agent-token');
    expect(renewed.statusCode).toBe(200);
    expect(renewed.json()).toMatchObject({ agentTokenExpiresAt: '2026-11-23T10:16:00.000Z' });
    await edge.payments.settle('pay_a', 'unknown');
    expect((await call('POST', '/v1/payments/pay_a/agent-token')).statusCode).toBe(200);
    await edge.payments.settle('pay_a', 'approved');
    const refused = await call('POST', '/v1/payments/pay_a/agent-token');
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({ code: 'PAYMENT_ENDED', paymentId: 'pay_a', state: 'approved' });
  });
});

describe('draining', () => {
  it('takes no new calls while it drains, and serves those that are open, new payments too', async () => {
    edge = await makeHttpEdge();
    await openPayment();
    edge.state.isDraining = true;
    const answer = await call('POST', '/v1/calls', {});
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'DRAINING' });
    expect(answer.headers['retry-after']).toBe('5');
    expect((await call('POST', '/v1/payments/pay_a/process')).statusCode).toBe(200);
    expect((await call('POST', '/v1/payments', NEW_PAYMENT)).statusCode).toBe(201);
  });
});

describe('operations', () => {
  it('is alive whatever happens, and ready unless something is in the way', async () => {
    edge = await makeHttpEdge();
    const get = (url: string) => edge.server.inject({ method: 'GET', url });
    expect((await get('/readyz')).json()).toEqual({ status: 'ready', reasons: [] });
    edge.state.isDraining = true;
    edge.state.notReady = ['draining', 'journal'];
    const answer = await get('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ status: 'not-ready', reasons: ['draining', 'journal'] });
    expect((await get('/healthz')).json()).toEqual({ status: 'ok' });
    const started = await get('/startupz');
    expect([started.statusCode, started.json()]).toEqual([200, { status: 'started' }]);
  });

  it('serves metrics that count its own answers by route template', async () => {
    edge = await makeHttpEdge();
    await call('GET', '/v1/calls/call_z');
    await call('GET', '/v1/calls/call_y');
    await call('GET', '/nowhere/4111111111111111');
    const answer = await edge.server.inject({ method: 'GET', url: '/metrics' });
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.body).toContain(
      'tonewall_http_requests_total{route="/v1/calls/:id",method="GET",code="404"} 2',
    );
    expect(answer.body).toContain('tonewall_http_requests_total{route="other",method="GET",code="404"} 1');
    expect(answer.body).toContain('tonewall_http_request_seconds_count{route="/v1/calls/:id"} 2');
    expect(answer.body).not.toContain('call_z');
    expect(answer.body).not.toContain('4111');
  });

  it('logs one line per answer, with the template of the route and never the address', async () => {
    edge = await makeHttpEdge();
    await call('GET', '/v1/calls/call_z?secret=1');
    const [line, ...others] = edge.log();
    expect(others).toEqual([]);
    expect(line).toMatchObject({
      level: 'info',
      msg: 'request',
      route: '/v1/calls/:id',
      method: 'GET',
      status: 404,
      durationMs: 0,
      requestId: expect.stringMatching(/^req_[a-z]{32}$/) as unknown,
    });
    expect(edge.logText()).not.toContain('call_z');
    expect(edge.logText()).not.toContain('secret');
  });

  it('logs where an unexpected error came from and answers nothing of it', async () => {
    edge = await makeHttpEdge();
    edge.calls.failure = new RangeError('4111111111111111 is out of range');
    const answer = await call('POST', '/v1/calls', {});
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 'INTERNAL_ERROR' });
    const line = edge.log().find((entry) => entry['level'] === 'error');
    expect(line).toMatchObject({ msg: 'a request failed', errorName: 'RangeError' });
    expect(line?.['requestId']).toBe(answer.json<{ requestId: string }>().requestId);
    expect(line?.['stack']).toContain('http-api.test.ts:');
    expect(answer.body + edge.logText()).not.toContain('4111');
  });

  it('blots out a card number that would leave in an answer, and counts it', async () => {
    edge = await makeHttpEdge();
    edge.calls.failure = new AppError('CALL_ENDED', { detail: 'Card 4111111111111111.' });
    const answer = await call('POST', '/v1/calls', {});
    expect(answer.json()).toMatchObject({ detail: 'Card ****************.' });
    expect(await edge.meter.text()).toContain('tonewall_digit_leak_blocked_total{sink="http"} 1');
  });

  it('serves pages and webhooks that others add', async () => {
    edge = await makeHttpEdge([
      async (server) => {
        server.get('/workspace', async (_request, reply) => reply.type('text/html').send('<!doctype html>'));
      },
    ]);
    const answer = await edge.server.inject({ method: 'GET', url: '/workspace' });
    expect([answer.statusCode, answer.body]).toEqual([200, '<!doctype html>']);
    expect(answer.headers['content-security-policy']).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';frame-ancestors 'none';base-uri 'none';form-action 'none';require-trusted-types-for 'script';trusted-types lit-html tonewall",
    );
  });
});
