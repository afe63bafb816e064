import type { CaptureEffect, TimerName } from '../capture/capture-effect.ts';
import type { CaptureEvent } from '../capture/capture-event.ts';
import { capturePlanOf } from '../capture/capture-plan.ts';
import { fieldForKeys, requiredFields } from '../capture/capture-state.ts';
import type { CaptureState } from '../capture/capture-state.ts';
import { openCapture, transition } from '../capture/capture-transition.ts';
import type { CaptureField } from '../core/capture-field.ts';
import type { Cancel, Clock } from '../core/clock.ts';
import { HASH, isNumeral, STAR } from '../core/digit.ts';
import type { DigitCode } from '../core/digit.ts';
import { AppError } from '../core/errors.ts';
import type { MaskingAlarmCause, Sensitivity } from '../core/masking.ts';
import type { Meter } from '../core/meter.ts';
import type { PaymentProfile } from '../core/payment-profile.ts';
import { isEnded } from '../core/payment-state.ts';
import type { PaymentState } from '../core/payment-state.ts';
import type { AgentEvent } from '../events/agent-event.ts';
import type { OutcomeRecord, PaymentRecord } from '../journal/journal.ts';
import { CardVault } from '../vault/card-vault.ts';
import { fieldViewsOf, resultOf } from './payment-view.ts';
import type { FieldView, PaymentView } from './views.ts';

/** How long an agent waits for an answer to `process`; the charge itself goes on. */
const AGENT_WAIT_MS = 15_000;

export interface GuidedPaymentDependencies {
  readonly clock: Clock;
  readonly meter: Meter;
  readonly publish: (event: AgentEvent) => void;
  readonly setSensitivity: (sensitivity: Sensitivity) => void;
  /** Charges or tokenises; never rejects, and wipes the card. */
  readonly execute: (card: CardVault, actor: string) => Promise<OutcomeRecord>;
  /** The payment has ended; called once. */
  readonly onEnd: (payment: GuidedPayment) => void;
}

/** What became of a key: taken, or why it was dropped. */
export type KeyFate = 'taken' | 'no-field' | 'full' | 'not-numeral';

/**
 * Runs one guided payment: feeds the pure capture machine and carries out its effects. It owns the vault; digits
 * go from `key` into the vault and from there to the provider, and nowhere else.
 */
export class GuidedPayment {
  readonly record: PaymentRecord;
  readonly profile: PaymentProfile;
  readonly #deps: GuidedPaymentDependencies;
  readonly #vault: CardVault;
  readonly #timers = new Map<TimerName, Cancel>();
  /** The field timer that runs, on the monotonic clock. */
  #fieldTimer: { readonly endsMs: number; readonly durationMs: number } | null = null;
  #state: CaptureState;
  #processing: Promise<void> | null = null;
  #outcome: OutcomeRecord | null = null;
  #hasToldEnd = false;
  /** Who asked first that it be processed. */
  #actor: string | null = null;
  #updatedAt: string;

  constructor(record: PaymentRecord, profile: PaymentProfile, deps: GuidedPaymentDependencies) {
    this.record = record;
    this.profile = profile;
    this.#deps = deps;
    this.#updatedAt = record.updatedAt;
    const { brands, minPostalCodeLength } = profile;
    this.#vault = new CardVault({ brands, minPostalCodeLength, wallMs: () => deps.clock.wallMs() });
    const opened = openCapture(capturePlanOf(profile));
    this.#state = opened.state;
    this.#carryOut(opened.effects);
  }

  get id(): string {
    return this.record.id;
  }

  get state(): PaymentState {
    return this.#state.payment;
  }

