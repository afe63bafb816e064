import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/app/system-clock.ts';
import { systemRandom } from '../../../src/app/system-random.ts';
import { CallRegistry } from '../../../src/call/call-registry.ts';
import { PaymentService } from '../../../src/call/payment-service.ts';
import type { NewGuidedPayment } from '../../../src/call/views.ts';
import type { PaymentProfile } from '../../../src/core/payment-profile.ts';
import { SqliteJournal } from '../../../src/journal/sqlite-journal.ts';
import { runPayment } from '../../../src/payment/payment-flow.ts';
import { NO_DETAILS } from '../../../src/payment/provider-result.ts';
import type { PaymentProvider } from '../../../src/payment/provider.ts';
import { CallBridge } from '../../../src/media/call-bridge.ts';
import { LocalMedia } from '../../../src/vonage/media-host.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { TestLeg } from '../../support/fake-socket-bridge.ts';
import { FaultyJournal } from '../../support/faulty-journal.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { RecordingMeter } from '../../support/recording-meter.ts';

/** Goal: what callers see of payments while the journal loses answers. Method: the real journal behind faults. */
const PROFILE: PaymentProfile = {
  id: 'card',
  name: 'Card',
  method: 'guided',
  operation: 'charge',
  currency: 'GBP',
  fields: ['payment-card-number'],
  brands: ['visa'],
  firstDigitTimeoutSeconds: 60,
  interDigitTimeoutSeconds: 20,
  maxAttempts: 3,
  minPostalCodeLength: 1,
  provider: { kind: 'simulator' },
};

const APPROVING: PaymentProvider = {
  kind: 'simulator',
  traits: {
    tokenises: false,
    keyLifetimeMs: 0,
    replays: 'none',
    lookup: 'none',
    lookupConsistent: false,
    maxKeyLength: 36,
  },
  execute: () =>
    Promise.resolve({ ...NO_DETAILS, outcome: 'approved', reference: 'ch_1', message: 'Approved.' }),
  close: () => Promise.resolve(),
};

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'tonewall-service-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const clock = new FakeClock();
  const meter = new RecordingMeter();
  const logger = new RecordingLogger();
  const shared = { clock, meter, logger, random: systemRandom };
  const real = await SqliteJournal.open(join(folder, 'journal.db'), { clock: systemClock, meter, logger });
  cleanUps.push(() => real.close());
  const journal = new FaultyJournal(real);
  const calls = new CallRegistry(
    {
      maxCalls: 2,
      maskPolicy: 'always',
      masking: { lookaheadMs: 10, maskMode: 'tone', maskFrequencyHz: 500, maskLevelDbm0: -16 },
    },
    {
      ...shared,
      makeBridge: new LocalMedia(shared).makeBridge,
      isOverloaded: () => false,
      addressOf: () => ({ uri: '', ncco: [] }),
    },
  );
  const payments = new PaymentService({
    ...shared,
    journal,
    calls,
    otherOnCall: () => null,
    events: { publish: () => undefined, end: () => undefined },
    profiles: new Map([[PROFILE.id, PROFILE]]),
    execute: (record, card) => runPayment({ ...shared, journal, provider: APPROVING }, record, card, 'agent'),
  });
  const call = calls.create({ topology: 'loopback', sampleRate: 8000, reference: null });
  const asked: NewGuidedPayment = {
    callId: call.id,
    profileId: 'card',
    payee: null,
    interactionType: null,
    amount: '42.50',
    currency: null,
    reference: null,
    description: null,
  };
  const open = () => payments.open(asked, 'crm', 'order-17');
  return { clock, real, journal, calls, payments, call, open };
}

