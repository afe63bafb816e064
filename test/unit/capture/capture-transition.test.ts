import { describe, expect, it } from 'vitest';
import type { CaptureEvent } from '../../../src/capture/capture-event.ts';
import { fieldForKeys, progressOf, requiredFields } from '../../../src/capture/capture-state.ts';
import { openCapture, transition } from '../../../src/capture/capture-transition.ts';
import type { AgentEvent } from '../../../src/events/agent-event.ts';
import {
  announced,
  CARD,
  CLEAR,
  CLOSED,
  effectsOf,
  finished,
  FIRST_DIGIT_TIMEOUT,
  key,
  OPENED,
  PLAN,
  PROCESS,
  request,
  run,
  TO_READY,
} from './capture-script.ts';
import { complete, full, mayBeComplete, partial } from './verdicts.ts';

describe('openCapture', () => {
  it('waits for the caller, for half an hour at most', () => {
    const { state, effects } = openCapture(PLAN);
    expect(state.payment).toBe('connecting');
    expect(effects).toEqual([
      { type: 'start-timer', timer: 'expiry', delayMs: 1_800_000 },
      {
        type: 'announce',
        announcement: {
          type: 'payment-state',
          state: 'connecting',
          required: ['payment-card-number', 'expiration-date', 'security-code'],
          field: null,
        },
      },
    ]);
  });
});

describe('transition when the caller is heard', () => {
  it('asks for the first field of the plan by itself', () => {
    expect(effectsOf([OPENED])).toEqual([
      { type: 'start-timer', timer: 'first-digit', delayMs: 60_000 },
      { type: 'set-sensitivity', sensitivity: 'capture' },
      {
        type: 'announce',
        announcement: {
          type: 'payment-state',
          state: 'capturing',
          required: ['payment-card-number', 'expiration-date', 'security-code'],
          field: 'payment-card-number',
        },
      },
    ]);
  });

  it('asks for the field that the agent chose meanwhile', () => {
    const state = run([request('expiration-date'), OPENED]);
    expect(state).toMatchObject({ payment: 'capturing', field: 'expiration-date', timer: 'first-digit' });
    expect(fieldForKeys(run([request('expiration-date')]))).toBeNull();
  });

  it('announces one asterisk per key and waits for the next', () => {
    expect(effectsOf([OPENED, key('payment-card-number', partial(3))])).toEqual([
      {
        type: 'announce',
        announcement: { type: 'field-progress', field: 'payment-card-number', length: 3, masked: '***' },
      },
      { type: 'start-timer', timer: 'inter-digit', delayMs: 20_000 },
    ]);
    expect(progressOf(run([OPENED, key('payment-card-number', partial(3))]), 'payment-card-number')).toEqual({
      field: 'payment-card-number',
      status: 'collecting',
      length: 3,
      brand: null,
      reason: null,
      attemptsLeft: 2,
    });
  });

  it('goes on to the next field when one completes', () => {
    const events = [OPENED, key('payment-card-number', CARD)];
    expect(effectsOf(events)).toEqual([
      {
        type: 'announce',
        announcement: {
          type: 'field-progress',
          field: 'payment-card-number',
          length: 16,
          masked: '****************',
        },
      },
      {
        type: 'announce',
        announcement: {
          type: 'field-complete',
          field: 'payment-card-number',
          masked: '************1111',
          brand: 'visa',
        },
      },
      { type: 'start-timer', timer: 'first-digit', delayMs: 60_000 },
      {
        type: 'announce',
        announcement: {
          type: 'payment-state',
          state: 'capturing',
          required: ['expiration-date', 'security-code'],
          field: 'expiration-date',
        },
      },
    ]);
    expect(progressOf(run(events), 'payment-card-number')).toMatchObject({
      status: 'complete',
      length: 16,
      brand: 'visa',
    });
  });

  it('goes on to the first missing field after one that was keyed out of order', () => {
    const state = run([OPENED, request('security-code'), key('security-code', complete(3))]);
    expect(state.field).toBe('payment-card-number');
  });

  it('is ready when the last field completes', () => {
    const effects = effectsOf(TO_READY);
    expect(effects.slice(2)).toEqual([
      { type: 'stop-timers', timers: 'field' },
      { type: 'set-sensitivity', sensitivity: 'normal' },
      {
        type: 'announce',
        announcement: { type: 'payment-state', state: 'ready', required: [], field: null },
      },
    ]);
  });

  it('ignores a key that the vault dropped', () => {
    expect(effectsOf([OPENED, key('payment-card-number', full(16))])).toEqual([
      { type: 'ignored', cause: 'field-full' },
    ]);
  });

  it.each([
    ['key-entered', key('expiration-date', partial(1))],
    ['field-finished', finished('expiration-date', complete(4))],
  ] as const)('ignores %s of a field that is not being captured', (_, event) => {
    expect(effectsOf([OPENED, event])).toEqual([{ type: 'ignored', cause: 'no-field' }]);
  });
});

