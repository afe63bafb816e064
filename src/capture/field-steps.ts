import { matcherOf } from '../core/capture-field.ts';
import type { CaptureField, RejectionReason } from '../core/capture-field.ts';
import type { FieldVerdict } from '../core/field-verdict.ts';
import type { CaptureEffect } from './capture-effect.ts';
import type { CaptureState } from './capture-state.ts';
import { progressOf, withField } from './capture-state.ts';

/** What an event, or a part of its handling, leads to. */
export interface Transition {
  readonly state: CaptureState;
  readonly effects: readonly CaptureEffect[];
}

/**
 * A card number that may be complete is taken as complete after this pause: longer than a caller's rhythm
 * within a group of digits, shorter than what feels like waiting.
 */
export const SETTLE_MS = 1500;

/** Captures a field from its first digit on, whatever was keyed into it or into the one it replaces. */
export function captureField(state: CaptureState, field: CaptureField): Transition {
  const replaced =
    state.field !== null && state.field !== field ? emptyField(state, state.field) : unchanged(state);
  const emptied = emptyField(replaced.state, field);
  const awaited = awaitField(emptied.state, field);
  return {
    state: awaited.state,
    effects: [...replaced.effects, ...emptied.effects, ...awaited.effects],
  };
}

/** Waits for the first digit of a field that is empty; without audio nothing is waited for, nor timed. */
export function awaitField(state: CaptureState, field: CaptureField): Transition {
  const requested = withField(state, field, { status: 'requested' });
  const payment = state.payment === 'ready' ? 'capturing' : state.payment;
  const { isMediaOpen, plan } = state;
  return {
    state: { ...requested, payment, field, timer: isMediaOpen ? 'first-digit' : null },
    effects: [
      isMediaOpen
        ? { type: 'start-timer', timer: 'first-digit', delayMs: plan.firstDigitTimeoutMs }
        : { type: 'stop-timers', timers: 'field' },
    ],
  };
}

/** The asterisks of a field, and the time until its next digit or its end. */
export function collectInto(state: CaptureState, field: CaptureField, verdict: FieldVerdict): Transition {
  const isSettling = verdict.status === 'may-be-complete';
  const timer = isSettling ? 'settle' : 'inter-digit';
  const delayMs = isSettling ? SETTLE_MS : state.plan.interDigitTimeoutMs;
  return {
    state: { ...withField(state, field, { status: 'collecting', length: verdict.length }), timer },
    effects: [announceProgress(field, verdict.length), { type: 'start-timer', timer, delayMs }],
  };
}

/**
 * The whole time for the next key again; null when none is timed. A number that may be complete gets the time
 * between two keys, since the agent knows that the caller has not finished.
 */
export function restartTimer(state: CaptureState): Transition | null {
  const { timer, plan } = state;
  if (timer === null) return null;
  const restarted = timer === 'first-digit' ? timer : 'inter-digit';
  const delayMs = timer === 'first-digit' ? plan.firstDigitTimeoutMs : plan.interDigitTimeoutMs;
  return {
    state: { ...state, timer: restarted },
    effects: [{ type: 'start-timer', timer: restarted, delayMs }],
  };
}

/** Empties the field being captured, which goes on from its first digit. */
export function clearField(state: CaptureState, field: CaptureField): Transition {
  const emptied = emptyField(state, field);
  const awaited = awaitField(emptied.state, field);
  return { state: awaited.state, effects: [...emptied.effects, ...awaited.effects] };
}

/** Keeps the field, takes back a security code that does not fit the card, and goes on to what is missing. */
export function completeField(state: CaptureState, field: CaptureField, verdict: FieldVerdict): Transition {
  const { length, masked, brand } = verdict;
  const completed = withField(state, field, { status: 'complete', length, brand, reason: null });
  const announced: CaptureEffect = {
    type: 'announce',
    announcement: { type: 'field-complete', field, masked, brand },
  };
  const isCodeKeyed = state.fields.some(
    (each) => each.field === 'security-code' && each.status === 'complete',
  );
  const rechecked =
    verdict.refutesSecurityCode && isCodeKeyed
      ? refuse(completed, 'security-code', 'invalid-security-code')
      : unchanged(completed);
  const advanced = advance(rechecked.state);
  return { state: advanced.state, effects: [announced, ...rechecked.effects, ...advanced.effects] };
}

/** Empties the field and captures it again, or stops when its attempts are used up or only a request starts a field. */
export function rejectField(state: CaptureState, field: CaptureField, reason: RejectionReason): Transition {
  const refused = refuse(state, field, reason);
  const { attemptsLeft } = progressOf(refused.state, field);
  const goesOn = attemptsLeft > 0 && !state.plan.onRequest;
  const next = goesOn ? awaitField(refused.state, field) : rest(refused.state);
  return { state: next.state, effects: [...refused.effects, ...next.effects] };
}

export function announceProgress(field: CaptureField, length: number): CaptureEffect {
  return {
    type: 'announce',
    announcement: { type: 'field-progress', field, length, masked: '*'.repeat(length) },
  };
}

export function unchanged(state: CaptureState): Transition {
  return { state, effects: [] };
}

/** Drops what was keyed into the field, and its second entry, and takes their asterisks away. */
function emptyField(state: CaptureState, field: CaptureField): Transition {
  const shown = progressOf(state, field).length > 0 ? [announceProgress(field, 0)] : [];
  const second = emptySecondEntry(state, field);
  return {
    state: withField(second.state, field, { status: 'empty', length: 0, brand: null }),
    effects: [{ type: 'wipe-field', field }, ...shown, ...second.effects],
  };
}

/** What was equal to a field that is keyed anew says nothing any more. */
function emptySecondEntry(state: CaptureState, field: CaptureField): Transition {
  const matcher = state.plan.fields.find((each) => each === matcherOf(field));
  return matcher === undefined ? unchanged(state) : emptyField(state, matcher);
}

function refuse(state: CaptureState, field: CaptureField, reason: RejectionReason): Transition {
  const attemptsLeft = progressOf(state, field).attemptsLeft - 1;
  const second = emptySecondEntry(state, field);
  return {
    state: withField(second.state, field, {
      status: 'rejected',
      length: 0,
      brand: null,
      reason,
      attemptsLeft,
    }),
    effects: [
      { type: 'wipe-field', field },
      { type: 'announce', announcement: { type: 'field-rejected', field, reason, attemptsLeft } },
      ...second.effects,
    ],
  };
}

/**
 * On to the first missing field that may still be tried, in the order of the plan, unless only a request starts a
 * field; to `ready` if none is missing.
 */
export function advance(state: CaptureState): Transition {
  const missing = state.fields.filter(({ status }) => status !== 'complete');
  const next = missing.find(({ attemptsLeft }) => attemptsLeft > 0);
  if (next !== undefined && !state.plan.onRequest) return awaitField(state, next.field);
  return rest(missing.length === 0 ? { ...state, payment: 'ready' } : state);
}

/** No field is captured until the agent asks for one. */
function rest(state: CaptureState): Transition {
  return {
    state: { ...state, field: null, timer: null },
    effects: [{ type: 'stop-timers', timers: 'field' }],
  };
}
