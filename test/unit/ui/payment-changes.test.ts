import { describe, expect, it } from 'vitest';
import { EventParser } from '../../../src/ui/public/secure-payments/event-parser.ts';
import { expiryOf } from '../../../src/ui/public/secure-payments/panel-api.ts';
import {
  fieldOf,
  hasEnded,
  isOpen,
  withEvent,
} from '../../../src/ui/public/secure-payments/payment-changes.ts';
import type { Payment } from '../../../src/ui/public/secure-payments/types.ts';
import { STAGED_PAYMENT } from '../../support/browser/staged-payment.ts';

const after = (name: string, data: object, payment: Payment = STAGED_PAYMENT): Payment =>
  withEvent(payment, { id: '', name, data: data as Record<string, unknown> });

describe('a payment on the panel', () => {
  const field = 'payment-card-number';

  it('follows its fields', () => {
    const keyed = after('field-progress', { field, length: 3, masked: '***' });
    expect(fieldOf(keyed, field)).toMatchObject({ state: 'collecting', length: 3, masked: '***' });
    const cleared = after('field-progress', { field, length: 0, masked: '' }, keyed);
    expect(fieldOf(cleared, field)).toMatchObject({ state: 'requested', length: 0, masked: '' });
    const masked = '************4444';
    const complete = after('field-complete', { field, masked, brand: 'mastercard' }, keyed);
    expect(fieldOf(complete, field)).toMatchObject({ state: 'complete', masked, brand: 'mastercard' });
    const refused = after('field-rejected', { field, reason: 'input-timeout', attemptsLeft: 1 }, keyed);
    expect(fieldOf(refused, field)).toMatchObject({
      state: 'rejected',
      length: 0,
      masked: '',
      attemptsLeft: 1,
    });
    expect(fieldOf(refused, 'security-code')).toBe(fieldOf(STAGED_PAYMENT, 'security-code'));
  });

  it('follows state, link and result', () => {
    const ready = after('payment-state', { state: 'ready', required: [], field: null });
    expect(ready).toMatchObject({ state: 'ready', required: [], field: null });
    expect(after('link-state', { state: 'opened' }).linkState).toBe('opened');
    const settled = after('payment-result', { outcome: 'approved', reference: 'ch_1' }, ready);
    expect(settled).toMatchObject({ state: 'approved', result: { reference: 'ch_1' } });
  });

  it('does not change by an event that is not known', () => {
    expect(after('something-new', {})).toBe(STAGED_PAYMENT);
  });

  it('is open until it is processed, and has ended after that, also with an unknown outcome', () => {
    const inState = (state: Payment['state']): boolean[] => {
      const payment = { ...STAGED_PAYMENT, state };
      return [isOpen(payment), hasEnded(payment)];
    };
    expect(inState('connecting')).toEqual([true, false]);
    expect(inState('processing')).toEqual([false, false]);
    expect(inState('unknown')).toEqual([false, true]);
    expect(inState('canceled')).toEqual([false, true]);
  });
});

describe('EventParser', () => {
  const stream =
    'retry: 2000\n\nid: p.1\nevent: a\ndata: {"n":1}\n\n: alive\n\nid: p.2\nevent: b\ndata: {"n":2}\n\n';
  const events = [
    { id: 'p.1', name: 'a', data: { n: 1 } },
    { id: 'p.2', name: 'b', data: { n: 2 } },
  ];

  it('gives the same events wherever the text is cut', () => {
    for (let at = 0; at <= stream.length; at += 1) {
      const parser = new EventParser();
      expect([...parser.take(stream.slice(0, at)), ...parser.take(stream.slice(at))]).toEqual(events);
    }
  });

  it('keeps an event back until its end has come', () => {
    const parser = new EventParser();
    expect(parser.take('id: p.1\nevent: a\ndata: {"n":1}\n')).toEqual([]);
    expect(parser.take('\n')).toEqual(events.slice(0, 1));
  });
});

describe('expiryOf', () => {
  it('reads the end of a token', () => {
    // {"exp":1795428000} in base64url.
    expect(expiryOf('h.eyJleHAiOjE3OTU0MjgwMDB9.s')).toBe(1_795_428_000_000);
  });

  it.each(['', 'a.b.c', 'h..s', 'h.e30.s'])('is null for what is none: %s', (token) => {
    expect(expiryOf(token)).toBeNull();
  });
});
