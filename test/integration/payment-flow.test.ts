import { describe, expect, it } from 'vitest';
import { GenericPayConnector } from '../../src/payment/generic-pay-connector/generic-pay-connector.ts';
import { runPayment } from '../../src/payment/payment-flow.ts';
import type { JournalFault } from '../support/faulty-journal.ts';
import { APPROVED, cleanUps, finish, NUMBER, readAll, setUp, until } from '../support/payment-flow-setup.ts';
import { ProviderEndpoint } from '../support/provider-endpoint.ts';
import { TestCard } from '../support/test-card.ts';

/**
 * Goal: no payment is lost, doubled or misreported, whatever the journal and the provider do. Method: the real
 * journal on disk behind a wrapper that loses answers, and a provider that says what it saw in the journal.
 */
describe('runPayment', () => {
  it('commits the intent before the provider is asked, then the outcome, and wipes the card', async () => {
    const { provider, card, meter, start, stored } = await setUp();
    const outcome = await start();

    expect(outcome).toEqual({
      outcome: 'approved',
      providerReference: 'ch_1',
      brand: 'visa',
      last4: '1486',
      declineCode: null,
      message: 'The payment was approved.',
    });
    expect(provider.requests).toEqual([
      {
        isIntentStored: true,
        digits: 16,
        request: {
          operation: 'charge',
          idempotencyKey: expect.stringMatching(/^att_[a-z]{32}$/) as string,
          amountMinor: 4250,
          currency: 'GBP',
          reference: 'order-17',
          description: 'Two tickets',
        },
      },
    ]);
    expect(await stored()).toEqual({ state: 'approved', outcome, attempts: ['approved'] });
    expect(card.isWiped).toBe(true);
    expect(meter.value('payment_seconds', { provider: 'simulator', step: 'charge' })).toBe(1);
  });

  it.each(['approved', 'declined', 'failed', 'unknown'] as const)('stores and returns %s', async (word) => {
    const { provider, start, stored } = await setUp();
    provider.answer = () =>
      Promise.resolve({ ...APPROVED, outcome: word, brand: 'amex', last4: '0005', declineCode: '51' });
    const outcome = await start();

    expect(outcome).toMatchObject({ outcome: word, brand: 'amex', last4: '0005', declineCode: '51' });
    expect(await stored()).toEqual({ state: word, outcome, attempts: [word] });
  });

  it('is unknown, and the card wiped, when a bug makes the provider reject', async () => {
    const { provider, card, logger, start, stored } = await setUp();
    provider.answer = () => Promise.reject(new Error(NUMBER));

    expect((await start()).outcome).toBe('unknown');
    expect(await stored()).toMatchObject({ state: 'unknown', attempts: ['unknown'] });
    expect(card.isWiped).toBe(true);
    expect(JSON.stringify(logger.lines)).not.toContain(NUMBER);
  });

  it('wipes the card before it waits for the journal', async () => {
    const { journal, card, clock, start } = await setUp();
    const settle = journal.settleAttempt;
    let wasWiped = false;
    journal.settleAttempt = (key, outcome, actor) => {
      wasWiped = card.isWiped;
      return settle(key, outcome, actor);
    };
    await finish(clock, start());

    expect(wasWiped).toBe(true);
  });
});

describe('runPayment while the journal is away', () => {
  it('is failed after ten seconds with nothing sent, and stores that when the journal is back', async () => {
    const { journal, provider, clock, card, start, stored } = await setUp();
    journal.forever = 'away';
    const run = start().then((outcome) => ({ outcome, endedMs: clock.monotonicMs() }));
    const { outcome, endedMs } = await finish(clock, run);

    expect(outcome.outcome).toBe('failed');
    expect(endedMs).toBeLessThanOrEqual(10_000);
    expect(endedMs).toBeGreaterThan(8000);
    expect(provider.requests).toEqual([]);
    expect(card.isWiped).toBe(true);
    expect(await stored()).toMatchObject({ state: 'connecting', attempts: [] });

    journal.forever = null;
    await until(clock, async () => (await stored()).state === 'failed');
    expect(await stored()).toEqual({ state: 'failed', outcome, attempts: [] });
  });

  it('charges once when the journal is back in time', async () => {
    const { journal, provider, clock, start, stored } = await setUp();
    journal.faults.beginAttempt.push('away', 'away', 'away');

    expect((await finish(clock, start())).outcome).toBe('approved');
    expect(provider.requests).toHaveLength(1);
    expect((await stored()).attempts).toEqual(['approved']);
  });

  it.each<{ faults: JournalFault[] }>([
    { faults: ['away'] },
    { faults: ['lost-before', 'away', 'lost-before', 'away', 'away'] },
    { faults: ['lost-after'] },
  ])(
    'returns the outcome when it is stored, not before, when settling fails by $faults',
    async ({ faults }) => {
      const { journal, provider, clock, start, stored } = await setUp();
      journal.faults.settleAttempt.push(...faults);
      let hasReturned = false;
      const running = start().finally(() => (hasReturned = true));
      await clock.whenPending(1);
      await new Promise((resolve) => setImmediate(resolve));
      expect(hasReturned).toBe(false);
      const outcome = await finish(clock, running);

      expect(outcome.outcome).toBe('approved');
      expect(await stored()).toEqual({ state: 'approved', outcome, attempts: ['approved'] });
      expect(provider.requests).toHaveLength(1);
      expect(clock.pending).toBe(0);
    },
  );
});

