import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/app/system-clock.ts';
import { systemRandom } from '../../src/app/system-random.ts';
import type { CaptureField } from '../../src/core/capture-field.ts';
import { AppError } from '../../src/core/errors.ts';
import type { PaymentProfile } from '../../src/core/payment-profile.ts';
import type { SmsSender, SmsStatus } from '../../src/core/sms.ts';
import type { AgentEvent } from '../../src/events/agent-event.ts';
import { SqliteJournal } from '../../src/journal/sqlite-journal.ts';
import { runTry } from '../../src/payment/payment-flow.ts';
import { NO_DETAILS } from '../../src/payment/provider-result.ts';
import type { DirectProvider, ProviderResult } from '../../src/payment/provider.ts';
import { SelfServicePayments } from '../../src/self-service/self-service-payments.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FaultyJournal } from '../support/faulty-journal.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';

/**
 * Goal: links that time out, are sent, replaced, and outlive the process. Method: the real journal on disk, a clock and
 * a platform for text messages that the test moves.
 */
const PROFILE: PaymentProfile = {
  id: 'link',
  name: 'Link',
  method: 'self-service',
  operation: 'charge',
  currency: 'GBP',
  fields: ['payment-card-number', 'expiration-date'],
  brands: ['visa'],
  firstDigitTimeoutSeconds: 60,
  interDigitTimeoutSeconds: 20,
  maxAttempts: 2,
  minPostalCodeLength: 1,
  provider: { kind: 'simulator' },
};
const MINUTE_MS = 60_000;
const TO = '+447700900123';

const APPROVED: ProviderResult = {
  ...NO_DETAILS,
  outcome: 'approved',
  reference: 'ch_1',
  message: 'Approved.',
};
const DECLINED: ProviderResult = {
  ...NO_DETAILS,
  outcome: 'declined',
  reference: null,
  message: 'Declined.',
};

class FakeSms implements SmsSender {
  readonly sent: { readonly to: string; readonly text: string }[] = [];
  isDown = false;
  #listener: (messageId: string, status: SmsStatus) => void = () => undefined;

  async sendSms(to: string, text: string): Promise<{ readonly messageId: string }> {
    if (this.isDown) throw new AppError('INTERNAL_ERROR');
    this.sent.push({ to, text });
    return { messageId: `message-${this.sent.length}` };
  }

  onStatus(listener: (messageId: string, status: SmsStatus) => void): void {
    this.#listener = listener;
  }

  tell(messageId: string, status: SmsStatus): void {
    this.#listener(messageId, status);
  }
}

class ScriptedProvider implements DirectProvider {
  readonly kind = 'simulator';
  readonly traits = {
    tokenises: false,
    keyLifetimeMs: 0,
    replays: 'none',
    lookup: 'none',
    lookupConsistent: false,
    maxKeyLength: 36,
  } as const;
  charges = 0;
  answer: () => Promise<ProviderResult> = () => Promise.resolve(APPROVED);

