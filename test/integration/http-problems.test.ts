import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError, ERRORS } from '../../src/core/errors.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { API_KEY_HEADERS, makeHttpEdge } from '../support/http-edge.ts';
import type { HttpEdge } from '../support/http-edge.ts';

/**
 * Goal: every error is a problem document of ours and repeats nothing of the request. Method: requests with a marker
 * wherever text can stand, over `inject` and, for what only a socket can send, over a real connection.
 */
const MARK = 'sec-ret-mark';
let edge: HttpEdge;
let port: number;

beforeAll(async () => {
  edge = await makeHttpEdge();
  await edge.server.listen({ host: '127.0.0.1', port: 0 });
  port = (edge.server.server.address() as AddressInfo).port;
});
afterAll(() => edge.server.close());

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers: Record<string, unknown>;
}

async function inject(options: object): Promise<Answer> {
  const answer = await edge.server.inject(options);
  return {
    status: answer.statusCode,
    contentType: String(answer.headers['content-type']),
    body: answer.body,
    headers: answer.headers,
  };
}

/** Sends bytes as they are and reads until the server closes. */
function send(text: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
    socket.once('error', reject);
    socket.once('close', () => {
      const [head = '', body = ''] = received.split('\r\n\r\n');
      resolve({
        status: Number(/^HTTP\/1.1 (\d{3})/.exec(head)?.[1]),
        contentType: /^content-type: (.*)$/im.exec(head)?.[1] ?? '',
        body,
        headers: {},
      });
    });
  });
}

/** What is the same in every answer to a request that went wrong. */
function readProblem(answer: Answer): object {
  const { type, title, status, code, requestId } = JSON.parse(answer.body) as Record<string, unknown>;
  return {
    answered: answer.status,
    contentType: answer.contentType.replace('; charset=utf-8', ''),
    repeatsRequest: answer.body.includes(MARK),
    problem: { type, title, status, code, requestId },
  };
}

function expected(status: number, code: ErrorCode): object {
  return {
    answered: status,
    contentType: 'application/problem+json',
    repeatsRequest: false,
    problem: {
      type: `urn:tonewall:problem:${code.toLowerCase().replaceAll('_', '-')}`,
      title: ERRORS[code].title,
      status,
      code,
      requestId: expect.stringMatching(/^req_[a-z]{32}$/) as unknown,
    },
  };
}

const JSON_HEADERS = { ...API_KEY_HEADERS, 'content-type': 'application/json' };
const post = (url: string, payload: string, headers: object = JSON_HEADERS) =>
  inject({ method: 'POST', url, payload, headers });
const get = (url: string, headers: object = API_KEY_HEADERS) => inject({ method: 'GET', url, headers });

