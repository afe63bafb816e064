import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Simulator } from '../../src/payment/simulator/simulator.ts';
import { POSTGRES_MISSING, POSTGRES_PASSWORD, PostgresServer } from '../support/postgres-server.ts';
import { keyCard, RunningApp } from '../support/running-app.ts';

/** Goal: a database that goes away under the running product costs payments seconds, and calls nothing. */
const APPROVED = '4242424242424242';
/** 20 ms at 8 kHz, 16 bits. */
const FRAME = Buffer.alloc(320);

let server: PostgresServer;
let app: RunningApp;

async function readiness(): Promise<{ status: number; reasons: unknown }> {
  const answer = await fetch(`${app.app.url}/readyz`);
  return { status: answer.status, reasons: ((await answer.json()) as { reasons: unknown }).reasons };
}

async function untilReadiness(status: number): Promise<{ status: number; reasons: unknown }> {
  for (;;) {
    const now = await readiness();
    if (now.status === status) return now;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe.skipIf(POSTGRES_MISSING !== null)(`the product on PostgreSQL ${POSTGRES_MISSING ?? ''}`, () => {
  beforeAll(async () => {
    server = await PostgresServer.start();
    app = await RunningApp.start({ TONEWALL_DATABASE: await server.database() });
  });
  afterAll(async () => {
    await app.stop();
    await server.close();
  });

  it('goes on with calls while the database is away, says so, and charges once when it is back', async () => {
    const { id, leg } = await app.openCall();
    const { body } = await app.openPayment(id);
    const paymentId = body['id'] as string;
    await app.untilState(paymentId, 'capturing');
    await server.down();
    expect(await untilReadiness(503)).toEqual({ status: 503, reasons: ['journal'] });
    expect((await fetch(`${app.app.url}/healthz`)).status).toBe(200);

    keyCard(leg, APPROVED);
    await app.untilState(paymentId, 'ready');
    const heard = leg.messages.length;
    for (let frame = 0; frame < 50; frame += 1) leg.send(FRAME);
    await leg.messagesReceived(heard + 50);
    const { id: otherId } = await app.openCall();
    expect(await app.openPayment(otherId)).toMatchObject({
      status: 503,
      body: { code: 'JOURNAL_UNAVAILABLE' },
    });

    const processed = app.call('POST', `/v1/payments/${paymentId}/process`);
    await server.up();
    expect(await processed).toMatchObject({ status: 200, body: { state: 'approved' } });
    expect(await untilReadiness(200)).toEqual({ status: 200, reasons: [] });
    const provider = app.app.providers.ofProfile('card');
    expect(provider instanceof Simulator ? provider.ledger.length : -1).toBe(1);
    expect((await app.openPayment(otherId)).status).toBe(201);
    expect(app.lines.join('')).not.toContain(POSTGRES_PASSWORD);
  });

  it('knows nothing of a disk that is not its own', async () => {
    const metrics = await (await fetch(`${app.app.url}/metrics`)).text();

    expect(metrics).toMatch(/^tonewall_journal_disk_free_ratio Nan$/im);
    expect(metrics).toMatch(/^tonewall_journal_commit_seconds_count [1-9]/m);
  });
});