  get hasEnded(): boolean {
    return isEnded(this.#state.payment);
  }

  get outcome(): OutcomeRecord | null {
    return this.#outcome;
  }

  /** ISO 8601. */
  get updatedAt(): string {
    return this.#updatedAt;
  }

  get field(): CaptureField | null {
    return this.#state.field;
  }

  get required(): readonly CaptureField[] {
    return requiredFields(this.#state);
  }

  get fields(): readonly FieldView[] {
    return fieldViewsOf(this.#state, (field) => this.#vault.verdictOf(field).masked);
  }

  get fieldTimer(): PaymentView['fieldTimer'] {
    if (this.#fieldTimer === null) return null;
    const { endsMs, durationMs } = this.#fieldTimer;
    const remainingMs = Math.max(0, Math.round(endsMs - this.#deps.clock.monotonicMs()));
    return { remainingMs, durationMs };
  }

  mediaOpened(): void {
    this.#dispatch({ type: 'media-opened' });
  }

  mediaClosed(): void {
    this.#dispatch({ type: 'media-closed' });
  }

  callEnded(): void {
    this.#dispatch({ type: 'call-ended' });
  }

  maskingAlarm(cause: MaskingAlarmCause): void {
    if (!this.hasEnded) this.#deps.publish({ type: 'masking-alarm', cause });
  }

  /** One key press of the caller. */
  key(code: DigitCode): KeyFate {
    const field = fieldForKeys(this.#state);
    if (field === null) return 'no-field';
    if (code === STAR) this.#dispatch({ type: 'clear-pressed' });
    else if (code === HASH) this.#finish(field, 'key');
    else if (!isNumeral(code)) return 'not-numeral';
    else {
      const verdict = this.#vault.append(field, code);
      this.#dispatch({ type: 'key-entered', field, verdict });
      return verdict.status === 'full' ? 'full' : 'taken';
    }
    return 'taken';
  }

  /** Starts or restarts a field. Throws `FIELD_NOT_IN_PROFILE`, `PAYMENT_PROCESSING` or `PAYMENT_ENDED`. */
  capture(field: CaptureField): void {
    this.#refuseUnlessOpen();
    if (!this.profile.fields.includes(field)) throw new AppError('FIELD_NOT_IN_PROFILE');
    this.#dispatch({ type: 'capture-requested', field });
  }

  /** Restarts the running field timer. Throws `TIMER_NOT_RUNNING`, `PAYMENT_PROCESSING` or `PAYMENT_ENDED`. */
  giveMoreTime(): void {
    this.#refuseUnlessOpen();
    if (this.#state.timer === null) throw new AppError('TIMER_NOT_RUNNING');
    this.#dispatch({ type: 'more-time-requested' });
  }

  /**
   * Charges or tokenises; a repeat joins the first. Resolves when the outcome is known or after 15 s. Rejects with
   * `PAYMENT_NOT_READY` and the missing fields, or with `PAYMENT_ENDED` if it was canceled or expired. `actor`: who
   * asks, for the audit log.
   */
  async process(actor: string): Promise<void> {
    this.#actor ??= actor;
    this.#dispatch({ type: 'process-requested' });
    if (this.#processing === null) {
      this.#actor = null;
      this.#refuseUnlessOpen();
      throw new AppError('PAYMENT_NOT_READY', { missing: this.required });
    }
    const waited = Promise.withResolvers<void>();
    const cancel = this.#deps.clock.after(AGENT_WAIT_MS, waited.resolve);
    await Promise.race([this.#processing, waited.promise]);
    cancel();
  }

  /** Wipes and ends. A repeat changes nothing. Throws `PAYMENT_PROCESSING`, or `PAYMENT_ENDED` if it ended otherwise. */
  cancel(): void {
    if (this.state === 'canceled') return;
    this.#refuseUnlessOpen();
    this.#dispatch({ type: 'cancel-requested' });
  }

  /** An outcome that had been unknown became known; anything else is ignored. */
  outcomeSettled(outcome: OutcomeRecord): void {
    if (this.state === 'unknown' && outcome.outcome !== 'unknown') this.#tell(outcome);
  }

  /** Resolves when a charge under way has its outcome; at once when there is none. */
  async settled(): Promise<void> {
    await this.#processing;
  }

  #refuseUnlessOpen(): void {
    if (this.state === 'processing') throw new AppError('PAYMENT_PROCESSING', { paymentId: this.id });
    if (this.hasEnded) throw new AppError('PAYMENT_ENDED', { paymentId: this.id, state: this.state });
  }

  #dispatch(event: CaptureEvent): void {
    const next = transition(this.#state, event);
    if (next.state !== this.#state) this.#updatedAt = new Date(this.#deps.clock.wallMs()).toISOString();
    this.#state = next.state;
    this.#carryOut(next.effects);
    if (this.hasEnded && !this.#hasToldEnd) {
      this.#hasToldEnd = true;
      this.#deps.onEnd(this);
    }
  }

  #carryOut(effects: readonly CaptureEffect[]): void {
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: CaptureEffect): void {
    switch (effect.type) {
      case 'wipe-field':
        this.#vault.clear(effect.field);
        return;
      case 'wipe-all':
        this.#vault.wipe();
        return;
      case 'finish-field':
        this.#finish(effect.field, 'timeout');
        return;
      case 'start-timer':
        this.#startTimer(effect.timer, effect.delayMs);
        return;
      case 'stop-timers':
        this.#stopTimers(effect.timers === 'all');
        return;
      case 'set-sensitivity':
        this.#deps.setSensitivity(effect.sensitivity);
        return;
      case 'announce':
        this.#count(effect.announcement);
        this.#deps.publish(effect.announcement);
        return;
      case 'begin-processing':
        this.#processing = this.#execute();
        return;
      case 'ignored':
        return;
    }
  }

  #finish(field: CaptureField, cause: 'key' | 'timeout'): void {
    this.#dispatch({ type: 'field-finished', field, verdict: this.#vault.finish(field, cause) });
  }

  async #execute(): Promise<void> {
    this.#tell(await this.#deps.execute(this.#vault, this.#actor ?? 'system'));
  }

  #tell(outcome: OutcomeRecord): void {
    this.#outcome = outcome;
    this.#dispatch({ type: 'outcome-known', outcome: outcome.outcome });
    this.#deps.publish({ type: 'payment-result', ...resultOf(outcome) });
  }

  #startTimer(timer: TimerName, delayMs: number): void {
    const { clock } = this.#deps;
    if (timer !== 'expiry') {
      this.#stopTimers(false);
      this.#fieldTimer = { endsMs: clock.monotonicMs() + delayMs, durationMs: delayMs };
    }
    const cancel = clock.after(delayMs, () => {
      this.#timers.delete(timer);
      if (timer !== 'expiry') this.#fieldTimer = null;
      this.#dispatch({ type: 'timer-fired', timer });
    });
    this.#timers.set(timer, cancel);
  }

  #stopTimers(isAll: boolean): void {
    this.#fieldTimer = null;
    for (const [timer, cancel] of this.#timers) {
      if (timer === 'expiry' && !isAll) continue;
      cancel();
      this.#timers.delete(timer);
    }
  }

  #count(event: AgentEvent): void {
    if (event.type !== 'field-complete' && event.type !== 'field-rejected') return;
    const result = event.type === 'field-complete' ? 'completed' : 'rejected';
    this.#deps.meter.counter('captures_total', { field: event.field, result }).add(1);
  }
}
