import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KEYS, outcomeRecord, WebhookBench } from '../../support/webhook-bench.ts';

/** Goal: what integrators are told, when, and how often. Method: a real store, a scripted receiver, a fake clock. */
const HOUR_MS = 3_600_000;

let bench: WebhookBench;
beforeEach(() => {
  bench = new WebhookBench();
});
afterEach(() => bench.dispose());

function settled(id: string, ...outcomes: ('approved' | 'unknown' | 'declined')[]): void {
  bench.openPayment(id);
  for (const outcome of outcomes) bench.settle(id, outcome);
}

const ids = (): readonly string[] => bench.arrivals.map(({ id }) => id);
const states = (id: string) => bench.store.deliveriesOf(id).map(({ status, tries }) => [status, tries]);
const count = (result: string): number => bench.meter.value('webhook_deliveries_total', { result });

describe('WebhookSender', () => {
  it('tells how a payment ended, signed, within a second or two', async () => {
    settled('pay_a', 'approved');
    await bench.pass(2000);
    expect(bench.arrivals).toHaveLength(1);
    const { headers, body } = bench.arrivals[0]!.request;
    vi.setSystemTime(bench.clock.wallMs());
    const key = `whsec_${Buffer.from(KEYS[0]!).toString('base64')}`;
    expect(new Webhook(key).verify(body, headers)).toEqual({
      type: 'payment.approved',
      timestamp: '2026-11-02T12:00:00.000Z',
      data: {
        id: 'pay_a',
        callId: 'call_a',
        profileId: 'card-gbp',
        method: 'guided',
        operation: 'charge',
        state: 'approved',
        required: [],
        field: null,
        fieldTimer: null,
        fields: [],
        payee: 'Jo Smith',
        interactionType: 'call',
        amount: '42.50',
        currency: 'GBP',
        reference: 'order-17',
        description: 'Two tickets',
        result: {
          outcome: 'approved',
          reference: 'ch_1',
          brand: 'visa',
          last4: '1111',
          declineCode: null,
          message: 'The payment has ended.',
        },
        createdAt: '2026-11-02T12:00:00.000Z',
        updatedAt: '2026-11-02T12:00:00.000Z',
      },
    });
    vi.useRealTimers();
    expect(states('pay_a')).toEqual([['delivered', 1]]);
    expect(count('delivered')).toBe(1);
  });

  it('says nothing of a payment that has not ended', async () => {
    bench.openPayment('pay_a');
    await bench.pass(5000);
    expect(bench.arrivals).toEqual([]);
  });

  it('repeats under the same id and with a fresh time until it is confirmed', async () => {
    bench.acts.push({ kind: 'answer', status: 500 }, { kind: 'answer', status: 302 }, { kind: 'lost' });
    settled('pay_a', 'approved');
    await bench.pass(60_000);
    expect(new Set(ids())).toEqual(new Set(['pay_a_1']));
    expect(ids()).toHaveLength(4);
    // Pauses of 5, 10 and 20 s; the outbox is looked into every second.
    const times = bench.arrivals.map(({ atMs }) => Math.round(atMs / 1000));
    expect(times[1]! - times[0]!).toBeOneOf([5, 6]);
    expect(times[2]! - times[1]!).toBeOneOf([10, 11]);
    expect(times[3]! - times[2]!).toBeOneOf([20, 21]);
    const stamps = bench.arrivals.map(({ request }) => request.headers['webhook-timestamp']);
    expect(new Set(stamps).size).toBe(4);
    expect(new Set(bench.arrivals.map(({ request }) => request.body)).size).toBe(1);
    expect(states('pay_a')).toEqual([['delivered', 4]]);
    expect([count('refused'), count('unreachable'), count('delivered')]).toEqual([2, 1, 1]);
    expect(bench.logger.lines.map(({ level }) => level)).toEqual(['warn', 'info']);
  });

  it('gives a later message of a payment only after the earlier, and others meanwhile', async () => {
    bench.acts.push({ kind: 'answer', status: 503 });
    settled('pay_a', 'unknown', 'approved');
    await bench.pass(1500);
    settled('pay_b', 'approved');
    await bench.pass(20_000);
    expect(ids()).toEqual(['pay_a_1', 'pay_b_3', 'pay_a_1', 'pay_a_2']);
    const types = bench.arrivals.map(({ request }) => (JSON.parse(request.body) as { type: string }).type);
    expect(types).toEqual(['payment.unknown', 'payment.approved', 'payment.unknown', 'payment.approved']);
  });

  it('waits as long as the receiver asks for', async () => {
    bench.acts.push({ kind: 'answer', status: 429, retryAfterMs: 90_000 });
    settled('pay_a', 'approved');
    await bench.pass(85_000);
    expect(ids()).toHaveLength(1);
    await bench.pass(10_000);
    expect(ids()).toHaveLength(2);
  });

  it('cuts off a receiver that stalls, after 15 seconds, and never has more than 8 requests open', async () => {
    bench.always = { kind: 'stall' };
    for (let index = 0; index < 20; index += 1) settled(`pay_${index}`, 'approved');
    await bench.pass(10_000);
    expect(bench.open).toBe(8);
    await bench.pass(36_000);
    expect(new Set(ids()).size).toBe(20);
    expect(bench.mostOpen).toBe(8);
    expect(count('timeout')).toBeGreaterThanOrEqual(16);
  });

  it('gives up after about twelve hours, says so, and goes on with the next message', async () => {
    bench.always = { kind: 'answer', status: 500 };
    settled('pay_a', 'unknown', 'approved');
    await bench.skip(11.5 * HOUR_MS, 60_000);
    expect(states('pay_a')).toEqual([
      ['pending', expect.any(Number)],
      ['pending', 0],
    ]);
    expect(bench.meter.value('webhook_oldest_undelivered_seconds')).toBeGreaterThan(11 * 3600);
    expect(bench.meter.value('webhooks_undelivered')).toBe(2);
    bench.acts.push(...Array.from({ length: 99 }, () => ({ kind: 'answer', status: 500 }) as const));
    await bench.skip(2 * HOUR_MS, 60_000);
    expect(states('pay_a')[0]?.[0]).toBe('given-up');
    expect(count('given-up')).toBe(1);
    expect(bench.logger.lines.at(-1)).toMatchObject({
      level: 'error',
      message: 'A webhook was given up',
      fields: { paymentId: 'pay_a', status: 500 },
    });
    bench.always = { kind: 'answer', status: 200 };
    await bench.skip(HOUR_MS, 60_000);
    expect(states('pay_a')[1]?.[0]).toBe('delivered');
    expect(bench.meter.value('webhook_oldest_undelivered_seconds')).toBe(0);
  });

  it('sends nothing twice because the journal could not store that it was delivered', async () => {
    bench.updatesToFail = 5;
    settled('pay_a', 'approved');
    await bench.pass(10_000);
    expect(ids()).toEqual(['pay_a_1']);
    expect(states('pay_a')).toEqual([['delivered', 1]]);
  });

  it('sends what a former run left, and again what it had not heard of', async () => {
    bench.acts.push({ kind: 'stall' });
    settled('pay_a', 'approved');
    await bench.pass(1500);
    await bench.restart('kill');
    await bench.pass(1500);
    expect(ids()).toEqual(['pay_a_1', 'pay_a_1']);
    expect(states('pay_a')).toEqual([['delivered', 1]]);
  });

  it('ends within three seconds, after it sent what the last call left', async () => {
    settled('pay_a', 'unknown', 'approved');
    await bench.stop();
    expect(ids()).toEqual(['pay_a_1', 'pay_a_2']);
    expect(states('pay_a').map(([status]) => status)).toEqual(['delivered', 'delivered']);
  });

  it('leaves what a stalling receiver did not confirm for the next start, without counting the try', async () => {
    bench.always = { kind: 'stall' };
    for (let index = 0; index < 20; index += 1) settled(`pay_${index}`, 'approved');
    const startMs = bench.clock.monotonicMs();
    await bench.stop();
    expect(bench.clock.monotonicMs() - startMs).toBeLessThanOrEqual(3000);
    expect(states('pay_0')).toEqual([['pending', 0]]);
    expect(bench.store.outbox(bench.now).undelivered).toBe(20);
  });

  it('forgets what was settled thirty days ago, and nothing that is pending', async () => {
    settled('pay_a', 'approved');
    await bench.pass(2000);
    await bench.skip(29.9 * 24 * HOUR_MS, HOUR_MS);
    expect(states('pay_a')).toHaveLength(1);
    bench.always = { kind: 'stall' };
    settled('pay_b', 'approved');
    await bench.skip(3 * HOUR_MS, 60_000);
    expect(states('pay_a')).toEqual([]);
    expect(states('pay_b')).toHaveLength(1);
  });

  it('blots out what looks like a card number, and counts it', async () => {
    bench.openPayment('pay_a', 'order 4111 1111 1111 1111');
    bench.settle('pay_a', 'approved');
    await bench.pass(2000);
    const { headers, body } = bench.arrivals[0]!.request;
    expect(body).toContain('"reference":"order **** **** **** ****"');
    expect(headers['webhook-signature']).toMatch(/^v1,/);
    expect(bench.meter.value('digit_leak_blocked_total', { sink: 'webhook' })).toBe(1);
  });
});

