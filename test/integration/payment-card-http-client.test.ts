import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { CardDigits, jsonBody } from '../../src/payment/card-body.ts';
import { CardHttpClient } from '../../src/payment/card-http-client.ts';
import type { WireResult } from '../../src/payment/card-http-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { ENDPOINT_CERTIFICATE, ProviderEndpoint } from '../support/provider-endpoint.ts';
import type { EndpointAct } from '../support/provider-endpoint.ts';
import { TestCard } from '../support/test-card.ts';

/**
 * Goal: the byte path of card data. Method: real sockets, plain and TLS, against an endpoint that fails in every way;
 * after each outcome every buffer that held digits must be zero.
 */
const NUMBER = '4539578763621486';
const TIMEOUT_MS = 10_000;
const PARTS = jsonBody([
  ['note', 'für "Jo"'],
  ['cardnumber', new CardDigits('payment-card-number', 0, 16)],
  ['amount', '42.50'],
]);

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function setUp(tls: boolean, acts: EndpointAct[]) {
  const endpoint = await ProviderEndpoint.open({ tls, acts });
  cleanUps.push(() => endpoint.close());
  const clock = new FakeClock();
  const card = new TestCard({ 'payment-card-number': NUMBER });
  const client = new CardHttpClient({
    url: endpoint.url,
    clock,
    headers: { authorization: 'Basic abc' },
    replyHeaders: ['retry-after', 'x-word'],
    trustedCertificates: tls ? ENDPOINT_CERTIFICATE : undefined,
  });
  cleanUps.push(() => client.close());
  const post = () => client.send({ parts: PARTS, card, timeoutMs: TIMEOUT_MS, headers: { 'x-key': 'k1' } });
  return { endpoint, clock, card, client, post };
}

describe.each([
  { scheme: 'http', tls: false },
  { scheme: 'https', tls: true },
])('CardHttpClient over $scheme', ({ tls }) => {
  it('posts one body with its headers and returns the parsed reply', async () => {
    const { endpoint, card, post } = await setUp(tls, [{ kind: 'json', body: { charge_id: 'ch_1' } }]);

    expect(await post()).toEqual({ kind: 'reply', status: 200, body: { charge_id: 'ch_1' } });
    expect(endpoint.requests).toHaveLength(1);
    expect(endpoint.requests[0]?.path).toBe('/pay?merchant=7');
    expect(JSON.parse(endpoint.requests[0]?.body ?? '')).toEqual({
      note: 'für "Jo"',
      cardnumber: NUMBER,
      amount: '42.50',
    });
    expect(endpoint.requests[0]?.headers).toMatchObject({
      authorization: 'Basic abc',
      'x-key': 'k1',
      'content-type': 'application/json',
      'accept-encoding': 'identity',
      'content-length': '71',
    });
    expect(card.buffers.size).toBe(1);
    expect(card.isZeroEverywhere).toBe(true);
  });

  it('passes on the headers it was asked for, unless they are long or could hold the card number', async () => {
    const words = { 'retry-after': '3', 'x-other': 'no', 'x-word': 'yes' };
    const body = { charge_id: 'ch_1' };
    const { post } = await setUp(tls, [
      { kind: 'json', headers: words, body },
      { kind: 'json', headers: { ...words, 'x-word': NUMBER }, body },
      { kind: 'json', headers: { ...words, 'x-word': 'x'.repeat(41) }, body },
    ]);

    expect(await post()).toMatchObject({ headers: { 'retry-after': '3', 'x-word': 'yes' } });
    expect(await post()).toEqual({ kind: 'reply', status: 200, body, headers: { 'retry-after': '3' } });
    expect(await post()).toEqual({ kind: 'reply', status: 200, body, headers: { 'retry-after': '3' } });
  });

  it.each<{ name: string; act: EndpointAct; expected: WireResult }>([
    {
      name: 'a decline with another status',
      act: { kind: 'json', status: 402, body: { error_code: 'no' } },
      expected: { kind: 'reply', status: 402, body: { error_code: 'no' } },
    },
    {
      name: 'JSON of the wrong content type',
      act: { kind: 'json', type: 'text/plain', body: { charge_id: 'ch_1' } },
      expected: { kind: 'reply', status: 200, body: { charge_id: 'ch_1' } },
    },
    {
      name: 'a page',
      act: { kind: 'text', status: 502, type: 'text/html', body: '<html>Bad Gateway</html>' },
      expected: { kind: 'reply', status: 502, body: null },
    },
    {
      name: 'an empty answer',
      act: { kind: 'text', status: 200, type: 'application/json', body: '' },
      expected: { kind: 'reply', status: 200, body: null },
    },
    {
      name: 'a JSON array',
      act: { kind: 'text', status: 200, type: 'application/json', body: '[1]' },
      expected: { kind: 'reply', status: 200, body: null },
    },
    {
      name: 'compressed bytes nobody asked for',
      act: { kind: 'gzip', body: { charge_id: 'ch_1' } },
      expected: { kind: 'reply', status: 200, body: null },
    },
    {
      name: 'a redirect, which is not followed',
      act: { kind: 'redirect' },
      expected: { kind: 'reply', status: 307, body: null },
    },
    { name: 'no HTTP', act: { kind: 'garbage' }, expected: { kind: 'unclear', cause: 'garbage' } },
    { name: '10 MB', act: { kind: 'huge' }, expected: { kind: 'unclear', cause: 'too-large' } },
    { name: 'half an answer', act: { kind: 'truncated' }, expected: { kind: 'unclear', cause: 'reset' } },
    { name: 'a reset after reading', act: { kind: 'reset' }, expected: { kind: 'unclear', cause: 'reset' } },
  ])('returns $expected.kind and zeroes the body when the answer is $name', async ({ act, expected }) => {
    const { endpoint, card, post } = await setUp(tls, [act]);

    expect(await post()).toEqual(expected);
    expect(endpoint.connections).toBe(1);
    expect(card.buffers.size).toBe(1);
    expect(card.isZeroEverywhere).toBe(true);
  });

  it.each<{ act: EndpointAct }>([{ act: { kind: 'hang' } }, { act: { kind: 'drip' } }])(
    'gives up at the deadline when the endpoint does $act.kind',
    async ({ act }) => {
      const { endpoint, clock, card, post } = await setUp(tls, [act]);
      const result = post();
      await endpoint.received(1);
      expect(card.isZeroEverywhere).toBe(false);
      clock.advance(TIMEOUT_MS - 1);
      expect(clock.pending).toBe(1);
      clock.advance(1);

      expect(await result).toEqual({ kind: 'unclear', cause: 'timeout' });
      expect(card.isZeroEverywhere).toBe(true);
      expect(clock.pending).toBe(0);
    },
  );

  it('overwrites the card number when the endpoint echoes it', async () => {
    const { post } = await setUp(tls, [{ kind: 'echo' }]);
    const result = JSON.stringify(await post());

    expect(result).toContain('invalid_request');
    expect(result).not.toContain(NUMBER);
    expect(result).not.toContain(NUMBER.slice(0, 12));
    expect(result).not.toContain(NUMBER.slice(-4));
  });

  it('proves that nothing left when nobody listens', async () => {
    const { endpoint, card, post } = await setUp(tls, []);
    await endpoint.close();
    cleanUps.splice(0, 1);

    expect(await post()).toEqual({ kind: 'not-sent', cause: 'refused' });
    expect(card.isZeroEverywhere).toBe(true);
  });

  it('ends what is under way and refuses what comes later when it is closed', async () => {
    const { endpoint, card, client, post } = await setUp(tls, [{ kind: 'hang' }]);
    const result = post();
    await endpoint.received(1);
    client.close();

    expect(await result).toEqual({ kind: 'unclear', cause: 'closed' });
    expect(await post()).toEqual({ kind: 'not-sent', cause: 'closed' });
    expect(card.isZeroEverywhere).toBe(true);
    expect(endpoint.connections).toBe(1);
  });

  it('runs many requests at once without mixing them', async () => {
    const { endpoint, post } = await setUp(tls, [{ kind: 'json', body: { charge_id: 'ch_1' } }]);
    const results = await Promise.all(Array.from({ length: 50 }, post));

    expect(results.every((result) => result.kind === 'reply')).toBe(true);
    expect(new Set(endpoint.requests.map((request) => request.body)).size).toBe(1);
    expect(endpoint.requests).toHaveLength(50);
  });
});