describe('transition when the caller edits', () => {
  it('empties the field on "*" and waits for its first digit', () => {
    const events = [OPENED, key('payment-card-number', partial(3)), CLEAR];
    expect(effectsOf(events)).toEqual([
      { type: 'wipe-field', field: 'payment-card-number' },
      {
        type: 'announce',
        announcement: { type: 'field-progress', field: 'payment-card-number', length: 0, masked: '' },
      },
      { type: 'start-timer', timer: 'first-digit', delayMs: 60_000 },
    ]);
    expect(progressOf(run(events), 'payment-card-number')).toMatchObject({
      status: 'requested',
      length: 0,
      attemptsLeft: 2,
    });
  });

  it('shows nothing new on "*" in an empty field', () => {
    expect(announced(effectsOf([OPENED, CLEAR]))).toEqual([]);
  });

  it('completes the field on "#"', () => {
    const state = run([
      OPENED,
      key('payment-card-number', partial(13)),
      finished('payment-card-number', CARD),
    ]);
    expect(state.field).toBe('expiration-date');
  });

  it('ignores "#" before the first digit, as pressed after a field that completed by itself', () => {
    expect(
      effectsOf([OPENED, key('payment-card-number', CARD), finished('expiration-date', partial(0))]),
    ).toEqual([{ type: 'ignored', cause: 'nothing-keyed' }]);
  });
});

describe('transition when time passes', () => {
  it('lets a number that may be complete settle for 1.5 s, and then asks the vault', () => {
    const settling = [OPENED, key('payment-card-number', mayBeComplete(16))];
    expect(effectsOf(settling)).toContainEqual({ type: 'start-timer', timer: 'settle', delayMs: 1500 });
    const fired: CaptureEvent = { type: 'timer-fired', timer: 'settle' };
    expect(effectsOf([...settling, fired])).toEqual([{ type: 'finish-field', field: 'payment-card-number' }]);
    expect(run([...settling, fired, finished('payment-card-number', CARD)]).field).toBe('expiration-date');
  });

  it('does not settle when another key came', () => {
    const fired: CaptureEvent = { type: 'timer-fired', timer: 'settle' };
    const events = [
      OPENED,
      key('payment-card-number', mayBeComplete(13)),
      key('payment-card-number', partial(14)),
      fired,
    ];
    expect(effectsOf(events)).toEqual([{ type: 'ignored', cause: 'stale-timer' }]);
  });

  it('asks the vault after the time between two digits', () => {
    expect(
      effectsOf([
        OPENED,
        key('payment-card-number', partial(3)),
        { type: 'timer-fired', timer: 'inter-digit' },
      ]),
    ).toEqual([{ type: 'finish-field', field: 'payment-card-number' }]);
  });

  it('rejects a field whose first digit does not come, and asks for it again', () => {
    expect(effectsOf([OPENED, FIRST_DIGIT_TIMEOUT])).toEqual([
      { type: 'wipe-field', field: 'payment-card-number' },
      {
        type: 'announce',
        announcement: {
          type: 'field-rejected',
          field: 'payment-card-number',
          reason: 'input-timeout',
          attemptsLeft: 1,
        },
      },
      { type: 'start-timer', timer: 'first-digit', delayMs: 60_000 },
    ]);
  });
});

describe("transition when the caller's leg is lost", () => {
  const LOST = [
    OPENED,
    key('payment-card-number', CARD),
    key('expiration-date', partial(2)),
    CLOSED,
  ] as const;

  it('wipes the field in progress, stops its timer and takes no key', () => {
    expect(effectsOf(LOST)).toEqual([
      { type: 'wipe-field', field: 'expiration-date' },
      {
        type: 'announce',
        announcement: { type: 'field-progress', field: 'expiration-date', length: 0, masked: '' },
      },
      { type: 'stop-timers', timers: 'field' },
    ]);
    expect(run(LOST)).toMatchObject({ payment: 'capturing', field: 'expiration-date', timer: null });
    expect(fieldForKeys(run(LOST))).toBeNull();
  });

  it('keeps complete fields and goes on with the one in progress on the next leg', () => {
    const state = run([...LOST, OPENED]);
    expect(state).toMatchObject({ payment: 'capturing', field: 'expiration-date', timer: 'first-digit' });
    expect(progressOf(state, 'payment-card-number').status).toBe('complete');
  });

  it('stays ready', () => {
    expect(run([...TO_READY, CLOSED]).payment).toBe('ready');
    expect(effectsOf([...TO_READY, CLOSED, OPENED])).toEqual([]);
    expect(run([...TO_READY, CLOSED, PROCESS]).payment).toBe('processing');
  });
});

