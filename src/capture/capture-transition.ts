import type { CaptureField } from '../core/capture-field.ts';
import type { FieldVerdict } from '../core/field-verdict.ts';
import { isEnded } from '../core/payment-state.ts';
import type { PaymentState } from '../core/payment-state.ts';
import type { CaptureEffect, IgnoredCause, TimerName } from './capture-effect.ts';
import type { CaptureEvent } from './capture-event.ts';
import type { CapturePlan } from './capture-plan.ts';
import { connectingState, fieldForKeys, requiredFields, sensitivityOf, withField } from './capture-state.ts';
import type { CaptureState } from './capture-state.ts';
import {
  advance,
  announceProgress,
  awaitField,
  captureField,
  clearField,
  collectInto,
  completeField,
  rejectField,
  restartTimer,
  unchanged,
} from './field-steps.ts';
import type { Transition } from './field-steps.ts';

/** A payment that was not begun by then is over: agent and caller have moved on, and the digits must not wait. */
export const EXPIRY_MS = 30 * 60 * 1000;

type KeyEntered = Extract<CaptureEvent, { type: 'key-entered' }>;

/** Begins the life of a guided payment. */
export function openCapture(plan: CapturePlan): Transition {
  const state = connectingState(plan);
  return {
    state,
    effects: [{ type: 'start-timer', timer: 'expiry', delayMs: EXPIRY_MS }, announceState(state)],
  };
}

/**
 * The whole life of a guided payment. Pure: the shell carries out the effects in their order and feeds back
 * what comes of them. What does not fit changes nothing and gives one `ignored` effect.
 *
 *                      | connecting   | capturing              | ready      | processing | ended
 *   -------------------+--------------+------------------------+------------+------------+-----------------
 *   media-opened       | capturing    | empty field again [1]  | [1]        | –          | –
 *   media-closed       | – [1]        | field emptied          | stays      | –          | –
 *   capture-requested  | noted        | that field             | capturing  | –          | –
 *   key-entered        | –            | asterisk, next, ready  | –          | –          | –
 *   clear-pressed      | –            | field emptied          | –          | –          | –
 *   field-finished     | –            | next, again, ready     | –          | –          | –
 *   field timer        | –            | again, finish-field    | –          | –          | –
 *   more-time-requested| –            | time starts over       | –          | –          | –
 *   expiry timer       | expired      | expired                | expired    | –          | –
 *   process-requested  | –            | –                      | processing | –          | –
 *   outcome-known      | –            | –                      | –          | outcome    | – [2]
 *   cancel-requested   | canceled     | canceled               | canceled   | –          | –
 *   call-ended         | canceled     | canceled               | canceled   | –          | –
 *
 * `–` is ignored. [1] Ignored if the media is open, or closed, already. [2] `unknown` goes on to approved,
 * declined or failed when reconciliation knows. With a plan whose fields start on request only, no field
 * follows by itself: `next`, `again` and the first field after `connecting` wait for `capture-requested`.
 *
 * When the caller's leg is lost in the same process, completed fields stay and the field in progress is
 * emptied: nobody can tell which of its keys were lost with the audio. After a crash the vault is gone, so
 * the payment cannot come back to this machine.
 */
export function transition(state: CaptureState, event: CaptureEvent): Transition {
  const result = isEnded(state.payment)
    ? whenEnded(state, event)
    : state.payment === 'processing'
      ? whenProcessing(state, event)
      : beforeProcessing(state, event);
  return { state: result.state, effects: [...result.effects, ...consequences(state, result.state)] };
}

function beforeProcessing(state: CaptureState, event: CaptureEvent): Transition {
  switch (event.type) {
    case 'media-opened':
      return openMedia(state);
    case 'media-closed':
      return closeMedia(state);
    case 'capture-requested':
      return requestField(state, event.field);
    case 'key-entered':
      return fieldForKeys(state) === event.field ? enterKey(state, event) : ignore(state, 'no-field');
    case 'field-finished':
      return fieldForKeys(state) === event.field
        ? (decideField(state, event.field, event.verdict) ?? ignore(state, 'nothing-keyed'))
        : ignore(state, 'no-field');
    case 'clear-pressed': {
      const field = fieldForKeys(state);
      return field === null ? ignore(state, 'no-field') : clearField(state, field);
    }
    case 'timer-fired':
      return fireTimer(state, event.timer);
    case 'more-time-requested':
      return restartTimer(state) ?? ignore(state, 'no-timer');
    case 'process-requested':
      return state.payment === 'ready' ? beginProcessing(state) : ignore(state, 'not-ready');
    case 'outcome-known':
      return ignore(state, 'not-processing');
    case 'cancel-requested':
    case 'call-ended':
      return end(state, 'canceled');
  }
}

