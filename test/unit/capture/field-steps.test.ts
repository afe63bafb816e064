import { describe, expect, it } from 'vitest';
import { fieldForKeys, progressOf } from '../../../src/capture/capture-state.ts';
import {
  announced,
  CARD,
  CLOSED,
  effectsOf,
  finished,
  key,
  OPENED,
  request,
  run,
  TO_READY,
} from './capture-script.ts';
import { complete, mayBeComplete, partial, rejected } from './verdicts.ts';

describe('transition when a field is rejected', () => {
  const INVALID = key('payment-card-number', rejected(16, 'invalid-card-number'));

  it('wipes it, counts the attempt and asks for it again', () => {
    expect(effectsOf([OPENED, INVALID])).toEqual([
      {
        type: 'announce',
        announcement: {
          type: 'field-progress',
          field: 'payment-card-number',
          length: 16,
          masked: '****************',
        },
      },
      { type: 'wipe-field', field: 'payment-card-number' },
      {
        type: 'announce',
        announcement: {
          type: 'field-rejected',
          field: 'payment-card-number',
          reason: 'invalid-card-number',
          attemptsLeft: 1,
        },
      },
      { type: 'start-timer', timer: 'first-digit', delayMs: 60_000 },
    ]);
    expect(progressOf(run([OPENED, INVALID]), 'payment-card-number')).toMatchObject({
      status: 'requested',
      length: 0,
      reason: 'invalid-card-number',
    });
  });

  it('stops at the last attempt, without failing the payment', () => {
    const events = [OPENED, INVALID, INVALID];
    expect(run(events)).toMatchObject({ payment: 'capturing', field: null, timer: null });
    expect(effectsOf(events).slice(1)).toEqual([
      { type: 'wipe-field', field: 'payment-card-number' },
      {
        type: 'announce',
        announcement: {
          type: 'field-rejected',
          field: 'payment-card-number',
          reason: 'invalid-card-number',
          attemptsLeft: 0,
        },
      },
      { type: 'stop-timers', timers: 'field' },
      { type: 'set-sensitivity', sensitivity: 'normal' },
      {
        type: 'announce',
        announcement: {
          type: 'payment-state',
          state: 'capturing',
          required: ['payment-card-number', 'expiration-date', 'security-code'],
          field: null,
        },
      },
    ]);
  });

  it('takes no key then, until the agent asks for the field with a fresh set of attempts', () => {
    const stopped = [OPENED, INVALID, INVALID];
    expect(fieldForKeys(run(stopped))).toBeNull();
    const state = run([...stopped, request('payment-card-number')]);
    expect(state.field).toBe('payment-card-number');
    expect(progressOf(state, 'payment-card-number')).toMatchObject({
      status: 'requested',
      reason: null,
      attemptsLeft: 2,
    });
  });

  it('passes over a field without attempts when another completes', () => {
    const stopped = [OPENED, INVALID, INVALID];
    const onward = [...stopped, request('security-code'), key('security-code', complete(3))];
    expect(run(onward).field).toBe('expiration-date');
    const done = run([...onward, key('expiration-date', complete(4))]);
    expect(done).toMatchObject({ payment: 'capturing', field: null });
  });

  it('rejects by "#" as well', () => {
    const state = run([
      OPENED,
      key('payment-card-number', partial(4)),
      finished('payment-card-number', rejected(4, 'invalid-card-number')),
    ]);
    expect(progressOf(state, 'payment-card-number')).toMatchObject({
      attemptsLeft: 1,
      reason: 'invalid-card-number',
    });
  });
});