describe('transition when the payment is processed', () => {
  it('stops every timer and begins', () => {
    expect(effectsOf([...TO_READY, PROCESS])).toEqual([
      { type: 'stop-timers', timers: 'all' },
      { type: 'begin-processing' },
      {
        type: 'announce',
        announcement: { type: 'payment-state', state: 'processing', required: [], field: null },
      },
    ]);
  });

  it.each(['approved', 'declined', 'failed', 'unknown'] as const)('wipes everything when %s', (outcome) => {
    const events: CaptureEvent[] = [...TO_READY, PROCESS, { type: 'outcome-known', outcome }];
    expect(effectsOf(events)).toEqual([
      { type: 'wipe-all' },
      { type: 'stop-timers', timers: 'all' },
      {
        type: 'announce',
        announcement: { type: 'payment-state', state: outcome, required: [], field: null },
      },
    ]);
    expect(run(events).fields.map(({ status, length }) => [status, length])).toEqual([
      ['empty', 0],
      ['empty', 0],
      ['empty', 0],
    ]);
  });

  it('wipes everything, stops listening and all timers when it is canceled while a field is captured', () => {
    const events: CaptureEvent[] = [
      OPENED,
      key('payment-card-number', partial(9)),
      { type: 'cancel-requested' },
    ];
    expect(effectsOf(events)).toEqual([
      { type: 'wipe-all' },
      { type: 'stop-timers', timers: 'all' },
      { type: 'set-sensitivity', sensitivity: 'normal' },
      {
        type: 'announce',
        announcement: { type: 'payment-state', state: 'canceled', required: [], field: null },
      },
    ]);
  });
});

describe('announcements', () => {
  it('are agent events as they stand', () => {
    const events: readonly AgentEvent[] = announced(
      TO_READY.flatMap((_, i) => effectsOf(TO_READY.slice(0, i + 1))),
    );
    expect(events.map(({ type }) => type)).toEqual([
      'payment-state',
      'field-progress',
      'field-complete',
      'payment-state',
      'field-progress',
      'field-complete',
      'payment-state',
      'field-progress',
      'field-complete',
      'payment-state',
    ]);
  });
});

describe('a plan whose fields start on request only', () => {
  const ON_REQUEST = { ...PLAN, onRequest: true };

  it('captures nothing until a field is asked for, and rests after it', () => {
    const opened = run([OPENED], ON_REQUEST);
    expect(opened).toMatchObject({ payment: 'capturing', field: null, timer: null });
    expect(transition(opened, key('payment-card-number', CARD)).effects).toEqual([
      { type: 'ignored', cause: 'no-field' },
    ]);

    const keyed = run([OPENED, request('expiration-date'), key('expiration-date', complete(4))], ON_REQUEST);
    expect(keyed).toMatchObject({ payment: 'capturing', field: null, timer: null });
    expect(requiredFields(keyed)).toEqual(['payment-card-number', 'security-code']);
  });

  it('rests after a rejection, and takes the field again when it is asked for again', () => {
    const rejected = run([OPENED, request('payment-card-number'), FIRST_DIGIT_TIMEOUT], ON_REQUEST);
    expect(rejected).toMatchObject({ payment: 'capturing', field: null });
    expect(transition(rejected, request('payment-card-number')).state.field).toBe('payment-card-number');
  });

  it('is ready when every field was asked for and is complete, in any order', () => {
    const events = (['security-code', 'expiration-date', 'payment-card-number'] as const).flatMap((field) => [
      request(field),
      key(field, complete(4)),
    ]);
    expect(run([OPENED, ...events], ON_REQUEST)).toMatchObject({ payment: 'ready', field: null });
  });

  it('notes a request that comes before the caller can be heard', () => {
    expect(run([request('security-code'), OPENED], ON_REQUEST).field).toBe('security-code');
  });
});

describe('a field that is keyed twice', () => {
  const TWICE = {
    ...PLAN,
    fields: ['security-code', 'security-code-matcher', 'payment-card-number'] as const,
    onRequest: true,
  };
  const BOTH = [
    OPENED,
    request('security-code'),
    key('security-code', complete(3)),
    request('security-code-matcher'),
    key('security-code-matcher', complete(3)),
  ];

  it('needs both entries', () => {
    expect(requiredFields(run(BOTH.slice(0, 3), TWICE))).toContain('security-code-matcher');
    expect(requiredFields(run(BOTH, TWICE))).toEqual(['payment-card-number']);
  });

  it('drops the second entry when the first is asked for again', () => {
    expect(requiredFields(run([...BOTH, request('security-code')], TWICE))).toEqual(TWICE.fields);
    expect(effectsOf([...BOTH, request('security-code')], TWICE)).toContainEqual({
      type: 'wipe-field',
      field: 'security-code-matcher',
    });
  });

  it('drops both when the card shows that the code is wrong', () => {
    const card = { ...CARD, refutesSecurityCode: true };
    const events = [...BOTH, request('payment-card-number'), key('payment-card-number', card)];
    expect(requiredFields(run(events, TWICE))).toEqual(['security-code', 'security-code-matcher']);
    expect(effectsOf(events, TWICE)).toContainEqual({ type: 'wipe-field', field: 'security-code-matcher' });
  });
});
