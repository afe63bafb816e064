import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../../src/core/assert.ts';
import type { CapturePlan } from '../../../src/capture/capture-plan.ts';
import {
  connectingState,
  fieldForKeys,
  progressOf,
  requiredFields,
  sensitivityOf,
  withField,
} from '../../../src/capture/capture-state.ts';

const PLAN: CapturePlan = {
  fields: ['payment-card-number', 'expiration-date'],
  firstDigitTimeoutMs: 60_000,
  interDigitTimeoutMs: 20_000,
  onRequest: false,
  maxAttempts: 3,
};

describe('CaptureState', () => {
  it('starts with every field missing and all attempts left', () => {
    const state = connectingState(PLAN);
    expect(state).toMatchObject({ payment: 'connecting', isMediaOpen: false, field: null, timer: null });
    expect(state.fields).toEqual([
      {
        field: 'payment-card-number',
        status: 'empty',
        length: 0,
        brand: null,
        reason: null,
        attemptsLeft: 3,
      },
      { field: 'expiration-date', status: 'empty', length: 0, brand: null, reason: null, attemptsLeft: 3 },
    ]);
    expect(requiredFields(state)).toEqual(['payment-card-number', 'expiration-date']);
  });

  it('cannot be made of a plan without fields', () => {
    expect(() => connectingState({ ...PLAN, fields: [] })).toThrow(AssertionError);
  });

  it('takes keys for the field being captured while the caller can be heard', () => {
    const state = { ...connectingState(PLAN), field: 'expiration-date' as const };
    expect(fieldForKeys(state)).toBeNull();
    expect(fieldForKeys({ ...state, isMediaOpen: true })).toBe('expiration-date');
    expect(fieldForKeys({ ...state, isMediaOpen: true, field: null })).toBeNull();
  });

  it('asks for more eager listening while there is a field to capture', () => {
    const state = connectingState(PLAN);
    expect(sensitivityOf(state)).toBe('normal');
    expect(sensitivityOf({ ...state, field: 'expiration-date' })).toBe('capture');
  });

  it('misses the fields that are not complete, and none when the payment has ended', () => {
    const state = withField(connectingState(PLAN), 'payment-card-number', { status: 'complete' });
    expect(requiredFields(state)).toEqual(['expiration-date']);
    expect(requiredFields({ ...state, payment: 'canceled' })).toEqual([]);
  });

  it('knows the fields of its plan only', () => {
    const state = connectingState(PLAN);
    expect(progressOf(state, 'expiration-date').field).toBe('expiration-date');
    expect(() => progressOf(state, 'postal-code')).toThrow(AssertionError);
  });
});