const CASES: [string, number, ErrorCode, () => Promise<Answer>][] = [
  ['bad JSON', 400, 'BODY_INVALID', () => post('/v1/calls', `{"reference": "${MARK}"`)],
  ['a body that is not an object', 400, 'REQUEST_INVALID', () => post('/v1/calls', `"${MARK}"`)],
  ['no body', 400, 'REQUEST_INVALID', () => post('/v1/calls', '')],
  ['a prototype in JSON', 400, 'BODY_INVALID', () => post('/v1/calls', `{"__proto__": {"${MARK}": 1}}`)],
  [
    'JSON that is nested deeply',
    400,
    'REQUEST_INVALID',
    () => post('/v1/calls', `{"reference": ${'['.repeat(20_000)}${']'.repeat(20_000)}}`),
  ],
  ['an unknown key', 400, 'REQUEST_INVALID', () => post('/v1/calls', `{"${MARK}": 1}`)],
  ['a wrong value', 400, 'REQUEST_INVALID', () => post('/v1/calls', `{"topology": "${MARK}"}`)],
  ['an unknown query key', 400, 'REQUEST_INVALID', () => get(`/v1/payments?callId=a&${MARK}=1`)],
  ['a bad percent code', 400, 'REQUEST_INVALID', () => get(`/v1/calls/${MARK}%zz`)],
  ['no credential', 401, 'CREDENTIAL_MISSING', () => get(`/v1/calls/${MARK}`, {})],
  [
    'another scheme',
    401,
    'CREDENTIAL_MISSING',
    () => get('/v1/profiles', { authorization: `Basic ${MARK}` }),
  ],
  [
    'a wrong credential',
    401,
    'CREDENTIAL_INVALID',
    () => get('/v1/profiles', { authorization: `Bearer ${MARK}` }),
  ],
  ['an unknown address', 404, 'ROUTE_NOT_FOUND', () => get(`/${MARK}?${MARK}`)],
  ['an unknown address of the API', 404, 'ROUTE_NOT_FOUND', () => get(`/v1/${MARK}`)],
  ['a way out of the static files', 404, 'ROUTE_NOT_FOUND', () => get(`/docs/static/..%2f..%2f${MARK}`)],
  ['a null byte', 400, 'REQUEST_INVALID', () => get(`/docs/static/${MARK}%00`)],
  [
    'a wrong method',
    404,
    'ROUTE_NOT_FOUND',
    () => inject({ method: 'PUT', url: '/v1/calls', headers: JSON_HEADERS }),
  ],
  ['an unknown call', 404, 'CALL_NOT_FOUND', () => get(`/v1/calls/${MARK}`)],
  ['an unknown payment', 404, 'PAYMENT_NOT_FOUND', () => get(`/v1/payments/${MARK}`)],
  [
    'a body that is too large',
    413,
    'BODY_TOO_LARGE',
    () => post('/v1/calls', JSON.stringify({ reference: MARK.repeat(6000) })),
  ],
  ['a parameter that is too long', 414, 'URI_TOO_LONG', () => get(`/v1/calls/${MARK.repeat(30)}`)],
  [
    'another content type',
    415,
    'MEDIA_TYPE_UNSUPPORTED',
    () => post('/v1/calls', `<${MARK}/>`, { ...API_KEY_HEADERS, 'content-type': `text/${MARK}` }),
  ],
  [
    'plain text',
    415,
    'MEDIA_TYPE_UNSUPPORTED',
    () => post('/v1/calls', MARK, { ...API_KEY_HEADERS, 'content-type': 'text/plain' }),
  ],
  ['a card number', 422, 'CARD_DATA_REFUSED', () => post('/v1/calls', '{"reference":"4111111111111111"}')],
  ['bytes that are not HTTP', 400, 'HTTP_INVALID', () => send(`${MARK}\r\n\r\n`)],
  [
    'two framings of the body',
    400,
    'HTTP_INVALID',
    () =>
      send('POST /v1/calls HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n'),
  ],
  [
    'a folded header',
    400,
    'HTTP_INVALID',
    () => send(`GET / HTTP/1.1\r\nHost: a\r\nX-Mark: a\r\n ${MARK}\r\n\r\n`),
  ],
  [
    'headers that are too large',
    431,
    'HEADERS_TOO_LARGE',
    () => send(`GET / HTTP/1.1\r\nHost: a\r\nX-Mark: ${MARK.repeat(1000)}\r\n\r\n`),
  ],
  [
    'an address that is too long',
    431,
    'HEADERS_TOO_LARGE',
    () => send(`GET /${MARK.repeat(1000)} HTTP/1.1\r\nHost: a\r\n\r\n`),
  ],
];

describe('an answer to', () => {
  it.each(CASES)('%s is %i %s', async (_what, status, code, ask) => {
    expect(readProblem(await ask())).toEqual(expected(status, code));
  });

  it('headers that do not arrive in time is 408 REQUEST_TIMEOUT, after 3 to 5 seconds', async () => {
    const startedMs = performance.now();
    expect(readProblem(await send(`GET / HTTP/1.1\r\nX-Mark: ${MARK}`))).toEqual(
      expected(408, 'REQUEST_TIMEOUT'),
    );
    const tookMs = performance.now() - startedMs;
    // Looked at once a second, the limit of 3 s is noticed up to 1 s late; one more for a busy machine.
    expect(tookMs).toBeGreaterThan(2900);
    expect(tookMs).toBeLessThan(5000);
  });
});

