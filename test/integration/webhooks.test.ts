import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProviderEndpoint } from '../support/provider-endpoint.ts';
import type { EndpointAct, ReceivedRequest } from '../support/provider-endpoint.ts';
import { keyCard, RunningApp } from '../support/running-app.ts';

/**
 * Goal: an integrator learns how payments ended, whatever his server does. Method: the running product, a receiver on a
 * real socket, and the library of the Standard Webhooks project to check what arrives.
 */
const SECRET = `whsec_${Buffer.from('thirty-two bytes of a test secret').toString('base64')}`;
const APPROVED = '4242424242424242';
const OK: EndpointAct = { kind: 'text', status: 204, type: 'text/plain', body: '' };

let receiver: ProviderEndpoint;
let folder: string;
let app: RunningApp | null;
beforeEach(async () => {
  receiver = await ProviderEndpoint.open({ acts: [OK] });
  folder = mkdtempSync(join(tmpdir(), 'tonewall-webhooks-'));
  app = null;
});
afterEach(async () => {
  await app?.stop();
  await receiver.close();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<RunningApp> {
  app = await RunningApp.start({
    TONEWALL_DATABASE: join(folder, 'journal.db'),
    TONEWALL_WEBHOOK_URL: receiver.url,
    TONEWALL_WEBHOOK_SECRET: SECRET,
  });
  return app;
}

async function pay(running: RunningApp, number = APPROVED): Promise<Record<string, unknown>> {
  const { id, leg } = await running.openCall();
  const { body } = await running.openPayment(id, { payee: 'Zoë 渡辺' });
  const paymentId = body['id'] as string;
  await running.untilState(paymentId, 'capturing');
  keyCard(leg, number);
  await running.untilState(paymentId, 'ready');
  return (await running.call('POST', `/v1/payments/${paymentId}/process`)).body;
}

interface Told {
  readonly type: string;
  readonly timestamp: string;
  readonly data: Record<string, unknown>;
}

/** What a receiver with the secret makes of it; throws if the signature is wrong or old. */
function verified({ headers, body }: ReceivedRequest): Told {
  return new Webhook(SECRET).verify(body, headers as Record<string, string>) as Told;
}

interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly tries: number;
  readonly lastHttpStatus: number | null;
  readonly nextTryAt: string | null;
}

async function deliveries(running: RunningApp, paymentId: unknown): Promise<readonly Delivery[]> {
  const { body } = await running.call('GET', `/v1/payments/${paymentId as string}/deliveries`);
  return body['deliveries'] as readonly Delivery[];
}

async function untilDelivery(
  running: RunningApp,
  paymentId: unknown,
  isAsWanted: (delivery: Delivery) => boolean,
): Promise<Delivery> {
  for (;;) {
    const [delivery] = await deliveries(running, paymentId);
    if (delivery !== undefined && isAsWanted(delivery)) return delivery;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('result webhooks', () => {
  it('carry the payment as the API shows it, signed', async () => {
    const running = await start();
    const paid = await pay(running);
    await receiver.received(1);
    const [request] = receiver.requests;
    expect(request?.path).toBe('/pay?merchant=7');
    expect(request?.headers['content-type']).toBe('application/json');
    const told = verified(request!);
    const shown = (await running.call('GET', `/v1/payments/${paid['id'] as string}`)).body;
    expect(Object.keys(told.data).sort()).toEqual(Object.keys(shown).sort());
    expect(told).toEqual({
      type: 'payment.approved',
      timestamp: expect.any(String) as string,
      // A snapshot has no captured fields; the journal notes its own time.
      data: { ...shown, fields: [], updatedAt: told.timestamp },
    });
    expect(request?.body).not.toContain(APPROVED.slice(0, 6));
    const delivery = await untilDelivery(running, paid['id'], ({ status }) => status === 'delivered');
    expect(delivery).toMatchObject({
      id: request?.headers['webhook-id'],
      type: 'payment.approved',
      tries: 1,
      lastHttpStatus: 204,
      nextTryAt: null,
    });
    expect((await running.call('GET', '/v1/payments/pay_x/deliveries')).status).toBe(404);
  });

  it.each([
    { act: { kind: 'text', status: 500, type: 'text/html', body: '<p>sorry</p>' }, lastHttpStatus: 500 },
    { act: { kind: 'redirect' }, lastHttpStatus: 307 },
    { act: { kind: 'reset' }, lastHttpStatus: null },
  ] satisfies { act: EndpointAct; lastHttpStatus: number | null }[])(
    'stay in the outbox when the receiver does this: $act.kind, and arrive after a restart',
    async ({ act, lastHttpStatus }) => {
      receiver.acts = [act, OK];
      const first = await start();
      const paid = await pay(first);
      const failed = await untilDelivery(first, paid['id'], ({ tries }) => tries === 1);
      expect(failed).toMatchObject({ status: 'pending', lastHttpStatus });
      expect(Date.parse(failed.nextTryAt!)).toBeGreaterThan(Date.now() - 1000);
      await first.stop();
      const second = await start();
      const delivered = await untilDelivery(second, paid['id'], ({ status }) => status === 'delivered');
      expect(delivered).toMatchObject({ id: failed.id, tries: 2, lastHttpStatus: 204 });
      expect(new Set(receiver.requests.map(({ path }) => path))).toEqual(new Set(['/pay?merchant=7']));
      const told = receiver.requests.map(verified);
      expect(new Set(told.map(({ data }) => data['id']))).toEqual(new Set([paid['id']]));
    },
  );

  it('of a receiver that stalls hold up neither calls and payments nor the end of the process', async () => {
    receiver.acts = [{ kind: 'hang' }];
    const first = await start();
    const paid = await Promise.all(Array.from({ length: 12 }, () => pay(first)));
    expect(paid.map(({ state }) => state)).toEqual(paid.map(() => 'approved'));
    await receiver.received(8);
    const startedMs = performance.now();
    expect((await pay(first))['state']).toBe('approved');
    await first.stop();
    // The flush takes three seconds; the rest is a payment and the closing of everything else.
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    receiver.acts = [OK];
    receiver.requests.length = 0;
    await start();
    await receiver.received(13);
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(13);
  });

  it('of the last calls leave before the process ends', async () => {
    const running = await start();
    const { id } = await running.openCall();
    const { body } = await running.openPayment(id);
    await running.untilState(body['id'] as string, 'capturing');
    await running.stop();
    app = null;
    expect(receiver.requests.map(verified)).toMatchObject([
      { type: 'payment.canceled', data: { id: body['id'], state: 'canceled', result: null } },
    ]);
  });

  it('are counted', async () => {
    const running = await start();
    await pay(running);
    await receiver.received(1);
    const metrics = async () => (await fetch(`${running.app.url}/metrics`)).text();
    while (!(await metrics()).includes('tonewall_webhook_deliveries_total{result="delivered"} 1')) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await metrics()).toMatch(/tonewall_webhook_oldest_undelivered_seconds \d/);
  });
});

describe('without a receiver', () => {
  it('the outbox stays empty, and trying again is refused', async () => {
    app = await RunningApp.start();
    const paid = await pay(app);
    expect(await deliveries(app, paid['id'])).toEqual([]);
    const answer = await app.call('POST', `/v1/payments/${paid['id'] as string}/deliveries/redeliver`);
    expect(answer).toMatchObject({ status: 409, body: { code: 'WEBHOOKS_OFF' } });
  });
});
