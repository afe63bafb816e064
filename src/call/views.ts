import type { CaptureField } from '../core/capture-field.ts';
import type { CardBrand } from '../core/card-brand.ts';
import type { LegName, Topology } from '../core/leg.ts';
import type { PaymentMethod, PaymentOperation, ProfileAdjustments } from '../core/payment-profile.ts';
import type { PaymentResult } from '../core/payment-result.ts';
import type { PaymentState } from '../core/payment-state.ts';
import type { SampleRate } from '../core/sample-rate.ts';
import type { LegStatus } from '../media/call-bridge.ts';

/** Where the platform connects a leg's media: a WebSocket address that works once, and an NCCO around it. */
export interface LegAddress {
  readonly uri: string;
  readonly ncco: readonly object[];
}

/** A call as the REST API shows it. */
export interface CallView {
  readonly id: string;
  readonly topology: Topology;
  readonly sampleRate: SampleRate;
  readonly reference: string | null;
  readonly state: 'open' | 'ended';
  readonly legs: Readonly<Partial<Record<LegName, LegStatus>>>;
  /** What the agent side gets: the caller as he is (`off`), without his keys (`armed`), or silence (`muted`). */
  readonly masking: 'off' | 'armed' | 'muted';
  readonly payment: { readonly id: string; readonly state: PaymentState } | null;
  readonly createdAt: string;
}

export interface NewCall {
  readonly topology: Topology;
  readonly sampleRate: SampleRate;
  readonly reference: string | null;
}

export interface CreatedCall {
  readonly id: string;
  readonly topology: Topology;
  readonly legs: Readonly<Partial<Record<LegName, LegAddress>>>;
  readonly createdAt: string;
}

export interface NewPayment {
  readonly callId: string;
  readonly profileId: string;
  readonly payee: string | null;
  readonly interactionType: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly reference: string | null;
  readonly description: string | null;
  /** What this payment changes of its profile; part of what a repeat must have the same. */
  readonly adjustments?: ProfileAdjustments;
}

/** One field as the agent may see it: a count and asterisks, four real digits of a complete card number. */
export interface FieldView {
  readonly field: CaptureField;
  readonly state: 'empty' | 'requested' | 'collecting' | 'complete' | 'rejected';
  readonly length: number;
  readonly masked: string;
  readonly brand: CardBrand | null;
  readonly reason: string | null;
  readonly attemptsLeft: number;
}

export interface PaymentView {
  readonly id: string;
  readonly callId: string;
  readonly profileId: string;
  readonly method: PaymentMethod;
  readonly operation: PaymentOperation;
  readonly state: PaymentState;
  /** Fields that are still missing; empty when `process` may be called. */
  readonly required: readonly CaptureField[];
  /** The field that is being captured. */
  readonly field: CaptureField | null;
  readonly fields: readonly FieldView[];
  /** How long the caller has for the next key; null while nothing is timed. */
  readonly fieldTimer: { readonly remainingMs: number; readonly durationMs: number } | null;
  readonly payee: string | null;
  readonly interactionType: string | null;
  readonly amount: string | null;
  readonly currency: string;
  readonly reference: string | null;
  readonly description: string | null;
  readonly result: PaymentResult | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** One message to the integrator about a payment, and how its delivery stands. */
export interface DeliveryView {
  /** Its `webhook-id`. */
  readonly id: string;
  /** Such as `payment.approved`. */
  readonly type: string;
  readonly status: 'pending' | 'delivered' | 'given-up';
  readonly tries: number;
  /** Of the last answer; null when there was none. */
  readonly lastHttpStatus: number | null;
  readonly createdAt: string;
  /** Null for one that is settled, or that goes as soon as those before it are. */
  readonly nextTryAt: string | null;
  readonly settledAt: string | null;
}

/** Calls, as the HTTP edge uses them. Every method throws `AppError`. */
export interface Calls {
  create(call: NewCall): CreatedCall;
  get(id: string): CallView;
  /** A fresh address for a leg whose socket was lost or whose token ran out. */
  renewLeg(id: string, leg: LegName): LegAddress;
  /** Ends it; ending twice is no error. */
  end(id: string): void;
}

/**
 * Payments, as the HTTP edge uses them. Every method throws or rejects with `AppError`. `actor` is who asks, for the
 * audit log: `api:NAME`, `agent`, or `system`.
 */
export interface Payments {
  /** A repeat under the same client key returns the first payment with `created: false`. */
  open(
    payment: NewPayment,
    apiKeyName: string,
    clientKey: string | null,
  ): Promise<{ readonly created: boolean; readonly payment: PaymentView }>;
  get(id: string): Promise<PaymentView>;
  ofCall(callId: string): Promise<readonly PaymentView[]>;
  /** Starts or restarts a field; its digits are wiped first. */
  capture(id: string, field: CaptureField): Promise<PaymentView>;
  /** Resolves when the outcome is known, or after 15 s with the state `processing`. Repeats join the first. */
  process(id: string, actor: string): Promise<PaymentView>;
  cancel(id: string, actor: string): Promise<PaymentView>;
  /** Gives the caller the whole time for the next key again. */
  giveMoreTime(id: string): Promise<PaymentView>;
}

/** Messages to the integrator, as the HTTP edge uses them. Both methods reject with `AppError`. */
export interface Deliveries {
  /** Oldest first. */
  of(paymentId: string): Promise<readonly DeliveryView[]>;
  /** Tries those again that were given up, as far as their order allows. `actor`: as for `Payments`. */
  redeliver(paymentId: string, actor: string): Promise<readonly DeliveryView[]>;
}
