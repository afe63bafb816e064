import type { CaptureEffect } from '../../../src/capture/capture-effect.ts';
import type { CaptureAnnouncement } from '../../../src/core/capture-announcement.ts';
import type { CaptureEvent } from '../../../src/capture/capture-event.ts';
import type { CapturePlan } from '../../../src/capture/capture-plan.ts';
import type { CaptureState } from '../../../src/capture/capture-state.ts';
import { openCapture, transition } from '../../../src/capture/capture-transition.ts';
import type { CaptureField } from '../../../src/core/capture-field.ts';
import type { FieldVerdict } from '../../../src/core/field-verdict.ts';
import type { PaymentState } from '../../../src/core/payment-state.ts';
import { complete, partial } from './verdicts.ts';

export const PLAN: CapturePlan = {
  fields: ['payment-card-number', 'expiration-date', 'security-code'],
  firstDigitTimeoutMs: 60_000,
  interDigitTimeoutMs: 20_000,
  maxAttempts: 2,
  onRequest: false,
};

export const CARD = complete(16, { masked: '************1111', brand: 'visa' });

export function key(field: CaptureField, verdict: FieldVerdict): CaptureEvent {
  return { type: 'key-entered', field, verdict };
}

export function finished(field: CaptureField, verdict: FieldVerdict): CaptureEvent {
  return { type: 'field-finished', field, verdict };
}

export function request(field: CaptureField): CaptureEvent {
  return { type: 'capture-requested', field };
}

export const OPENED: CaptureEvent = { type: 'media-opened' };
export const CLOSED: CaptureEvent = { type: 'media-closed' };
export const CLEAR: CaptureEvent = { type: 'clear-pressed' };
export const PROCESS: CaptureEvent = { type: 'process-requested' };
export const FIRST_DIGIT_TIMEOUT: CaptureEvent = { type: 'timer-fired', timer: 'first-digit' };

export const TO_READY: readonly CaptureEvent[] = [
  OPENED,
  key('payment-card-number', CARD),
  key('expiration-date', complete(4)),
  key('security-code', complete(3)),
];

/** Events that lead from the opening into each state. */
export const PATHS: Readonly<Record<PaymentState, readonly CaptureEvent[]>> = {
  connecting: [],
  capturing: [OPENED, key('payment-card-number', partial(1))],
  ready: TO_READY,
  processing: [...TO_READY, PROCESS],
  approved: [...TO_READY, PROCESS, { type: 'outcome-known', outcome: 'approved' }],
  declined: [...TO_READY, PROCESS, { type: 'outcome-known', outcome: 'declined' }],
  failed: [...TO_READY, PROCESS, { type: 'outcome-known', outcome: 'failed' }],
  unknown: [...TO_READY, PROCESS, { type: 'outcome-known', outcome: 'unknown' }],
  canceled: [OPENED, { type: 'cancel-requested' }],
  expired: [OPENED, { type: 'timer-fired', timer: 'expiry' }],
};

export function run(events: readonly CaptureEvent[], plan = PLAN): CaptureState {
  return events.reduce((state, event) => transition(state, event).state, openCapture(plan).state);
}

/** The effects of the last event. */
export function effectsOf(events: readonly CaptureEvent[], plan = PLAN): readonly CaptureEffect[] {
  return transition(run(events.slice(0, -1), plan), events.at(-1)!).effects;
}

export function announced(effects: readonly CaptureEffect[]): readonly CaptureAnnouncement[] {
  return effects.flatMap((effect) => (effect.type === 'announce' ? [effect.announcement] : []));
}
