import type { FieldView, PaymentView } from '../call/views.ts';
import { paymentViewOf, resultOf } from '../call/payment-view.ts';
import type { CaptureField } from '../core/capture-field.ts';
import type { Cancel, Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Meter } from '../core/meter.ts';
import { formatAmount } from '../core/money.ts';
import type { PaymentProfile } from '../core/payment-profile.ts';
import { isEnded } from '../core/payment-state.ts';
import type { PaymentState } from '../core/payment-state.ts';
import type { AgentEvent } from '../events/agent-event.ts';
import type { LinkRecord, OutcomeRecord, PaymentRecord } from '../journal/journal.ts';
import type { Try } from '../payment/payment-flow.ts';
import { CardVault } from '../vault/card-vault.ts';
import { FIELD_CAPACITY } from '../vault/field-rules.ts';
import { digitsOfEntry } from '../vault/typed-entry.ts';
import type { LinkEffect, LinkEvent } from './link-event.ts';
import { mayTryAgain, missingFields, newLinkFlow } from './link-flow.ts';
import type { LinkFlow } from './link-flow.ts';
import { openLink, transition } from './link-transition.ts';
import type { LinkTransition } from './link-transition.ts';
import { maskedNumber } from './masked-number.ts';
import type { PayerView, PayLink } from './pay-links.ts';

/** How long a payer's browser waits for the outcome; the charge itself goes on. */
const PAYER_WAIT_MS = 15_000;

export interface SelfServicePaymentDependencies {
  readonly clock: Clock;
  readonly meter: Meter;
  readonly publish: (event: AgentEvent) => void;
  /** Something changed that has to outlive the process; called after the change. */
  readonly onChange: (payment: SelfServicePayment) => void;
  /** Charges or tokenises; never rejects, and wipes the card. */
  readonly execute: (card: CardVault, mayTryAgain: () => boolean) => Promise<Try>;
  /** The payment has ended; called once. */
  readonly onEnd: (payment: SelfServicePayment) => void;
}

/**
 * Runs one self-service payment: feeds the pure machine and carries out its effects. The digits of a form are in a vault
 * from `submit` until the card has left, and nowhere else.
 */
export class SelfServicePayment implements PayLink {
  readonly profile: PaymentProfile;
  readonly #record: PaymentRecord;
  readonly #deps: SelfServicePaymentDependencies;
  #link: LinkRecord;
  #flow: LinkFlow;
  #vault: CardVault | null = null;
  #stopTimer: Cancel = () => undefined;
  #processing: Promise<void> | null = null;
  #outcome: OutcomeRecord | null = null;
  #hasToldEnd = false;
  #updatedAt: string;

  /** What it was when it was opened. */
  get record(): PaymentRecord {
    return this.#record;
  }

