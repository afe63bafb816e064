import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { GuidedPayment } from '../../../src/call/guided-payment.ts';
import type { PaymentProfile } from '../../../src/core/payment-profile.ts';
import type { AgentEvent } from '../../../src/events/agent-event.ts';
import type { OutcomeRecord, PaymentRecord } from '../../../src/journal/journal.ts';
import type { CardVault } from '../../../src/vault/card-vault.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordingMeter } from '../../support/recording-meter.ts';

const PROFILE: PaymentProfile = {
  id: 'card',
  name: 'Card',
  method: 'guided',
  operation: 'charge',
  currency: 'GBP',
  fields: ['payment-card-number', 'expiration-date', 'security-code'],
  brands: ['visa', 'mastercard', 'amex'],
  firstDigitTimeoutSeconds: 60,
  interDigitTimeoutSeconds: 20,
  maxAttempts: 3,
  minPostalCodeLength: 1,
  provider: { kind: 'simulator' },
};

const RECORD: PaymentRecord = {
  id: 'pay_a',
  callId: 'call_a',
  apiKeyName: 'test',
  clientKey: null,
  clientHash: '',
  profileId: 'card',
  operation: 'charge',
  provider: 'simulator',
  payee: null,
  interactionType: null,
  amountMinor: 4250,
  currency: 'GBP',
  reference: null,
  description: null,
  state: 'connecting',
  outcome: null,
  createdAt: '2026-11-02T12:00:00.000Z',
  updatedAt: '2026-11-02T12:00:00.000Z',
};

const APPROVED: OutcomeRecord = {
  outcome: 'approved',
  providerReference: 'ch_1',
  brand: 'mastercard',
  last4: '4444',
  declineCode: null,
  message: 'Approved.',
};

function setUp() {
  const clock = new FakeClock();
  const events: AgentEvent[] = [];
  const sensitivities: string[] = [];
  const charges: { readonly digits: string; readonly finish: (outcome: OutcomeRecord) => void }[] = [];
  const ended: string[] = [];
  const payment = new GuidedPayment(RECORD, PROFILE, {
    clock,
    meter: new RecordingMeter(),
    publish: (event) => events.push(event),
    setSensitivity: (sensitivity) => sensitivities.push(sensitivity),
    execute: (card: CardVault) => {
      const bytes = new Uint8Array(19);
      const end = card.writeInto(bytes, 0, 'payment-card-number');
      const { promise, resolve } = Promise.withResolvers<OutcomeRecord>();
      charges.push({ digits: Buffer.from(bytes.subarray(0, end)).toString('latin1'), finish: resolve });
      return promise;
    },
    onEnd: (one) => ended.push(one.state),
  });
  const press = (keys: string): string[] => keys.split('').map((key) => payment.key(key.charCodeAt(0)));
  return { clock, payment, events, sensitivities, charges, ended, press };
}

function setUpReady() {
  const all = setUp();
  all.payment.mediaOpened();
  all.press('5555555555554444');
  all.press('1229');
  all.press('123');
  return all;
}

