import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaptureEffect } from '../../src/capture/capture-effect.ts';
import type { CaptureEvent } from '../../src/capture/capture-event.ts';
import type { CaptureState, FieldProgress } from '../../src/capture/capture-state.ts';
import { progressOf, requiredFields } from '../../src/capture/capture-state.ts';
import { openCapture, transition } from '../../src/capture/capture-transition.ts';
import { CAPTURE_FIELDS, REJECTION_REASONS } from '../../src/core/capture-field.ts';
import { isEnded } from '../../src/core/payment-state.ts';

const field = fc.constantFrom(...CAPTURE_FIELDS.filter((each) => !each.startsWith('bank-')));
const verdict = fc.record({
  length: fc.integer({ min: 1, max: 19 }),
  masked: fc.constant('***'),
  status: fc.constantFrom('partial', 'may-be-complete', 'complete', 'complete', 'rejected', 'full'),
  brand: fc.constantFrom('visa' as const, null),
  reason: fc.option(fc.constantFrom(...REJECTION_REASONS)),
  refutesSecurityCode: fc.boolean(),
});
const event: fc.Arbitrary<CaptureEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<CaptureEvent>({ type: 'media-opened' }, { type: 'media-closed' }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('capture-requested'), field }) },
  { weight: 12, arbitrary: fc.record({ type: fc.constant('key-entered'), field, verdict }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('field-finished'), field, verdict }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('timer-fired'),
      timer: fc.constantFrom('first-digit', 'inter-digit', 'settle'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom<CaptureEvent>(
      { type: 'clear-pressed' },
      { type: 'process-requested' },
      { type: 'more-time-requested' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<CaptureEvent>(
      { type: 'cancel-requested' },
      { type: 'call-ended' },
      { type: 'timer-fired', timer: 'expiry' },
      { type: 'outcome-known', outcome: 'approved' },
      { type: 'outcome-known', outcome: 'unknown' },
    ),
  },
);
const plan = fc.record({
  fields: fc.uniqueArray(field, { minLength: 1 }),
  firstDigitTimeoutMs: fc.constant(60_000),
  interDigitTimeoutMs: fc.constant(20_000),
  maxAttempts: fc.integer({ min: 1, max: 3 }),
  onRequest: fc.boolean(),
});

interface Step {
  readonly before: CaptureState;
  readonly after: CaptureState;
  readonly effects: readonly CaptureEffect[];
}

/** Every step of random lives, half of them begun with all fields complete, where the money is near. */
const steps = fc
  .record({ plan, events: fc.array(event, { maxLength: 60, size: 'max' }), isFilled: fc.boolean() })
  .map(({ plan: chosen, events, isFilled }): readonly Step[] => {
    const filling: readonly CaptureEvent[] = [
      { type: 'media-opened' },
      ...chosen.fields.map((each): CaptureEvent => ({
        type: 'key-entered',
        field: each,
        verdict: {
          length: 4,
          masked: '****',
          status: 'complete',
          brand: null,
          reason: null,
          refutesSecurityCode: false,
        },
      })),
    ];
    let state = openCapture(chosen).state;
    return [...(isFilled ? filling : []), ...events].map((each) => {
      const before = state;
      const result = transition(before, each);
      state = result.state;
      return { before, after: state, effects: result.effects };
    });
  });

/** A life with a step that breaks the rule, after shrinking; null when none was found. */
function findBreach(rule: (step: Step) => boolean): unknown {
  const { counterexample, seed } = fc.check(
    fc.property(steps, (life) => life.every(rule)),
    { numRuns: 2000 },
  );
  return counterexample === null ? null : { counterexample, seed };
}

/** How many of the steps of 2000 lives fit. */
function count(fits: (step: Step) => boolean): number {
  return fc.sample(steps, { numRuns: 2000, seed: 1 }).flat().filter(fits).length;
}

const has = ({ effects }: Step, type: CaptureEffect['type']): boolean =>
  effects.some((effect) => effect.type === type);

const isEnding = ({ before, after }: Step): boolean =>
  isEnded(after.payment) && before.payment !== after.payment;

/** What `payment-state` tells. */
const view = (state: CaptureState): string =>
  JSON.stringify([state.payment, state.field, requiredFields(state)]);

describe('capture machine, over random lives', () => {
  it('wipes everything and stops every timer on entry into every ended state', () => {
    expect(
      findBreach(
        (step) =>
          !isEnding(step) ||
          (has(step, 'wipe-all') &&
            step.effects.some((effect) => effect.type === 'stop-timers' && effect.timers === 'all') &&
            step.after.field === null),
      ),
    ).toBeNull();
    expect(count(isEnding)).toBeGreaterThan(100);
  });

  it('never leads from processing or an end back to capturing', () => {
    const isPast = (state: CaptureState): boolean => state.payment === 'processing' || isEnded(state.payment);
    expect(findBreach(({ before, after }) => !isPast(before) || isPast(after))).toBeNull();
  });

  it('begins to process at most once, and only with no field missing', () => {
    const isBeginning = (step: Step): boolean => has(step, 'begin-processing');
    const { counterexample } = fc.check(
      fc.property(steps, (life) => life.filter(isBeginning).length <= 1),
      { numRuns: 2000 },
    );
    expect(counterexample).toBeNull();
    expect(findBreach((step) => !isBeginning(step) || requiredFields(step.before).length === 0)).toBeNull();
    expect(count(isBeginning)).toBeGreaterThan(100);
  });

  it('is ready exactly when no field is missing', () => {
    expect(
      findBreach(({ after }) => {
        const missing = requiredFields(after).length;
        return after.payment === 'ready' ? missing === 0 : after.payment !== 'capturing' || missing > 0;
      }),
    ).toBeNull();
  });

  it('runs a field timer only while the caller can be heard and keys a field', () => {
    expect(
      findBreach(({ after }) => after.timer === null || (after.isMediaOpen && after.field !== null)),
    ).toBeNull();
  });

  it('captures no field that is complete or has no attempt left', () => {
    const isKeyable = ({ status, attemptsLeft }: FieldProgress): boolean =>
      (status === 'requested' || status === 'collecting') && attemptsLeft > 0;
    expect(
      findBreach(({ after }) => after.field === null || isKeyable(progressOf(after, after.field))),
    ).toBeNull();
  });

  it('wipes every field that loses its digits', () => {
    expect(
      findBreach((step) =>
        step.before.fields
          .filter(({ field: each, length }) => length > 0 && progressOf(step.after, each).length === 0)
          .every(
            ({ field: each }) =>
              has(step, 'wipe-all') ||
              step.effects.some((effect) => effect.type === 'wipe-field' && effect.field === each),
          ),
      ),
    ).toBeNull();
  });

  it('announces the payment state whenever state, field or missing fields change', () => {
    expect(
      findBreach(({ before, after, effects }) => {
        const told = effects.flatMap((effect) =>
          effect.type === 'announce' && effect.announcement.type === 'payment-state'
            ? [effect.announcement]
            : [],
        );
        const views = told.map(({ state, field: current, required }) =>
          JSON.stringify([state, current, required]),
        );
        return views.join() === (view(before) === view(after) ? '' : view(after));
      }),
    ).toBeNull();
  });

  it('keeps the state, and says why, when an event does not fit', () => {
    expect(
      findBreach(
        (step) => !has(step, 'ignored') || (step.after === step.before && step.effects.length === 1),
      ),
    ).toBeNull();
    expect(count((step) => has(step, 'ignored'))).toBeGreaterThan(100);
  });
});