describe('redelivery', () => {
  async function giveUp(): Promise<void> {
    bench.always = { kind: 'answer', status: 500 };
    await bench.skip(14 * HOUR_MS, 60_000);
  }

  it('tries again what was given up, in order, under the same ids', async () => {
    settled('pay_a', 'approved');
    await giveUp();
    expect(states('pay_a')[0]?.[0]).toBe('given-up');
    bench.always = null;
    bench.arrivals.length = 0;
    const headBefore = bench.store.auditHead();
    expect(bench.store.redeliver('pay_a', 'api:crm', bench.now)).toBe(1);
    expect(bench.store.auditHead()?.seq).toBe((headBefore?.seq ?? 0) + 1);
    expect(states('pay_a')).toEqual([['pending', 0]]);
    await bench.pass(2000);
    expect(ids()).toEqual(['pay_a_1']);
    expect(states('pay_a')).toEqual([['delivered', 1]]);
    expect(bench.store.redeliver('pay_a', 'api:crm', bench.now)).toBe(0);
  });

  it('leaves alone what a later message has overtaken or another one is waiting for', async () => {
    settled('pay_a', 'unknown');
    await giveUp();
    bench.store.settleAttempt('att_pay_a', outcomeRecord('approved'), 'reconciler', bench.now);
    expect(bench.store.redeliver('pay_a', 'api:crm', bench.now)).toBe(0);
    bench.always = null;
    await bench.pass(2000);
    expect(states('pay_a').map(([status]) => status)).toEqual(['given-up', 'delivered']);
    expect(bench.store.redeliver('pay_a', 'api:crm', bench.now)).toBe(0);
  });
});
