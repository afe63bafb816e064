import { afterEach, describe, expect, it } from 'vitest';
import { API_KEY_HEADERS, makeHttpEdge, PUBLIC_URL } from '../support/http-edge.ts';
import type { HttpEdge } from '../support/http-edge.ts';

/** Goal: what an agent's browser may do with a session for one call. Method: each route, on that call and on another. */
let edge: HttpEdge;
afterEach(() => edge.server.close());

interface Session {
  readonly agentToken: string;
  readonly agentTokenExpiresAt: string;
  readonly workspaceUrl: string;
}

async function ask(method: string, url: string, credential: string, payload?: object) {
  const answer = await edge.server.inject({
    method: method as 'GET',
    url,
    headers: { authorization: `Bearer ${credential}` },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

/** Two calls; the session is for the first, the second has a payment. */
async function openSession(): Promise<Session> {
  edge = await makeHttpEdge();
  for (let count = 0; count < 2; count += 1) {
    const options = { method: 'POST', url: '/v1/calls', headers: API_KEY_HEADERS, payload: {} } as const;
    await edge.server.inject(options);
  }
  await edge.server.inject({
    method: 'POST',
    url: '/v1/payments',
    headers: API_KEY_HEADERS,
    payload: { callId: 'call_b', profileId: 'card-gbp', amount: '1.00' },
  });
  const answer = await edge.server.inject({
    method: 'POST',
    url: '/v1/calls/call_a/agent-session',
    headers: API_KEY_HEADERS,
  });
  return answer.json<Session>();
}

const ACTIONS: [string, string, (object | undefined)?][] = [
  ['GET', ''],
  ['POST', '/capture', { field: 'security-code' }],
  ['POST', '/more-time'],
  ['POST', '/agent-token'],
  ['POST', '/process'],
  ['POST', '/cancel'],
];

describe('an agent session', () => {
  it('has a link with the token in the fragment, which no server ever sees', async () => {
    const { agentToken, agentTokenExpiresAt, workspaceUrl } = await openSession();
    expect(workspaceUrl).toBe(`${PUBLIC_URL}/workspace#call=call_a&token=${agentToken}`);
    expect(agentTokenExpiresAt).toBe('2026-11-23T10:15:00.000Z');
  });

  it('opens a payment on its call, under the name of the API key that asked for it', async () => {
    const { agentToken } = await openSession();
    const opened = await ask('POST', '/v1/payments', agentToken, {
      callId: 'call_a',
      profileId: 'card-gbp',
      amount: '42.50',
    });
    expect(opened.status).toBe(201);
    expect(edge.payments.opened[1]).toMatchObject({ apiKeyName: 'crm', payment: { callId: 'call_a' } });
  });

  it('reads profiles, its call and its payments, and acts on them', async () => {
    const { agentToken } = await openSession();
    const payload = { callId: 'call_a', profileId: 'card-gbp', amount: '42.50' };
    const { body } = await ask('POST', '/v1/payments', agentToken, payload);
    for (const url of ['/v1/profiles', '/v1/calls/call_a', '/v1/payments?callId=call_a']) {
      expect((await ask('GET', url, agentToken)).status).toBe(200);
    }
    for (const [method, path, sent] of ACTIONS) {
      const url = `/v1/payments/${String(body['id'])}${path}`;
      expect((await ask(method, url, agentToken, sent)).status).toBe(200);
    }
  });

  it('covers no other call and no payment on one, not even whether it exists', async () => {
    const { agentToken } = await openSession();
    const payload = { callId: 'call_b', profileId: 'card-gbp', amount: '42.50' };
    const refused: [string, string, (object | undefined)?][] = [
      ['GET', '/v1/calls/call_b'],
      ['GET', '/v1/calls/call_z'],
      ['POST', '/v1/calls/call_b/agent-session'],
      ['GET', '/v1/payments?callId=call_b'],
      ['POST', '/v1/payments', payload],
      ['GET', '/v1/payments/pay_a/events'],
      ['GET', '/v1/payments/pay_z'],
      ...ACTIONS.map(([method, path, sent]): [string, string, (object | undefined)?] => [
        method,
        `/v1/payments/pay_a${path}`,
        sent,
      ]),
    ];
    for (const [method, url, sent] of refused) {
      expect(await ask(method, url, agentToken, sent)).toMatchObject({
        status: 403,
        body: { code: 'ACCESS_DENIED' },
      });
    }
    expect(edge.payments.opened.length).toBe(1);
  });

  it('makes no call, ends none and gets no address of a leg', async () => {
    const { agentToken } = await openSession();
    for (const [method, url, payload] of [
      ['POST', '/v1/calls', {}],
      ['DELETE', '/v1/calls/call_a'],
      ['POST', '/v1/calls/call_a/legs/agent/renew'],
    ] as const) {
      expect((await ask(method, url, agentToken, payload)).status).toBe(403);
    }
  });

  it('renews itself while the call goes on, and ends after 15 minutes otherwise', async () => {
    const { agentToken } = await openSession();
    edge.clock.advance(14 * 60_000);
    const renewed = await ask('POST', '/v1/calls/call_a/agent-session', agentToken);
    edge.clock.advance(14 * 60_000);
    expect((await ask('GET', '/v1/calls/call_a', agentToken)).status).toBe(401);
    expect((await ask('GET', '/v1/calls/call_a', String(renewed.body['agentToken']))).status).toBe(200);
    edge.calls.end('call_a');
    const late = await ask('POST', '/v1/calls/call_a/agent-session', String(renewed.body['agentToken']));
    expect(late).toMatchObject({ status: 409, body: { code: 'CALL_ENDED' } });
  });
});

describe('a token for one payment', () => {
  it('reads the state of the call that the payment is on, and of no other', async () => {
    await openSession();
    const { token } = await edge.agentTokens.issue({ kind: 'agent', paymentId: 'pay_a' });
    expect((await ask('GET', '/v1/calls/call_b', token)).status).toBe(200);
    expect((await ask('GET', '/v1/calls/call_a', token)).status).toBe(403);
    expect((await ask('POST', '/v1/calls/call_b/agent-session', token)).status).toBe(403);
  });
});

describe('a page of another site', () => {
  const ORIGIN = 'https://crm.example';
  const question = {
    method: 'OPTIONS',
    url: '/v1/payments',
    headers: {
      origin: ORIGIN,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  } as const;

  it('may use the API when its origin is named', async () => {
    edge = await makeHttpEdge([], [ORIGIN]);
    const preflight = await edge.server.inject(question);
    expect(preflight.statusCode).toBe(204);
    expect(preflight.headers['access-control-allow-origin']).toBe(ORIGIN);
    expect(preflight.headers['access-control-allow-headers']).toContain('authorization');
    const answer = await edge.server.inject({
      url: '/v1/profiles',
      headers: { ...API_KEY_HEADERS, origin: ORIGIN },
    });
    expect(answer.headers['access-control-allow-origin']).toBe(ORIGIN);
  });

  it.each([
    ['is not named', ['https://other.example']],
    ['when none is', []],
  ])('may not when its origin %s', async (_when, origins) => {
    edge = await makeHttpEdge([], origins);
    expect((await edge.server.inject(question)).headers['access-control-allow-origin']).toBeUndefined();
    const answer = await edge.server.inject({
      url: '/v1/profiles',
      headers: { ...API_KEY_HEADERS, origin: ORIGIN },
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});