  /** `record` and `link` as they are stored: new ones, or those of a former run whose payer is still waited for. */
  constructor(
    record: PaymentRecord,
    link: LinkRecord,
    profile: PaymentProfile,
    deps: SelfServicePaymentDependencies,
  ) {
    this.#record = record;
    this.#link = link;
    this.profile = profile;
    this.#deps = deps;
    this.#updatedAt = record.updatedAt;
    const isOpen = record.state !== 'connecting';
    this.#flow = {
      ...newLinkFlow(profile.fields, link.triesLeft),
      payment: isOpen ? 'capturing' : 'connecting',
      link: isOpen ? 'opened' : link.state,
    };
    this.#take(openLink(this.#flow));
  }

  get id(): string {
    return this.#record.id;
  }

  get callId(): string | null {
    return this.#record.callId;
  }

  get provider(): PaymentProfile['provider']['kind'] {
    return this.profile.provider.kind;
  }

  get state(): PaymentState {
    return this.#flow.payment;
  }

  get hasEnded(): boolean {
    return isEnded(this.state);
  }

  /** What has to be stored of the link now. The number is kept only while it may be needed. */
  get link(): LinkRecord {
    const { link: state, triesLeft } = this.#flow;
    return { ...this.#link, state, triesLeft, to: this.hasEnded ? null : this.#link.to };
  }

  /** Where a link is sent. */
  get to(): string {
    return this.#link.to ?? '';
  }

  paymentView(): PaymentView {
    const { fields, triesLeft } = this.#flow;
    const { state, to, expiresAt } = this.link;
    const shown = fields.map((field): FieldView => {
      const { status, ...more } = field;
      return { ...more, state: status, attemptsLeft: triesLeft };
    });
    return paymentViewOf(
      { ...this.#record, state: this.state, updatedAt: this.#updatedAt },
      {
        required: missingFields(this.#flow),
        field: null,
        fields: shown,
        fieldTimer: null,
        link: { state, to: to === null ? null : maskedNumber(to), expiresAt, triesLeft },
      },
      this.#outcome,
    );
  }

  view(): PayerView {
    const { profile } = this;
    return {
      ...payerViewOf(this.#record),
      state: this.state,
      fields: this.#flow.fields.map(({ field, reason }) => ({ field, reason })),
      brands: profile.brands,
      minPostalCodeLength: profile.minPostalCodeLength,
      triesLeft: this.#flow.triesLeft,
      result: this.#outcome === null ? null : resultOf(this.#outcome),
    };
  }

  opened(): void {
    this.#dispatch({ type: 'page-opened' });
  }

  typed(field: CaptureField, length: number): void {
    if (length <= FIELD_CAPACITY[field]) this.#dispatch({ type: 'field-typed', field, length });
  }

  async submit(entries: ReadonlyMap<CaptureField, Uint8Array>): Promise<void> {
    this.opened();
    if (this.state === 'capturing') this.#takeForm(entries);
    if (this.#processing === null) return;
    const waited = Promise.withResolvers<void>();
    const cancel = this.#deps.clock.after(PAYER_WAIT_MS, waited.resolve);
    await Promise.race([this.#processing, waited.promise]);
    cancel();
  }

  /** A newer link takes the place of this one, which works no more. Throws if the payment is not open. */
  renewLink(link: Pick<LinkRecord, 'tokenHash' | 'expiresAt'>): void {
    this.refuseUnlessOpen();
    this.#link = { ...this.#link, ...link, links: this.#link.links + 1, messageId: null };
    this.#dispatch({ type: 'link-renewed' });
    this.#deps.onChange(this);
  }

  messageSent(messageId: string): void {
    this.#link = { ...this.#link, messageId };
    this.#dispatch({ type: 'message-sent' });
    this.#deps.onChange(this);
  }

  messageDelivered(): void {
    this.#dispatch({ type: 'message-delivered' });
  }

  messageLost(): void {
    this.#dispatch({ type: 'message-lost' });
  }

  /** A repeat changes nothing. Throws `PAYMENT_PROCESSING`, or `PAYMENT_ENDED` if it ended otherwise. */
  cancel(): void {
    if (this.state === 'canceled') return;
    this.refuseUnlessOpen();
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

  /** Stops the clock of a payment that goes on after this process. */
  close(): void {
    this.#stopTimer();
  }

  refuseUnlessOpen(): void {
    if (this.state === 'processing') throw new AppError('PAYMENT_PROCESSING', { paymentId: this.id });
    if (this.hasEnded) throw new AppError('PAYMENT_ENDED', { paymentId: this.id, state: this.state });
  }

  #takeForm(entries: ReadonlyMap<CaptureField, Uint8Array>): void {
    const { brands, minPostalCodeLength, fields } = this.profile;
    const vault = new CardVault({ brands, minPostalCodeLength, wallMs: () => this.#deps.clock.wallMs() });
    this.#vault = vault;
    for (const field of fields) {
      vault.enter(field, digitsOfEntry(field, entries.get(field) ?? new Uint8Array()));
    }
    // Only now: a security code is judged by the card, which may come after it.
    const verdicts = new Map(fields.map((field) => [field, vault.verdictOf(field)] as const));
    this.#dispatch({ type: 'form-sent', verdicts });
  }

  #dispatch(event: LinkEvent): void {
    this.#take(transition(this.#flow, event));
  }

  #take({ flow, effects }: LinkTransition): void {
    const { payment, link, triesLeft } = this.#flow;
    if (flow !== this.#flow) this.#updatedAt = new Date(this.#deps.clock.wallMs()).toISOString();
    this.#flow = flow;
    for (const effect of effects) this.#perform(effect);
    // Not every key: what was typed dies with the process anyway.
    const isLasting = flow.payment !== payment || flow.link !== link || flow.triesLeft !== triesLeft;
    if (isLasting) this.#deps.onChange(this);
    if (this.hasEnded && !this.#hasToldEnd) {
      this.#hasToldEnd = true;
      this.#deps.onEnd(this);
    }
  }

  #perform(effect: LinkEffect): void {
    switch (effect.type) {
      case 'announce':
        this.#count(effect.announcement);
        this.#deps.publish(effect.announcement);
        return;
      case 'begin-processing':
        this.#processing = this.#execute();
        return;
      case 'wipe':
        this.#vault?.wipe();
        this.#vault = null;
        return;
      case 'start-timer':
        this.#startTimer();
        return;
      case 'stop-timer':
        this.#stopTimer();
        return;
      case 'ignored':
        return;
    }
  }

  async #execute(): Promise<void> {
    const vault = this.#vault;
    if (vault === null) return;
    const { outcome, isOpenAgain } = await this.#deps.execute(vault, () => mayTryAgain(this.#flow));
    this.#processing = null;
    const word = outcome.outcome;
    if (isOpenAgain && (word === 'declined' || word === 'failed')) {
      this.#dispatch({ type: 'opened-again', outcome: word });
    } else this.#tell(outcome);
  }

  #tell(outcome: OutcomeRecord): void {
    this.#outcome = outcome;
    this.#dispatch({ type: 'outcome-known', outcome: outcome.outcome });
    this.#deps.publish({ type: 'payment-result', ...resultOf(outcome) });
  }

  #startTimer(): void {
    const { clock } = this.#deps;
    this.#stopTimer();
    const leftMs = Date.parse(this.#link.expiresAt) - clock.wallMs();
    this.#stopTimer = clock.after(Math.max(0, leftMs), () => this.#dispatch({ type: 'link-timed-out' }));
  }

  #count(event: AgentEvent): void {
    const { meter } = this.#deps;
    if (event.type === 'link-state') meter.counter('links_total', { state: event.state }).add(1);
    if (event.type !== 'field-complete' && event.type !== 'field-rejected') return;
    const result = event.type === 'field-complete' ? 'completed' : 'rejected';
    meter.counter('captures_total', { field: event.field, result }).add(1);
  }
}

/** What of a stored payment its payer may see. */
export function payerViewOf(record: PaymentRecord): PayerView {
  const { state, operation, amountMinor, currency, payee, reference, description, outcome } = record;
  return {
    state,
    operation,
    amount: amountMinor === null ? null : formatAmount(amountMinor, currency),
    currency,
    payee,
    reference,
    description,
    fields: [],
    brands: [],
    minPostalCodeLength: 1,
    triesLeft: 0,
    result: outcome === null ? null : resultOf(outcome),
  };
}