describe('GuidedPayment', () => {
  it('drops keys until the caller can be heard', () => {
    const { payment, press } = setUp();
    expect(press('5')).toEqual(['no-field']);
    payment.mediaOpened();
    expect(press('5')).toEqual(['taken']);
  });

  it('walks through the fields of the profile and listens eagerly meanwhile', () => {
    const { payment, sensitivities, events } = setUpReady();
    expect(payment.state).toBe('ready');
    expect(payment.required).toEqual([]);
    expect(sensitivities).toEqual(['capture', 'normal']);
    expect(events.filter((event) => event.type === 'field-complete')).toEqual([
      {
        type: 'field-complete',
        field: 'payment-card-number',
        masked: '************4444',
        brand: 'mastercard',
      },
      { type: 'field-complete', field: 'expiration-date', masked: '****', brand: null },
      { type: 'field-complete', field: 'security-code', masked: '***', brand: null },
    ]);
  });

  it('empties the field when the caller presses the star key', () => {
    const { payment, press } = setUp();
    payment.mediaOpened();
    press('41*55');
    expect(payment.fields[0]).toMatchObject({ length: 2, masked: '**' });
  });

  it('ignores letters of a keypad', () => {
    const { payment, press } = setUp();
    payment.mediaOpened();
    expect(press('A')).toEqual(['not-numeral']);
  });

  it('charges once, however often it is asked, and gives the same answer', async () => {
    const { payment, charges, events } = setUpReady();
    const first = payment.process('agent');
    const second = payment.process('agent');
    expect(charges).toHaveLength(1);
    expect(charges[0]?.digits).toBe('5555555555554444');
    charges[0]?.finish(APPROVED);
    await Promise.all([first, second]);
    await payment.process('agent');
    expect(charges).toHaveLength(1);
    expect(payment.state).toBe('approved');
    expect(events.at(-1)).toEqual({
      type: 'payment-result',
      outcome: 'approved',
      reference: 'ch_1',
      brand: 'mastercard',
      last4: '4444',
      declineCode: null,
      message: 'Approved.',
    });
  });

  it('lets the agent go after 15 seconds while the charge goes on', async () => {
    const { clock, payment, charges, ended } = setUpReady();
    const waiting = payment.process('agent');
    clock.advance(14_999);
    expect(charges).toHaveLength(1);
    clock.advance(1);
    await waiting;
    expect(payment.state).toBe('processing');
    charges[0]?.finish(APPROVED);
    await payment.settled();
    expect(ended).toEqual(['approved']);
  });

  it('names the missing fields when it is not ready', async () => {
    const { payment, press } = setUp();
    payment.mediaOpened();
    press('5555555555554444');
    await expect(payment.process('agent')).rejects.toMatchObject({
      code: 'PAYMENT_NOT_READY',
      facts: { missing: ['expiration-date', 'security-code'] },
    });
  });

  it('refuses to cancel once the charge may have left', async () => {
    const { payment, charges } = setUpReady();
    const processing = payment.process('agent');
    expect(() => payment.cancel()).toThrowError(expect.objectContaining({ code: 'PAYMENT_PROCESSING' }));
    payment.callEnded();
    expect(payment.state).toBe('processing');
    charges[0]?.finish(APPROVED);
    await processing;
    expect(payment.state).toBe('approved');
  });

  it('cancels and forgets the digits when the call ends at digit 15', () => {
    const { payment, press, ended } = setUp();
    payment.mediaOpened();
    press('555555555555444');
    payment.callEnded();
    expect(payment.state).toBe('canceled');
    expect(ended).toEqual(['canceled']);
    expect(payment.fields.map((field) => field.masked)).toEqual(['', '', '']);
    expect(press('4')).toEqual(['no-field']);
  });

  it('takes a field again when the agent asks for it, also when all were complete', () => {
    const { payment, press } = setUpReady();
    payment.capture('security-code');
    expect(payment.state).toBe('capturing');
    expect(payment.field).toBe('security-code');
    press('456');
    expect(payment.state).toBe('ready');
  });

  it('refuses a field that the profile does not have', () => {
    const { payment } = setUpReady();
    expect(() => payment.capture('postal-code')).toThrowError(
      expect.objectContaining({ code: 'FIELD_NOT_IN_PROFILE' }),
    );
  });

  it('rejects a field that nobody keys and asks for it again', () => {
    const { clock, payment, events } = setUp();
    payment.mediaOpened();
    clock.advance(60_000);
    expect(events).toContainEqual({
      type: 'field-rejected',
      field: 'payment-card-number',
      reason: 'input-timeout',
      attemptsLeft: 2,
    });
    expect(payment.field).toBe('payment-card-number');
  });

  it('expires after half an hour', () => {
    const { clock, payment } = setUpReady();
    clock.advance(30 * 60_000);
    expect(payment.state).toBe('expired');
  });

  it('shows no digit to whoever inspects it', () => {
    const { payment } = setUpReady();
    const shown = inspect(payment, { depth: 10, showHidden: true }) + JSON.stringify(payment);
    expect(shown).not.toContain('555555555555');
    expect(shown).not.toContain('53, 53, 53');
  });
});

describe('the time for the next key', () => {
  it('runs while a field waits, and starts over when the agent gives more', () => {
    const { clock, payment, press } = setUp();
    expect(payment.fieldTimer).toBeNull();
    payment.mediaOpened();
    clock.advance(40_000);
    expect(payment.fieldTimer).toEqual({ remainingMs: 20_000, durationMs: 60_000 });
    payment.giveMoreTime();
    clock.advance(59_999);
    expect(payment.fields[0]).toMatchObject({ state: 'requested', attemptsLeft: 3 });

    press('55');
    clock.advance(15_000);
    expect(payment.fieldTimer).toEqual({ remainingMs: 5000, durationMs: 20_000 });
    payment.giveMoreTime();
    clock.advance(19_999);
    expect(payment.fields[0]).toMatchObject({ state: 'collecting', length: 2, attemptsLeft: 3 });
    clock.advance(1);
    expect(payment.fields[0]).toMatchObject({ state: 'requested', length: 0, attemptsLeft: 2 });
  });

  it('cannot be given when none runs', () => {
    const { payment } = setUp();
    expect(() => payment.giveMoreTime()).toThrow(expect.objectContaining({ code: 'TIMER_NOT_RUNNING' }));
    payment.mediaOpened();
    payment.mediaClosed();
    expect(payment.fieldTimer).toBeNull();
    expect(() => payment.giveMoreTime()).toThrow(expect.objectContaining({ code: 'TIMER_NOT_RUNNING' }));
    payment.cancel();
    expect(() => payment.giveMoreTime()).toThrow(expect.objectContaining({ code: 'PAYMENT_ENDED' }));
  });
});
