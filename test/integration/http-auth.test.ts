import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { AgentTokens } from '../../src/http/agent-tokens.ts';
import { API_KEY_HEADERS, API_SECRET, makeHttpEdge } from '../support/http-edge.ts';
import type { HttpEdge } from '../support/http-edge.ts';

/** Goal: who may do what. Method: each route with each kind of credential. */
let edge: HttpEdge;
afterEach(() => edge.server.close());

const NEW_PAYMENT = { callId: 'call_a', profileId: 'card-gbp' };

async function ask(method: string, url: string, credential: string, payload?: object) {
  const answer = await edge.server.inject({
    method: method as 'GET',
    url,
    headers: { authorization: `Bearer ${credential}` },
    ...(payload === undefined ? {} : { payload }),
  });
  const isProblem = String(answer.headers['content-type']).includes('problem');
  return { status: answer.statusCode, code: isProblem ? answer.json<{ code: string }>().code : '' };
}

/** Two payments; the token is for the first. */
async function openTwo(): Promise<string> {
  edge = await makeHttpEdge();
  const [first] = await Promise.all(
    [1, 2].map(async () => {
      const options = {
        method: 'POST',
        url: '/v1/payments',
        headers: API_KEY_HEADERS,
        payload: NEW_PAYMENT,
      } as const;
      return (await edge.server.inject(options)).json<{ id: string; agentToken: string }>();
    }),
  );
  expect(first?.id).toBe('pay_a');
  return first?.agentToken ?? '';
}

const OF_PAYMENT: [string, string, object?][] = [
  ['GET', '/v1/payments/ID'],
  ['POST', '/v1/payments/ID/capture', { field: 'security-code' }],
  ['POST', '/v1/payments/ID/agent-token'],
  ['POST', '/v1/payments/ID/more-time'],
  ['POST', '/v1/payments/ID/process'],
  ['POST', '/v1/payments/ID/cancel'],
];

const OF_BACK_END: [string, string, object?][] = [
  ['POST', '/v1/calls', {}],
  ['GET', '/v1/calls/call_b'],
  ['DELETE', '/v1/calls/call_a'],
  ['POST', '/v1/calls/call_a/legs/agent/renew'],
  ['POST', '/v1/calls/call_a/agent-session'],
  ['GET', '/v1/profiles'],
  ['GET', '/v1/payments?callId=call_a'],
  ['POST', '/v1/payments', NEW_PAYMENT],
];

describe('an agent token', () => {
  it('covers everything about its own payment', async () => {
    const token = await openTwo();
    for (const [method, url, payload] of OF_PAYMENT) {
      expect(await ask(method, url.replace('ID', 'pay_a'), token, payload)).toEqual({
        status: 200,
        code: '',
      });
    }
  });

  it('covers no other payment, not even whether it exists', async () => {
    const token = await openTwo();
    for (const id of ['pay_b', 'pay_z']) {
      for (const [method, url, payload] of OF_PAYMENT) {
        expect(await ask(method, url.replace('ID', id), token, payload)).toEqual({
          status: 403,
          code: 'ACCESS_DENIED',
        });
      }
      expect(await ask('GET', `/v1/payments/${id}/events`, token)).toMatchObject({ status: 403 });
    }
  });

  it('covers nothing else', async () => {
    const token = await openTwo();
    for (const [method, url, payload] of OF_BACK_END) {
      expect(await ask(method, url, token, payload)).toEqual({ status: 403, code: 'ACCESS_DENIED' });
    }
  });

  it('ends after 15 minutes', async () => {
    const token = await openTwo();
    edge.clock.advance(15 * 60_000 - 1);
    expect(await ask('GET', '/v1/payments/pay_a', token)).toMatchObject({ status: 200 });
    edge.clock.advance(1);
    expect(await ask('GET', '/v1/payments/pay_a', token)).toEqual({
      status: 401,
      code: 'CREDENTIAL_INVALID',
    });
  });

  it('can be renewed with itself', async () => {
    const token = await openTwo();
    edge.clock.advance(14 * 60_000);
    const answer = await edge.server.inject({
      method: 'POST',
      url: '/v1/payments/pay_a/agent-token',
      headers: { authorization: `Bearer ${token}` },
    });
    edge.clock.advance(14 * 60_000);
    const { agentToken } = answer.json<{ agentToken: string }>();
    expect(await ask('GET', '/v1/payments/pay_a', agentToken)).toMatchObject({ status: 200 });
  });

  it('of another process, another algorithm, another audience or with changed claims is refused', async () => {
    const token = await openTwo();
    const [head = '', claims = '', signature = ''] = token.split('.');
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const decoded = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
    expect(decoded).toEqual({
      iss: 'tonewall',
      aud: 'ui',
      sub: 'pay_a',
      iat: Date.UTC(2026, 10, 23, 10) / 1000,
      exp: Date.UTC(2026, 10, 23, 10, 15) / 1000,
    });
    const foreignKey = generateKeyPairSync('ed25519').privateKey;
    const forged = [
      `${head}.${encode({ ...decoded, sub: 'pay_b' })}.${signature}`,
      `${encode({ alg: 'none' })}.${claims}.`,
      `${head}.${claims}.`,
      `${head}.${claims}.${signature.slice(0, -4)}AAAA`,
      (await new AgentTokens(edge.clock).issue({ kind: 'agent', paymentId: 'pay_a' })).token,
      await new SignJWT(decoded).setProtectedHeader({ alg: 'EdDSA' }).sign(foreignKey),
      await new SignJWT(decoded).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(API_SECRET)),
    ];
    for (const credential of forged) {
      expect(await ask('GET', '/v1/payments/pay_a', credential)).toEqual({
        status: 401,
        code: 'CREDENTIAL_INVALID',
      });
    }
    expect(await edge.meter.text()).toContain('tonewall_auth_failures_total{kind="agent-token"} 7');
  });
});

