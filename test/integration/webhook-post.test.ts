import { afterEach, describe, expect, it } from 'vitest';
import { webhookPostTo } from '../../src/webhooks/webhook-post.ts';
import type { WebhookReply } from '../../src/webhooks/webhook-post.ts';
import { ProviderEndpoint } from '../support/provider-endpoint.ts';
import type { EndpointAct } from '../support/provider-endpoint.ts';

/** Goal: one request, and the status of its answer, whatever else comes back. Method: real sockets. */
let receiver: ProviderEndpoint | null = null;
afterEach(async () => {
  await receiver?.close();
  receiver = null;
});

const REQUEST = { headers: { 'webhook-id': 'pay_a_1' }, body: '{"type":"payment.approved"}' };

async function post(
  act: EndpointAct,
  signal = AbortSignal.timeout(10_000),
  tls = false,
): Promise<WebhookReply> {
  receiver = await ProviderEndpoint.open({ acts: [act], tls });
  return webhookPostTo(receiver.url, fetch)(REQUEST, signal);
}

const answered = (status: number): WebhookReply => ({ kind: 'answered', status, retryAfterMs: null });

describe('webhookPostTo', () => {
  it('posts the body as it is, with its headers, to the whole address', async () => {
    expect(await post({ kind: 'text', status: 202, type: 'text/plain', body: 'ok' })).toEqual(answered(202));
    expect(receiver?.requests).toMatchObject([
      {
        path: '/pay?merchant=7',
        body: REQUEST.body,
        headers: {
          'webhook-id': 'pay_a_1',
          'content-type': 'application/json',
          'content-length': String(REQUEST.body.length),
          'user-agent': 'tonewall',
        },
      },
    ]);
  });

  it.each([
    [{ kind: 'huge' }, 200],
    [{ kind: 'drip' }, 200],
    [{ kind: 'truncated' }, 200],
    [{ kind: 'gzip', body: { ok: true } }, 200],
    [{ kind: 'text', status: 500, type: 'text/html', body: '<p>sorry</p>' }, 500],
  ] satisfies [EndpointAct, number][])('takes the status and leaves the rest: %j', async (act, status) => {
    expect(await post(act)).toEqual(answered(status));
  });

  it('does not follow a redirect', async () => {
    expect(await post({ kind: 'redirect' })).toEqual(answered(307));
    expect(receiver?.requests).toHaveLength(1);
  });

  it.each([{ kind: 'reset' }, { kind: 'reset-on-connect' }, { kind: 'garbage' }] satisfies EndpointAct[])(
    'has no answer when there is none: $kind',
    async (act) => {
      const reply = await post(act);
      expect(reply.kind).toBe('no-answer');
    },
  );

  it('says by a code why there is none', async () => {
    receiver = await ProviderEndpoint.open({ acts: [{ kind: 'hang' }] });
    const { url } = receiver;
    await receiver.close();
    expect(await webhookPostTo(url, fetch)(REQUEST, AbortSignal.timeout(10_000))).toEqual({
      kind: 'no-answer',
      code: 'ECONNREFUSED',
    });
  });

  it('trusts no certificate that nobody vouches for', async () => {
    const reply = await post({ kind: 'text', status: 200, type: 'text/plain', body: '' }, undefined, true);
    expect(reply).toEqual({ kind: 'no-answer', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(receiver?.requests).toEqual([]);
  });

  it('ends when it is cut off', async () => {
    const cut = new AbortController();
    const reply = post({ kind: 'hang' }, cut.signal);
    while (receiver === null) await new Promise((resolve) => setImmediate(resolve));
    await receiver.received(1);
    cut.abort();
    expect(await reply).toEqual({ kind: 'no-answer', code: null });
  });
});