describe('CardHttpClient on the way to a connection', () => {
  it('sends no byte of the body when TLS fails', async () => {
    const { endpoint, card } = await setUp(true, [{ kind: 'json', body: {} }]);
    const distrustful = new CardHttpClient({ url: endpoint.url, clock: new FakeClock() });

    const result = await distrustful.send({ parts: PARTS, card, timeoutMs: TIMEOUT_MS });
    expect(result).toEqual({ kind: 'not-sent', cause: 'tls' });
    expect(endpoint.requests).toEqual([]);
    expect(card.isZeroEverywhere).toBe(true);
  });

  it('sends no byte of the body when the connection is reset during TLS', async () => {
    const { endpoint, post } = await setUp(true, [{ kind: 'reset-on-connect' }]);

    expect(await post()).toEqual({ kind: 'not-sent', cause: 'reset' });
    expect(endpoint.requests).toEqual([]);
  });

  it('sends no byte of the body when the name cannot be resolved', async () => {
    const client = new CardHttpClient({ url: 'https://psp.invalid/pay', clock: new FakeClock() });
    const card = new TestCard({ 'payment-card-number': NUMBER });

    const result = await client.send({ parts: PARTS, card, timeoutMs: TIMEOUT_MS });
    expect(result).toEqual({ kind: 'not-sent', cause: 'dns' });
    expect(card.isZeroEverywhere).toBe(true);
  });

  it('speaks no TLS below 1.2', async () => {
    const server = createTlsServer({
      key: readFileSync(new URL('../fixtures/tls/key.pem', import.meta.url)),
      cert: ENDPOINT_CERTIFICATE,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const client = new CardHttpClient({
      url: `https://127.0.0.1:${port}/`,
      clock: new FakeClock(),
      trustedCertificates: ENDPOINT_CERTIFICATE,
    });

    const card = new TestCard({ 'payment-card-number': NUMBER });
    const result = await client.send({ parts: PARTS, card, timeoutMs: TIMEOUT_MS });
    expect(result).toEqual({ kind: 'not-sent', cause: 'tls' });
  });
});
