import { afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/app/system-random.ts';
import type { ProviderRequest } from '../../src/payment/provider.ts';
import { Simulator } from '../../src/payment/simulator/simulator.ts';
import { executePayment } from '../support/execute-payment.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';
import { TestCard } from '../support/test-card.ts';

const REQUEST: ProviderRequest = {
  operation: 'charge',
  idempotencyKey: 'att_a',
  amountMinor: 4250,
  currency: 'GBP',
  reference: null,
  description: null,
};

const open: Simulator[] = [];
afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close();
});

function start() {
  const clock = new FakeClock();
  const simulator = new Simulator({
    clock,
    random: systemRandom,
    meter: new RecordingMeter(),
    logger: new RecordingLogger(),
  });
  open.push(simulator);
  const pay = (number: string, request: Partial<ProviderRequest> = {}) =>
    executePayment(simulator, { ...REQUEST, ...request }, new TestCard({ 'payment-card-number': number }));
  return { clock, simulator, pay };
}

describe('Simulator', () => {
  it('approves any number that passes the Luhn check, and keeps no card data', async () => {
    const { simulator, pay } = start();

    expect(await pay('5555341244441115')).toMatchObject({
      outcome: 'approved',
      brand: 'mastercard',
      last4: '1115',
    });
    expect(simulator.ledger).toEqual([
      {
        id: expect.stringMatching(/^sim_[a-z]{32}$/) as string,
        idempotencyKey: 'att_a',
        operation: 'charge',
        amountMinor: 4250,
        currency: 'GBP',
        outcome: 'approved',
      },
    ]);
  });

  it.each([
    { number: '4000000000000002', code: 'card_declined' },
    { number: '4000000000009995', code: 'insufficient_funds' },
    { number: '4000000000000069', code: 'expired_card' },
    { number: '4000000000000127', code: 'incorrect_cvc' },
    { number: '4111111111111112', code: 'invalid_number' },
  ])('declines with $code', async ({ number, code }) => {
    const { simulator, pay } = start();

    expect(await pay(number)).toMatchObject({ outcome: 'declined', declineCode: code });
    expect(simulator.ledger[0]?.outcome).toBe('declined');
  });

  it('fails with proof when it refuses', async () => {
    const { simulator, pay } = start();

    expect((await pay('4000000000000036')).outcome).toBe('failed');
    expect(simulator.ledger).toEqual([]);
  });

  it('gives a repeated key its first answer and charges once', async () => {
    const { simulator, pay } = start();
    const first = await pay('4539578763621486');

    expect(await pay('4539578763621486')).toEqual(first);
    expect(simulator.ledger).toHaveLength(1);
    expect((await pay('4539578763621486', { idempotencyKey: 'att_b' })).reference).not.toBe(first.reference);
    expect(simulator.ledger).toHaveLength(2);
  });

  it('charges once when the connection is reset after the charge', async () => {
    const { clock, simulator, pay } = start();
    const paying = pay('4000000000000093');
    await whenPausing(clock, 500);
    clock.advance(500);

    expect((await paying).outcome).toBe('approved');
    expect(simulator.ledger).toHaveLength(1);
  });

  it('approves late, on the repeat, and charges once', async () => {
    const { clock, simulator, pay } = start();
    const paying = pay('4000000000000010');
    await whenCharged(simulator);
    clock.advance(5000);
    await whenPausing(clock, 500);
    clock.advance(500);
    // The repeat's deadline, the first answer and the second one.
    await clock.whenPending(3);
    clock.advance(2000);

    expect((await paying).outcome).toBe('approved');
    expect(clock.monotonicMs()).toBe(7500);
    expect(simulator.ledger).toHaveLength(1);
  });

  it('tokenises without an amount', async () => {
    const { simulator, pay } = start();

    expect((await pay('4539578763621486', { operation: 'tokenize', amountMinor: null })).outcome).toBe(
      'approved',
    );
    expect(simulator.ledger[0]).toMatchObject({ operation: 'tokenize', amountMinor: 0 });
  });

  it('takes bank accounts too', async () => {
    const { simulator } = start();
    const account = new TestCard({ 'bank-account-number': '12345678', 'bank-routing-number': '110000000' });

    expect(await executePayment(simulator, REQUEST, account)).toMatchObject({
      outcome: 'approved',
      brand: null,
      last4: '5678',
    });
  });

  it('declines when no number was captured', async () => {
    const { simulator } = start();
    const empty = new TestCard({ 'security-code': '927' });

    expect(await executePayment(simulator, REQUEST, empty)).toMatchObject({
      outcome: 'declined',
      last4: null,
    });
  });
});

/** Resolves when the next thing to wait for is a pause of at most `ms`. */
async function whenPausing(clock: FakeClock, ms: number): Promise<void> {
  while ((clock.nextInMs ?? Infinity) > ms) await new Promise((resolve) => setImmediate(resolve));
}

async function whenCharged(simulator: Simulator): Promise<void> {
  while (simulator.ledger.length === 0) await new Promise((resolve) => setImmediate(resolve));
}