describe('PaymentService when the answer to the commit of a new payment is lost', () => {
  it('reads back that it was stored, and goes on', async () => {
    const { journal, calls, call, open } = await setUp();
    journal.faults.createPayment.push('lost-after');
    const { created, payment } = await open();

    expect(created).toBe(true);
    expect(calls.get(call.id).payment).toEqual({ id: payment.id, state: 'connecting' });
  });

  it('refuses when it was not stored, and takes the repeat', async () => {
    const { journal, calls, call, open } = await setUp();
    journal.faults.createPayment.push('lost-before');
    await expect(open()).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    const { created, payment } = await open();

    expect(created).toBe(true);
    expect(calls.get(call.id).payment?.id).toBe(payment.id);
  });

  it('starts the stored payment with the repeat when it could not be read back', async () => {
    const { journal, calls, payments, call, open } = await setUp();
    journal.faults.createPayment.push('lost-after');
    journal.faults.payment.push('away');
    await expect(open()).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    const { created, payment } = await open();

    expect(created).toBe(false);
    expect(calls.get(call.id).payment).toEqual({ id: payment.id, state: 'connecting' });
    expect((await payments.cancel(payment.id, 'agent')).state).toBe('canceled');
    expect(await open()).toMatchObject({ created: false, payment: { id: payment.id, state: 'canceled' } });
  });

  it.each(['its call has ended', 'a quarter of an hour has passed'])(
    'tells the repeat that the stored payment is canceled when %s',
    async (cause) => {
      const { clock, journal, calls, real, call, open } = await setUp();
      journal.faults.createPayment.push('lost-after');
      journal.faults.payment.push('away');
      await expect(open()).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
      if (cause === 'its call has ended') calls.end(call.id);
      else clock.advance(15 * 60_000);
      const { payment } = await open();

      expect(payment.state).toBe('canceled');
      expect((await real.payment(payment.id))?.state).toBe('canceled');
    },
  );
});

describe('PaymentService when the end of a payment is not stored', () => {
  it('stores it as soon as the journal is back, and lets a drain wait for it', async () => {
    const { clock, real, journal, payments, open } = await setUp();
    const { payment } = await open();
    journal.forever = 'away';
    await payments.cancel(payment.id, 'agent');
    let isStored = false;
    const stored = payments.endsStored().then(() => (isStored = true));
    for (let tries = 1; tries < 4; tries += 1) {
      await until(() => journal.calls.filter((method) => method === 'moveState').length === tries);
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(30_000);
    }
    expect(isStored).toBe(false);
    expect((await real.payment(payment.id))?.state).toBe('connecting');

    journal.forever = null;
    await finish(clock, stored);
    expect((await real.payment(payment.id))?.state).toBe('canceled');
  });

  it('remembers it until it is stored, so that no repeat revives the payment', async () => {
    const { clock, journal, payments, open } = await setUp();
    const { payment } = await open();
    journal.faults.moveState.push(...Array.from({ length: 200 }, () => 'away' as const));
    await payments.cancel(payment.id, 'agent');
    for (let minutes = 0; minutes < 20; minutes += 1) {
      clock.advance(60_000);
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(await open()).toMatchObject({ created: false, payment: { id: payment.id, state: 'canceled' } });
  });
});

describe('PaymentService while an outcome is not stored', () => {
  it('stays processing, and lets a drain wait, until it is', async () => {
    const { clock, real, journal, calls, payments, call, open } = await setUp();
    const bridge = calls.bridgeOf(call.id);
    if (!(bridge instanceof CallBridge)) throw new Error('the call has no bridge');
    void new TestLeg(bridge, 'caller', 8000);
    const { payment } = await open();
    for (const key of '4242424242424242#') calls.openCall(call.id).digitTold(key.charCodeAt(0));
    journal.faults.settleAttempt.push('away', 'lost-before');
    const answered = payments.process(payment.id, 'agent');
    await until(() => journal.calls.includes('settleAttempt'));
    let isSettled = false;
    const settled = payments.settled().then(() => (isSettled = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect((await payments.get(payment.id)).state).toBe('processing');
    expect(isSettled).toBe(false);

    await finish(clock, settled);
    expect((await real.payment(payment.id))?.state).toBe('approved');
    await answered;
    expect((await payments.get(payment.id)).state).toBe('approved');
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

/** Moves the clock over the pauses of the service, and only over those: the journal has another clock. */
async function finish<T>(clock: FakeClock, running: Promise<T>): Promise<T> {
  let isDone = false;
  const done = running.finally(() => (isDone = true));
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1000);
  }
  return done;
}