describe('an API key', () => {
  it('covers every payment and every route', async () => {
    await openTwo();
    for (const [method, url, payload] of [...OF_BACK_END.slice(0, 2), ...OF_PAYMENT]) {
      const { code } = await ask(method, url.replace('ID', 'pay_b'), API_SECRET, payload);
      expect(['', 'CALL_NOT_FOUND']).toContain(code);
    }
  });

  it.each([
    ['wrong', 'x'.repeat(32)],
    ['cut short', API_SECRET.slice(0, -1)],
    ['too long', `${API_SECRET}x`],
    ['the name', 'crm'],
    ['in other case', API_SECRET.toUpperCase()],
  ])('that is %s is refused and counted', async (_what, credential) => {
    edge = await makeHttpEdge();
    expect(await ask('GET', '/v1/profiles', credential)).toEqual({ status: 401, code: 'CREDENTIAL_INVALID' });
    expect(await edge.meter.text()).toContain('tonewall_auth_failures_total{kind="api-key"} 1');
  });

  it('is not taken from the address', async () => {
    edge = await makeHttpEdge();
    const answer = await edge.server.inject({ method: 'GET', url: `/v1/profiles?token=${API_SECRET}` });
    expect(answer.statusCode).toBe(401);
    expect(edge.logText()).not.toContain(API_SECRET);
  });
});

describe('rate limits', () => {
  it('answer wrong credentials of one address with 429 after 60 a minute, and let right ones through', async () => {
    edge = await makeHttpEdge();
    const wrong = () => ask('GET', '/v1/profiles', 'x'.repeat(32));
    for (let count = 0; count < 60; count += 1) expect((await wrong()).status).toBe(401);
    expect(await wrong()).toEqual({ status: 429, code: 'RATE_LIMITED' });
    expect(await ask('GET', '/v1/profiles', API_SECRET)).toEqual({ status: 200, code: '' });
    const answer = await edge.server.inject({ method: 'GET', url: '/v1/profiles' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
  });

  it('give one agent 600 requests a minute, without touching others', async () => {
    const token = await openTwo();
    for (let count = 0; count < 600; count += 1) {
      expect((await ask('GET', '/v1/payments/pay_a', token)).status).toBe(200);
    }
    const answer = await edge.server.inject({
      method: 'GET',
      url: '/v1/payments/pay_a',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.statusCode).toBe(429);
    expect(answer.json()).toMatchObject({ code: 'RATE_LIMITED' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('GET', '/v1/payments/pay_a', API_SECRET)).status).toBe(200);
  });

  it('give one API key 6,000 requests a minute', async () => {
    edge = await makeHttpEdge();
    const answer = await edge.server.inject({ method: 'GET', url: '/v1/profiles', headers: API_KEY_HEADERS });
    expect(answer.headers['x-ratelimit-limit']).toBe('6000');
    expect(answer.headers['x-ratelimit-remaining']).toBe('5999');
  });
});

describe('public addresses', () => {
  it.each(['/healthz', '/readyz', '/metrics', '/docs', '/v1/openapi.json'])(
    '%s needs no credential',
    async (url) => {
      edge = await makeHttpEdge();
      expect((await edge.server.inject({ method: 'GET', url })).statusCode).toBe(200);
    },
  );
});

describe('headers of every answer', () => {
  it.each(['/healthz', '/v1/profiles', '/nowhere'])(
    '%s keep browsers from guessing, framing and leaking',
    async (url) => {
      edge = await makeHttpEdge();
      const { headers } = await edge.server.inject({ method: 'GET', url, headers: API_KEY_HEADERS });
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
        'content-security-policy': expect.stringContaining("default-src 'none'") as unknown,
      });
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    },
  );

  it('forbid storing what the API answers', async () => {
    edge = await makeHttpEdge();
    const { headers } = await edge.server.inject({
      method: 'GET',
      url: '/v1/profiles',
      headers: API_KEY_HEADERS,
    });
    expect(headers['cache-control']).toBe('no-store');
  });
});
