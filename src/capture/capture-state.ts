import { assert } from '../core/assert.ts';
import type { CaptureField, RejectionReason } from '../core/capture-field.ts';
import type { CardBrand } from '../core/card-brand.ts';
import type { Sensitivity } from '../core/masking.ts';
import { isEnded } from '../core/payment-state.ts';
import type { PaymentState } from '../core/payment-state.ts';
import type { FieldTimer } from './capture-effect.ts';
import type { CapturePlan } from './capture-plan.ts';

/** How far one field of the plan is. */
export interface FieldProgress {
  readonly field: CaptureField;
  /** `rejected`: no attempt is left, or it waits for its turn to be keyed again. */
  readonly status: 'empty' | 'requested' | 'collecting' | 'complete' | 'rejected';
  /** Digits keyed. */
  readonly length: number;
  /** Of a complete card number. */
  readonly brand: CardBrand | null;
  /** Why it was rejected last; null again once it is complete or the agent asked for it. */
  readonly reason: RejectionReason | null;
  readonly attemptsLeft: number;
}

/** A guided payment: counts and words only, so it may be logged and shown. */
export interface CaptureState {
  readonly plan: CapturePlan;
  readonly payment: PaymentState;
  readonly isMediaOpen: boolean;
  /** The field being captured; while the media is closed, the one to be captured as soon as it opens. */
  readonly field: CaptureField | null;
  /** The field timer that runs. */
  readonly timer: FieldTimer | null;
  /** One per field of the plan, in its order. */
  readonly fields: readonly FieldProgress[];
}

/** A payment whose caller cannot be heard yet. */
export function connectingState(plan: CapturePlan): CaptureState {
  assert(plan.fields.length > 0, 'a plan has at least one field');
  return {
    plan,
    payment: 'connecting',
    isMediaOpen: false,
    field: null,
    timer: null,
    fields: plan.fields.map((field) => ({
      field,
      status: 'empty',
      length: 0,
      brand: null,
      reason: null,
      attemptsLeft: plan.maxAttempts,
    })),
  };
}

/** The field that the caller's keys belong to; null: they are dropped and counted, and never reach the vault. */
export function fieldForKeys(state: CaptureState): CaptureField | null {
  return state.isMediaOpen ? state.field : null;
}

/** The fields still missing, in the order of the plan. A payment that has ended misses none. */
export function requiredFields(state: CaptureState): readonly CaptureField[] {
  if (isEnded(state.payment)) return [];
  return state.fields.filter(({ status }) => status !== 'complete').map(({ field }) => field);
}

/** Keys are listened for more eagerly while a field waits for them, also on a leg that is only about to open. */
export function sensitivityOf(state: CaptureState): Sensitivity {
  return state.field === null ? 'normal' : 'capture';
}

export function progressOf(state: CaptureState, field: CaptureField): FieldProgress {
  const progress = state.fields.find((each) => each.field === field);
  assert(progress !== undefined, 'the field is in the plan');
  return progress;
}

/** The state with one field changed. */
export function withField(
  state: CaptureState,
  field: CaptureField,
  change: Partial<FieldProgress>,
): CaptureState {
  return {
    ...state,
    fields: state.fields.map((progress) =>
      progress.field === field ? { ...progress, ...change } : progress,
    ),
  };
}