describe('the access log', () => {
  it('has a line and a count for answers that no route gave, without the address', async () => {
    const count = async (code: string) =>
      Number(
        new RegExp(`http_requests_total\\{route="other",method="\\w+",code="${code}"\\} (\\d+)`).exec(
          await edge.meter.text(),
        )?.[1] ?? 0,
      );
    const before = [await count('414'), await count('431')];
    const tooLong = JSON.parse((await get(`/v1/calls/${MARK.repeat(30)}`)).body) as { requestId: string };
    await send(`GET /${MARK.repeat(1000)} HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect([await count('414'), await count('431')]).toEqual(before.map((number) => number + 1));
    expect(edge.log().find((line) => line['requestId'] === tooLong.requestId)).toMatchObject({
      msg: 'request',
      route: 'other',
      method: 'GET',
      status: 414,
    });
    expect(edge.logText()).not.toContain(MARK);
  });
});

describe('an error of the program', () => {
  it.each(Object.keys(ERRORS) as ErrorCode[])(
    '%s is answered with its status, title and code',
    async (code) => {
      edge.calls.failure = new AppError(code);
      const answer = await post('/v1/calls', '{}');
      edge.calls.failure = null;
      expect(readProblem(answer)).toEqual(expected(ERRORS[code].status, code));
      expect(answer.headers['retry-after']).toBe([429, 503].includes(ERRORS[code].status) ? '5' : undefined);
      expect(answer.headers['www-authenticate']).toBe(
        ERRORS[code].status === 401 ? 'Bearer realm="tonewall"' : undefined,
      );
    },
  );

  it('carries its facts and nothing else', async () => {
    const facts = {
      detail: 'Key the missing fields first.',
      missing: ['security-code'],
      paymentId: 'pay_a',
      state: 'capturing',
      card: '5105',
    };
    edge.calls.failure = new AppError('PAYMENT_NOT_READY', facts);
    const answer = await post('/v1/calls', '{}');
    edge.calls.failure = null;
    expect(JSON.parse(answer.body)).toEqual({
      type: 'urn:tonewall:problem:payment-not-ready',
      title: 'Fields are still missing.',
      status: 409,
      code: 'PAYMENT_NOT_READY',
      requestId: expect.any(String) as unknown,
      detail: 'Key the missing fields first.',
      missing: ['security-code'],
      paymentId: 'pay_a',
      state: 'capturing',
    });
  });

  it('that is foreign, whatever it says of its status, is ours and never shown', async () => {
    edge.calls.failure = Object.assign(new Error(MARK), { statusCode: 418, code: MARK, validation: 7 });
    const answer = await post('/v1/calls', '{}');
    edge.calls.failure = null;
    expect(readProblem(answer)).toEqual(expected(500, 'INTERNAL_ERROR'));
  });
});

describe('the error catalogue', () => {
  it('has these codes with these statuses, for clients rely on them', () => {
    const statuses = Object.fromEntries(Object.entries(ERRORS).map(([code, { status }]) => [code, status]));
    expect(statuses).toMatchObject({
      REQUEST_INVALID: 400,
      BODY_INVALID: 400,
      CURSOR_INVALID: 400,
      HTTP_INVALID: 400,
      CREDENTIAL_MISSING: 401,
      CREDENTIAL_INVALID: 401,
      ACCESS_DENIED: 403,
      ROUTE_NOT_FOUND: 404,
      CALL_NOT_FOUND: 404,
      PAYMENT_NOT_FOUND: 404,
      PROFILE_NOT_FOUND: 404,
      REQUEST_TIMEOUT: 408,
      CALL_ENDED: 409,
      LEG_NOT_IN_TOPOLOGY: 409,
      PAYMENT_OPEN: 409,
      PAYMENT_NOT_READY: 409,
      PAYMENT_ENDED: 409,
      PAYMENT_PROCESSING: 409,
      FIELD_NOT_IN_PROFILE: 409,
      METHOD_NOT_SUPPORTED: 409,
      BODY_TOO_LARGE: 413,
      URI_TOO_LONG: 414,
      MEDIA_TYPE_UNSUPPORTED: 415,
      AMOUNT_INVALID: 422,
      CURRENCY_MISMATCH: 422,
      CARD_DATA_REFUSED: 422,
      IDEMPOTENCY_CONFLICT: 422,
      RATE_LIMITED: 429,
      HEADERS_TOO_LARGE: 431,
      INTERNAL_ERROR: 500,
      DRAINING: 503,
      JOURNAL_UNAVAILABLE: 503,
      CAPACITY_EXCEEDED: 503,
      OVERLOADED: 503,
    });
  });

  it('has a sentence as title for each', () => {
    for (const { title } of Object.values(ERRORS)) expect(title).toMatch(/^[A-Z].*\.$/);
  });
});