describe('transition when the agent asks for a field', () => {
  it('wipes it and the one in progress, and takes their asterisks away', () => {
    const events = [OPENED, key('payment-card-number', partial(5)), request('expiration-date')];
    expect(effectsOf(events)).toEqual([
      { type: 'wipe-field', field: 'payment-card-number' },
      {
        type: 'announce',
        announcement: { type: 'field-progress', field: 'payment-card-number', length: 0, masked: '' },
      },
      { type: 'wipe-field', field: 'expiration-date' },
      { type: 'start-timer', timer: 'first-digit', delayMs: 60_000 },
      {
        type: 'announce',
        announcement: {
          type: 'payment-state',
          state: 'capturing',
          required: ['payment-card-number', 'expiration-date', 'security-code'],
          field: 'expiration-date',
        },
      },
    ]);
    expect(progressOf(run(events), 'payment-card-number')).toMatchObject({ status: 'empty', length: 0 });
  });

  it('starts the field in progress again', () => {
    const events = [OPENED, key('payment-card-number', partial(5)), request('payment-card-number')];
    expect(effectsOf(events)).toEqual([
      { type: 'wipe-field', field: 'payment-card-number' },
      {
        type: 'announce',
        announcement: { type: 'field-progress', field: 'payment-card-number', length: 0, masked: '' },
      },
      { type: 'start-timer', timer: 'first-digit', delayMs: 60_000 },
    ]);
  });

  it('leaves ready, and is ready again when the field is complete', () => {
    const again = [...TO_READY, request('expiration-date')];
    expect(run(again)).toMatchObject({ payment: 'capturing', field: 'expiration-date' });
    expect(announced(effectsOf(again)).at(-1)).toEqual({
      type: 'payment-state',
      state: 'capturing',
      required: ['expiration-date'],
      field: 'expiration-date',
    });
    expect(run([...again, key('expiration-date', complete(4))]).payment).toBe('ready');
  });

  it('waits without a timer while the caller cannot be heard', () => {
    const events = [...TO_READY, CLOSED, request('security-code')];
    expect(run(events)).toMatchObject({ payment: 'capturing', field: 'security-code', timer: null });
    expect(effectsOf(events)).toContainEqual({ type: 'stop-timers', timers: 'field' });
  });
});

describe('transition when the security code was keyed before the card number', () => {
  const CODE_FIRST = [OPENED, request('security-code'), key('security-code', complete(3))];
  const AMEX = complete(15, { masked: '***********0005', brand: 'amex', refutesSecurityCode: true });

  it('keeps a code that fits the card', () => {
    const state = run([...CODE_FIRST, key('payment-card-number', CARD)]);
    expect(state.field).toBe('expiration-date');
    expect(progressOf(state, 'security-code').status).toBe('complete');
  });

  it('takes back a code that does not fit, and asks for it in its turn', () => {
    const events = [...CODE_FIRST, key('payment-card-number', AMEX)];
    expect(effectsOf(events).slice(1, 4)).toEqual([
      {
        type: 'announce',
        announcement: {
          type: 'field-complete',
          field: 'payment-card-number',
          masked: '***********0005',
          brand: 'amex',
        },
      },
      { type: 'wipe-field', field: 'security-code' },
      {
        type: 'announce',
        announcement: {
          type: 'field-rejected',
          field: 'security-code',
          reason: 'invalid-security-code',
          attemptsLeft: 1,
        },
      },
    ]);
    expect(run([...events, key('expiration-date', complete(4))]).field).toBe('security-code');
  });

  it('is not ready with a code that does not fit', () => {
    const state = run([...TO_READY, request('payment-card-number'), key('payment-card-number', AMEX)]);
    expect(state).toMatchObject({ payment: 'capturing', field: 'security-code' });
  });

  it('takes nothing back when no code is held', () => {
    const state = run([OPENED, key('payment-card-number', AMEX)]);
    expect(progressOf(state, 'security-code')).toMatchObject({ status: 'empty', attemptsLeft: 2 });
  });
});

describe('transition when the agent gives more time', () => {
  const MORE_TIME = { type: 'more-time-requested' } as const;

  it('times the first key from the start again', () => {
    expect(effectsOf([OPENED, MORE_TIME])).toEqual([
      { type: 'start-timer', timer: 'first-digit', delayMs: 60_000 },
    ]);
  });

  it('times the next key from the start again, and keeps what was keyed', () => {
    const events = [OPENED, key('payment-card-number', partial(3)), MORE_TIME];
    expect(effectsOf(events)).toEqual([{ type: 'start-timer', timer: 'inter-digit', delayMs: 20_000 }]);
    expect(progressOf(run(events), 'payment-card-number').length).toBe(3);
  });

  it('waits for another key of a number that could be complete', () => {
    const events = [OPENED, key('payment-card-number', mayBeComplete(16)), MORE_TIME];
    expect(effectsOf(events)).toEqual([{ type: 'start-timer', timer: 'inter-digit', delayMs: 20_000 }]);
    expect(run(events).timer).toBe('inter-digit');
  });

  it('times nothing while the caller cannot be heard', () => {
    expect(effectsOf([OPENED, CLOSED, MORE_TIME])).toEqual([{ type: 'ignored', cause: 'no-timer' }]);
  });
});
