import { describe, expect, it } from 'vitest';
import type { CaptureEvent } from '../../../src/capture/capture-event.ts';
import { transition } from '../../../src/capture/capture-transition.ts';
import type { PaymentState } from '../../../src/core/payment-state.ts';
import { PAYMENT_STATES } from '../../../src/core/payment-state.ts';
import {
  CARD,
  CLEAR,
  CLOSED,
  finished,
  key,
  OPENED,
  PATHS,
  PROCESS,
  request,
  run,
} from './capture-script.ts';
import { partial } from './verdicts.ts';

describe('transition table', () => {
  /** Goal: every event in every state. Method: the next state, or the cause for which the event is ignored. */
  const ROWS: readonly [CaptureEvent, Partial<Record<PaymentState, string>>, string][] = [
    [OPENED, { connecting: 'capturing', capturing: '-media-open', ready: '-media-open' }, '-ended'],
    [CLOSED, { connecting: '-media-closed', capturing: 'capturing', ready: 'ready' }, '-ended'],
    [
      request('security-code'),
      { connecting: 'connecting', capturing: 'capturing', ready: 'capturing' },
      '-ended',
    ],
    [
      request('postal-code'),
      {
        connecting: '-field-not-in-plan',
        capturing: '-field-not-in-plan',
        ready: '-field-not-in-plan',
      },
      '-ended',
    ],
    [
      key('payment-card-number', partial(2)),
      { connecting: '-no-field', capturing: 'capturing', ready: '-no-field' },
      '-ended',
    ],
    [CLEAR, { connecting: '-no-field', capturing: 'capturing', ready: '-no-field' }, '-ended'],
    [
      finished('payment-card-number', CARD),
      { connecting: '-no-field', capturing: 'capturing', ready: '-no-field' },
      '-ended',
    ],
    [
      { type: 'timer-fired', timer: 'inter-digit' },
      { connecting: '-stale-timer', capturing: 'capturing', ready: '-stale-timer' },
      '-ended',
    ],
    [
      { type: 'timer-fired', timer: 'expiry' },
      { connecting: 'expired', capturing: 'expired', ready: 'expired' },
      '-ended',
    ],
    [
      { type: 'more-time-requested' },
      { connecting: '-no-timer', capturing: 'capturing', ready: '-no-timer' },
      '-ended',
    ],
    [PROCESS, { connecting: '-not-ready', capturing: '-not-ready', ready: 'processing' }, '-ended'],
    [
      { type: 'outcome-known', outcome: 'approved' },
      {
        connecting: '-not-processing',
        capturing: '-not-processing',
        ready: '-not-processing',
        processing: 'approved',
        unknown: 'approved',
      },
      '-ended',
    ],
    [
      { type: 'outcome-known', outcome: 'unknown' },
      {
        connecting: '-not-processing',
        capturing: '-not-processing',
        ready: '-not-processing',
        processing: 'unknown',
      },
      '-ended',
    ],
    [
      { type: 'cancel-requested' },
      { connecting: 'canceled', capturing: 'canceled', ready: 'canceled' },
      '-ended',
    ],
    [{ type: 'call-ended' }, { connecting: 'canceled', capturing: 'canceled', ready: 'canceled' }, '-ended'],
  ];
  const CELLS = ROWS.flatMap(([event, cells, otherwise]) =>
    PAYMENT_STATES.map((state): [PaymentState, CaptureEvent, string] => [
      state,
      event,
      cells[state] ?? (state === 'processing' ? '-processing' : otherwise),
    ]),
  );

  it('covers every kind of event in every state', () => {
    const kinds = new Set(CELLS.map(([, event]) => event.type));
    expect([...kinds].toSorted()).toEqual([
      'call-ended',
      'cancel-requested',
      'capture-requested',
      'clear-pressed',
      'field-finished',
      'key-entered',
      'media-closed',
      'media-opened',
      'more-time-requested',
      'outcome-known',
      'process-requested',
      'timer-fired',
    ]);
    expect(CELLS.length).toBe(ROWS.length * 10);
  });

  it.each(CELLS)('leads in %s with %o to %s', (from, event, expected) => {
    const before = run(PATHS[from]);
    expect(before.payment).toBe(from);
    const { state, effects } = transition(before, event);
    const ignored = effects.flatMap((effect) => (effect.type === 'ignored' ? [`-${effect.cause}`] : []));
    const isIgnored = expected.startsWith('-');
    expect([state.payment, ...ignored]).toEqual(isIgnored ? [from, expected] : [expected]);
    expect(state === before && effects.length === 1).toBe(isIgnored);
  });
});