describe("runPayment when the answer to the intent's commit is lost", () => {
  it('reads back that it was stored, and charges once', async () => {
    const { journal, provider, clock, start, stored } = await setUp();
    journal.faults.beginAttempt.push('lost-after');

    expect((await finish(clock, start())).outcome).toBe('approved');
    expect(journal.calls).toEqual(['beginAttempt', 'hasAttempt', 'settleAttempt']);
    expect(provider.requests).toHaveLength(1);
    expect(await stored()).toMatchObject({ state: 'approved', attempts: ['approved'] });
  });

  it('reads back that it was not stored, commits it again, and charges once', async () => {
    const { journal, provider, clock, start, stored } = await setUp();
    journal.faults.beginAttempt.push('lost-before');

    expect((await finish(clock, start())).outcome).toBe('approved');
    expect(journal.calls).toEqual(['beginAttempt', 'hasAttempt', 'beginAttempt', 'settleAttempt']);
    expect(provider.requests).toHaveLength(1);
    expect((await stored()).attempts).toEqual(['approved']);
  });

  it('reads back again when that answer is lost too', async () => {
    const { journal, provider, clock, start } = await setUp();
    journal.faults.beginAttempt.push('lost-after');
    journal.faults.hasAttempt.push('lost-before', 'away', 'lost-after');

    expect((await finish(clock, start())).outcome).toBe('approved');
    expect(provider.requests).toHaveLength(1);
  });

  it.each<{ fault: JournalFault; attempts: string[] }>([
    { fault: 'lost-after', attempts: ['failed'] },
    { fault: 'lost-before', attempts: [] },
  ])(
    'is unknown while that cannot be read, and failed later, after $fault',
    async ({ fault, attempts: later }) => {
      const { journal, provider, clock, card, start, stored } = await setUp();
      journal.faults.beginAttempt.push(fault);
      journal.faults.hasAttempt.push(...Array.from({ length: 100 }, () => 'away' as const));
      const outcome = await finish(clock, start());

      expect(outcome).toMatchObject({ outcome: 'unknown', providerReference: null });
      expect(provider.requests).toEqual([]);
      expect(card.isWiped).toBe(true);

      journal.faults.hasAttempt = [];
      await until(clock, async () => (await stored()).state === 'failed');
      expect((await stored()).attempts).toEqual(later);
    },
  );
});

describe('runPayment when the journal refuses', () => {
  it('is unknown and sends nothing while another attempt is open', async () => {
    const { real, provider, payment, start, stored } = await setUp();
    const { operation, amountMinor, currency } = payment;
    const order = { paymentId: payment.id, operation, amountMinor, currency, token: null };
    await real.beginAttempt({ idempotencyKey: 'att_other', ...order }, 'agent');

    expect((await start()).outcome).toBe('unknown');
    expect(provider.requests).toEqual([]);
    expect(await stored()).toMatchObject({ state: 'processing', attempts: ['intent'] });
  });

  it('is unknown and sends nothing when the payment has ended', async () => {
    const { real, provider, payment, logger, start, stored } = await setUp();
    await real.moveState(payment.id, ['connecting'], 'canceled', 'agent');

    expect((await start()).outcome).toBe('unknown');
    expect(provider.requests).toEqual([]);
    expect(await stored()).toMatchObject({ state: 'canceled', attempts: [] });
    expect(logger.lines.at(-1)).toEqual({
      level: 'error',
      message: 'The journal refused a payment attempt',
      fields: { paymentId: payment.id },
    });
  });

  it('lets one of many runs of a payment reach the provider', async () => {
    const { provider, dependencies, payment, stored } = await setUp();
    const runs = Array.from({ length: 50 }, () =>
      runPayment(dependencies, payment, new TestCard({ 'payment-card-number': NUMBER }), 'agent'),
    );
    const outcomes = (await Promise.all(runs)).map(({ outcome }) => outcome);

    expect(outcomes.filter((outcome) => outcome === 'approved')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'unknown')).toHaveLength(49);
    expect(provider.requests).toHaveLength(1);
    expect(await stored()).toMatchObject({ state: 'approved', attempts: ['approved'] });
  });
});

describe('runPayment with a connector', () => {
  it('sends the stored key and leaves no digit in the database', async () => {
    const { path, dependencies, payment, card, real } = await setUp();
    const endpoint = await ProviderEndpoint.open({ acts: [{ kind: 'echo' }] });
    cleanUps.push(() => endpoint.close());
    const connector = new GenericPayConnector(
      {
        kind: 'generic-pay-connector',
        url: endpoint.url,
        username: 'u',
        password: 'p',
        dialect: 'twilio',
        idempotent: true,
      },
      dependencies,
    );
    cleanUps.push(() => connector.close());
    const outcome = await runPayment({ ...dependencies, provider: connector }, payment, card, 'agent');

    expect(outcome).toMatchObject({ outcome: 'declined', declineCode: 'invalid_request' });
    const [attempt] = readAll(path, 'SELECT * FROM attempt');
    const sent = JSON.parse(endpoint.requests[0]?.body ?? '') as Record<string, unknown>;
    expect(sent).toMatchObject({ cardnumber: NUMBER, transaction_id: attempt?.['idempotency_key'] });
    expect(card.isZeroEverywhere).toBe(true);
    const everything = JSON.stringify([await real.payment(payment.id), attempt, outcome]);
    expect(everything).not.toMatch(/\d{7,}/);
    expect(everything).toContain('"1486"');
  });
});