/** The charge may have left: neither the agent nor a lost call can take it back. */
function whenProcessing(state: CaptureState, event: CaptureEvent): Transition {
  return event.type === 'outcome-known' ? end(state, event.outcome) : ignore(state, 'processing');
}

function whenEnded(state: CaptureState, event: CaptureEvent): Transition {
  const isSettled =
    state.payment === 'unknown' && event.type === 'outcome-known' && event.outcome !== 'unknown';
  return isSettled ? end(state, event.outcome) : ignore(state, 'ended');
}

function openMedia(state: CaptureState): Transition {
  if (state.isMediaOpen) return ignore(state, 'media-open');
  const opened = { ...state, isMediaOpen: true };
  if (state.field !== null) return awaitField(capturing(opened), state.field);
  return state.payment === 'connecting' ? advance(capturing(opened)) : unchanged(opened);
}

function capturing(state: CaptureState): CaptureState {
  return { ...state, payment: 'capturing' };
}

function closeMedia(state: CaptureState): Transition {
  if (!state.isMediaOpen) return ignore(state, 'media-closed');
  const closed = { ...state, isMediaOpen: false };
  return state.field === null ? unchanged(closed) : clearField(closed, state.field);
}

/** The agent's request gives a fresh set of attempts. */
function requestField(state: CaptureState, field: CaptureField): Transition {
  if (!state.plan.fields.includes(field)) return ignore(state, 'field-not-in-plan');
  const attemptsLeft = state.plan.maxAttempts;
  return captureField(withField(state, field, { reason: null, attemptsLeft }), field);
}

function enterKey(state: CaptureState, event: KeyEntered): Transition {
  const { field, verdict } = event;
  if (verdict.status === 'full') return ignore(state, 'field-full');
  const decided = decideField(state, field, verdict);
  if (decided === null) return collectInto(state, field, verdict);
  return { state: decided.state, effects: [announceProgress(field, verdict.length), ...decided.effects] };
}

/** Follows the vault's decision; null while it has not decided. */
function decideField(state: CaptureState, field: CaptureField, verdict: FieldVerdict): Transition | null {
  if (verdict.status === 'complete') return completeField(state, field, verdict);
  const isRejected = verdict.status === 'rejected' && verdict.reason !== null;
  return isRejected ? rejectField(state, field, verdict.reason) : null;
}

function fireTimer(state: CaptureState, timer: TimerName): Transition {
  const { field } = state;
  if (timer === 'expiry') return end(state, 'expired');
  if (field === null || timer !== state.timer) return ignore(state, 'stale-timer');
  if (timer === 'first-digit') return rejectField(state, field, 'input-timeout');
  return { state: { ...state, timer: null }, effects: [{ type: 'finish-field', field }] };
}

function beginProcessing(state: CaptureState): Transition {
  return {
    state: { ...state, payment: 'processing' },
    effects: [{ type: 'stop-timers', timers: 'all' }, { type: 'begin-processing' }],
  };
}

/** No digit outlives the payment, however it ends; neither does a count of them. */
function end(state: CaptureState, payment: PaymentState): Transition {
  return {
    state: { ...connectingState(state.plan), payment },
    effects: [{ type: 'wipe-all' }, { type: 'stop-timers', timers: 'all' }],
  };
}

function ignore(state: CaptureState, cause: IgnoredCause): Transition {
  return { state, effects: [{ type: 'ignored', cause }] };
}

/** What follows from the difference alone. */
function consequences(before: CaptureState, after: CaptureState): readonly CaptureEffect[] {
  const effects: CaptureEffect[] = [];
  const sensitivity = sensitivityOf(after);
  if (sensitivity !== sensitivityOf(before)) effects.push({ type: 'set-sensitivity', sensitivity });
  const isMissingTheSame = requiredFields(before).join() === requiredFields(after).join();
  if (before.payment !== after.payment || before.field !== after.field || !isMissingTheSame) {
    effects.push(announceState(after));
  }
  return effects;
}

function announceState(state: CaptureState): CaptureEffect {
  const { payment, field } = state;
  return {
    type: 'announce',
    announcement: { type: 'payment-state', state: payment, required: requiredFields(state), field },
  };
}