  execute(): Promise<ProviderResult> {
    this.charges += 1;
    return this.answer();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** What lives longer than one run of the server. */
function makeWorld(sms: FakeSms | null = new FakeSms()) {
  const folder = mkdtempSync(join(tmpdir(), 'tonewall-links-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  return { path: join(folder, 'journal.db'), clock: new FakeClock(), sms, provider: new ScriptedProvider() };
}

async function startRun({ path, clock, sms, provider }: ReturnType<typeof makeWorld>, profiles = [PROFILE]) {
  const shared = { clock, random: systemRandom, meter: new RecordingMeter(), logger: new RecordingLogger() };
  const real = await SqliteJournal.open(path, { ...shared, clock: systemClock });
  cleanUps.push(() => real.close());
  const journal = new FaultyJournal(real);
  const told: AgentEvent[] = [];
  const payments = new SelfServicePayments({
    ...shared,
    journal,
    events: { publish: (_id, event) => void told.push(event), end: () => undefined },
    profiles: new Map(profiles.map((profile) => [profile.id, profile])),
    sms,
    linkMs: 30 * MINUTE_MS,
    urlOf: (token) => `https://pay.example/pay/${token}`,
    execute: (record, card, actor, mayTryAgain) =>
      runTry({ ...shared, journal, provider }, record, card, actor, mayTryAgain),
  });
  await payments.resume();
  const open = async (more: object = {}, clientKey: string | null = null) => {
    const asked = {
      callId: null,
      to: TO,
      profileId: 'link',
      payee: null,
      interactionType: null,
      amount: '42.50',
      currency: null,
      reference: null,
      description: null,
      ...more,
    };
    const opened = await payments.open(asked, PROFILE, 'crm', clientKey, () => undefined);
    await turn();
    return { id: opened.payment.id, token: tokenOf(opened.payUrl ?? '') };
  };
  const stop = async (): Promise<void> => {
    await payments.stored();
    payments.close();
    await real.close();
  };
  return { payments, journal, told, open, stop, real };
}

const tokenOf = (text: string): string => /\/pay\/([a-z]{32})$/.exec(text)?.[1] ?? '';

/** Lets everything run that waits for nothing but its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function card(number = '4242424242424242'): ReadonlyMap<CaptureField, Uint8Array> {
  return new Map<CaptureField, Uint8Array>([
    ['payment-card-number', Buffer.from(number)],
    ['expiration-date', Buffer.from('12/29')],
  ]);
}

const linkStates = (told: readonly AgentEvent[]): string[] =>
  told.flatMap((event) => (event.type === 'link-state' ? [event.state] : []));

describe('a link sent by text message', () => {
  it('goes to its number with amount and address, and tells how far it came', async () => {
    const world = makeWorld();
    const { open, told, payments } = await startRun(world);
    const { id, token } = await open();
    expect(world.sms?.sent).toEqual([
      { to: TO, text: `Pay GBP 42.50 securely: https://pay.example/pay/${token}` },
    ]);
    world.sms?.tell('message-1', 'submitted');
    world.sms?.tell('message-7', 'delivered');
    expect(payments.live(id)?.paymentView().link?.state).toBe('sent');
    world.sms?.tell('message-1', 'delivered');
    expect(linkStates(told)).toEqual(['created', 'sent', 'delivered']);
  });

  it('is undelivered when the platform says so, and works all the same', async () => {
    const world = makeWorld();
    const { open, told, payments } = await startRun(world);
    const { token } = await open();
    world.sms?.tell('message-1', 'undeliverable');
    expect(linkStates(told)).toEqual(['created', 'sent', 'undelivered']);
    expect(await payments.find(token)).not.toBeNull();
  });

  it('is undelivered when the platform does not take it', async () => {
    const world = makeWorld();
    if (world.sms !== null) world.sms.isDown = true;
    const { open, told } = await startRun(world);
    await open();
    expect(linkStates(told)).toEqual(['created', 'undelivered']);
  });

  it('is only made when there is no platform', async () => {
    const { open, told } = await startRun(makeWorld(null));
    const { token } = await open();
    expect(token).toHaveLength(32);
    expect(linkStates(told)).toEqual(['created']);
  });

  it('is followed by another one that takes its place, whose message alone counts', async () => {
    const world = makeWorld();
    const { open, payments, told } = await startRun(world);
    const { id, token } = await open();
    (await payments.find(token))?.opened();
    const payment = payments.live(id);
    const { payUrl } = await payments.resend(payment!, 'agent');
    await turn();
    expect(await payments.find(token)).toBeNull();
    expect(await payments.find(tokenOf(payUrl ?? ''))).toBe(payment);
    world.sms?.tell('message-1', 'delivered');
    expect(payment?.paymentView()).toMatchObject({ state: 'connecting', link: { state: 'sent' } });
    world.sms?.tell('message-2', 'delivered');
    expect(linkStates(told)).toEqual(['created', 'sent', 'opened', 'created', 'sent', 'delivered']);
  });
});

describe('a link whose time runs out', () => {
  it('works until then and not after, and its payment has expired', async () => {
    const { clock, ...world } = makeWorld();
    const { open, payments, real } = await startRun({ clock, ...world });
    const { id, token } = await open();
    clock.advance(30 * MINUTE_MS - 1);
    expect(await payments.find(token)).not.toBeNull();
    clock.advance(1);
    expect(await payments.find(token)).toBeNull();
    expect(payments.live(id)?.paymentView()).toMatchObject({
      state: 'expired',
      link: { state: 'expired', to: null },
    });
    await payments.stored();
    expect(await real.payment(id)).toMatchObject({ state: 'expired' });
  });

  it('has all its time again when it is sent anew', async () => {
    const { clock, ...world } = makeWorld();
    const { open, payments } = await startRun({ clock, ...world });
    const { id } = await open();
    clock.advance(20 * MINUTE_MS);
    const { payUrl } = await payments.resend(payments.live(id)!, 'agent');
    clock.advance(29 * MINUTE_MS);
    expect(await payments.find(tokenOf(payUrl ?? ''))).not.toBeNull();
    clock.advance(MINUTE_MS);
    expect(await payments.find(tokenOf(payUrl ?? ''))).toBeNull();
  });

  it('charges a card that was sent in time', async () => {
    const { clock, provider, ...world } = makeWorld();
    const { open, payments } = await startRun({ clock, provider, ...world });
    const { id, token } = await open();
    const answered = Promise.withResolvers<ProviderResult>();
    const asked = Promise.withResolvers<void>();
    provider.answer = () => {
      asked.resolve();
      return answered.promise;
    };
    void (await payments.find(token))?.submit(card());
    await asked.promise;
    clock.advance(31 * MINUTE_MS);
    answered.resolve(APPROVED);
    await payments.settled();
    expect(payments.live(id)?.state).toBe('approved');
  });
});

describe('a link over a restart', () => {
  it('still works, with the tries that are left, and its status still arrives', async () => {
    const world = makeWorld();
    const first = await startRun(world);
    const { id, token } = await first.open();
    const waiting = await first.open();
    world.provider.answer = () => Promise.resolve(DECLINED);
    await (await first.payments.find(token))?.submit(card());
    expect(first.payments.live(id)?.paymentView()).toMatchObject({
      state: 'capturing',
      link: { triesLeft: 1 },
    });
    await first.stop();

    const second = await startRun(world);
    world.sms?.tell('message-2', 'delivered');
    expect(second.payments.live(waiting.id)?.paymentView().link?.state).toBe('delivered');
    const link = await second.payments.find(token);
    expect(link?.view()).toMatchObject({ state: 'capturing', amount: '42.50', triesLeft: 1 });
    await link?.submit(card());
    expect(second.payments.live(id)?.paymentView()).toMatchObject({ state: 'declined' });
    expect(world.provider.charges).toBe(2);
    await second.stop();

    const third = await startRun(world);
    expect(third.payments.live(id)).toBeNull();
    expect((await third.payments.find(token))?.view()).toMatchObject({ state: 'declined' });
  });

  it('has expired when its time ran out meanwhile', async () => {
    const world = makeWorld();
    const first = await startRun(world);
    const { id, token } = await first.open();
    await first.stop();
    world.clock.advance(31 * MINUTE_MS);
    const second = await startRun(world);
    world.clock.advance(0);
    expect(await second.payments.find(token)).toBeNull();
    await second.payments.stored();
    expect(await second.real.payment(id)).toMatchObject({ state: 'expired' });
  });

  it('is the newest one that was made', async () => {
    const world = makeWorld();
    const first = await startRun(world);
    const { id, token } = await first.open();
    const { payUrl } = await first.payments.resend(first.payments.live(id)!, 'agent');
    await first.stop();
    const second = await startRun(world);
    expect(await second.payments.find(token)).toBeNull();
    expect(await second.payments.find(tokenOf(payUrl ?? ''))).not.toBeNull();
  });

  it('is canceled when its profile is gone', async () => {
    const world = makeWorld();
    const first = await startRun(world);
    const { id, token } = await first.open();
    await first.stop();
    const second = await startRun(world, []);
    for (let state = ''; state !== 'canceled';) state = (await second.real.payment(id))?.state ?? '';
    expect(await second.payments.find(token)).toBeNull();
  });

  it('is not known to the database', async () => {
    const world = makeWorld();
    const first = await startRun(world);
    const { token } = await first.open();
    await first.stop();
    expect(readFileSync(world.path).includes(token)).toBe(false);
  });
});

describe('a link while the journal has trouble', () => {
  it('is found under its key when the answer to its commit was lost', async () => {
    const world = makeWorld();
    const { open, journal, payments } = await startRun(world);
    journal.faults.createPayment.push('lost-after');
    const { id } = await open({}, 'order-1');
    expect(payments.live(id)?.state).toBe('connecting');
    expect((await open({}, 'order-1')).id).toBe(id);
  });

  it('is not made when it cannot be stored', async () => {
    const world = makeWorld();
    const { open, journal } = await startRun(world);
    journal.faults.createPayment.push('away');
    await expect(open()).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    expect(world.sms?.sent).toEqual([]);
  });
});
