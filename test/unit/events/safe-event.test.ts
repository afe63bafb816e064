import { describe, expect, it } from 'vitest';
import type { AgentEvent } from '../../../src/events/agent-event.ts';
import { makeSafe } from '../../../src/events/safe-event.ts';

const RESULT: Extract<AgentEvent, { type: 'payment-result' }> = {
  type: 'payment-result',
  outcome: 'approved',
  reference: 'ch_1',
  brand: 'visa',
  last4: '1111',
  declineCode: null,
  message: 'Approved, code 123456.',
};

const HARMLESS: AgentEvent[] = [
  { type: 'payment-state', state: 'capturing', required: ['security-code'], field: 'security-code' },
  { type: 'field-progress', field: 'payment-card-number', length: 3, masked: '***' },
  { type: 'field-progress', field: 'payment-card-number', length: 0, masked: '' },
  { type: 'field-complete', field: 'payment-card-number', masked: '************1111', brand: 'visa' },
  { type: 'field-complete', field: 'security-code', masked: '***', brand: null },
  { type: 'field-complete', field: 'bank-account-number', masked: '****6789', brand: null },
  { type: 'field-rejected', field: 'expiration-date', reason: 'invalid-date', attemptsLeft: 2 },
  { type: 'masking-alarm', cause: 'output-check' },
  RESULT,
];

describe('makeSafe', () => {
  it.each(HARMLESS)('leaves a right event as it is: $type', (event) => {
    expect(makeSafe(event)).toEqual({ event, blocked: 0 });
  });

  it('drops everything that is not part of the event', () => {
    const event = { type: 'masking-alarm', cause: 'error', digits: '4111' } as AgentEvent;
    expect(makeSafe(event).event).toEqual({ type: 'masking-alarm', cause: 'error' });
  });

  it('makes asterisks from the count when progress holds anything else', () => {
    const event: AgentEvent = { type: 'field-progress', field: 'security-code', length: 3, masked: '927' };
    expect(makeSafe(event)).toEqual({ event: { ...event, masked: '***' }, blocked: 1 });
  });

  it.each([
    ['a security code', '927', '***'],
    ['a security code of four', '9271', '****'],
    ['four digits behind too few asterisks', '***9271', '*******'],
    ['five digits', '***********41111', '****************'],
    ['digits in front', '4111********1111', '****************'],
    ['no asterisk at all', '4111111111111111', '****************'],
  ])('blots out the masked text of a complete field that shows %s', (_what, masked, expected) => {
    const event: AgentEvent = { type: 'field-complete', field: 'payment-card-number', masked, brand: null };
    expect(makeSafe(event)).toEqual({ event: { ...event, masked: expected }, blocked: 1 });
  });

  it('blots out card numbers in the free text of a result, and keeps the outcome', () => {
    const event = {
      ...RESULT,
      reference: '4111111111111111',
      message: 'Card 4111 1111 1111 1111 was charged.',
    };
    expect(makeSafe(event)).toEqual({
      event: { ...RESULT, reference: '****************', message: 'Card **** **** **** **** was charged.' },
      blocked: 2,
    });
  });

  it('shows no last four that is not four digits', () => {
    expect(makeSafe({ ...RESULT, last4: '11111' })).toEqual({
      event: { ...RESULT, last4: null },
      blocked: 1,
    });
  });
});
