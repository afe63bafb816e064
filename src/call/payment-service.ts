import { createHash } from 'node:crypto';
import type { CaptureField } from '../core/capture-field.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import { parseAmount } from '../core/money.ts';
import type { PaymentProfile } from '../core/payment-profile.ts';
import type { PaymentOutcome, PaymentState } from '../core/payment-state.ts';
import { makeId } from '../core/random.ts';
import type { Random } from '../core/random.ts';
import type { AgentEvent } from '../events/agent-event.ts';
import { JournalError } from '../journal/journal-error.ts';
import type { Journal, OutcomeRecord, PaymentRecord } from '../journal/journal.ts';
import { commit } from '../payment/commit.ts';
import type { PaymentCard } from '../payment/payment-flow.ts';
import type { Call } from './call.ts';
import type { CallRegistry } from './call-registry.ts';
import { GuidedPayment } from './guided-payment.ts';
import { NO_LIVE_DETAILS, paymentViewOf, resultOf } from './payment-view.ts';
import type { NewPayment, Payments, PaymentView } from './views.ts';

/** How long an ended payment stays in memory with its fields; after that the journal answers for it. */
const KEEP_ENDED_MS = 15 * 60_000;

/** States that a payment may leave for `canceled` or `expired`. */
const BEFORE_PROCESSING: readonly PaymentState[] = ['connecting', 'capturing', 'ready'];

/** Where the events of a payment go. */
export interface EventSink {
  publish(paymentId: string, event: AgentEvent): unknown;
  end(paymentId: string): void;
}

/** Moves a payment that is ready to its outcome; see `src/payment/payment-flow.ts`. Never rejects. */
export type ExecutePayment = (
  record: PaymentRecord,
  card: PaymentCard,
  actor: string,
) => Promise<OutcomeRecord>;

export interface PaymentServiceDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Logger;
  readonly journal: Journal;
  readonly calls: CallRegistry;
  readonly events: EventSink;
  readonly profiles: ReadonlyMap<string, PaymentProfile>;
  readonly execute: ExecutePayment;
}

/** Guided payments, from opening to the journal's last word. */
export class PaymentService implements Payments {
  readonly #deps: PaymentServiceDependencies;
  readonly #live = new Map<string, GuidedPayment>();
  /**
   * Ends without a charge that are not stored yet. There are few, whatever the journal does: a payment cannot be
   * opened without it, and a call has one at a time.
   */
  readonly #ends = new Map<string, Promise<unknown>>();
  /** Who cancels a payment just now. */
  readonly #enders = new Map<string, string>();
  /** Openings under way, by call: a second one waits, so that it sees what the first one made. */
  readonly #opening = new Map<string, Promise<unknown>>();

  constructor(deps: PaymentServiceDependencies) {
    this.#deps = deps;
  }

  async open(asked: NewPayment, apiKeyName: string, clientKey: string | null) {
    while (this.#opening.has(asked.callId)) await this.#opening.get(asked.callId);
    const opening = this.#open(asked, apiKeyName, clientKey);
    const settled = opening.then(
      () => undefined,
      () => undefined,
    );
    this.#opening.set(asked.callId, settled);
    try {
      return await opening;
    } finally {
      this.#opening.delete(asked.callId);
    }
  }

  async get(id: string): Promise<PaymentView> {
    const live = this.#live.get(id);
    if (live !== undefined) return liveView(live);
    const record = await this.#ask(() => this.#deps.journal.payment(id));
    if (record === null) throw new AppError('PAYMENT_NOT_FOUND');
    return paymentViewOf(record, NO_LIVE_DETAILS, record.outcome);
  }

  async ofCall(callId: string): Promise<readonly PaymentView[]> {
    const records = await this.#ask(() => this.#deps.journal.paymentsOfCall(callId));
    return records.map((record) => {
      const live = this.#live.get(record.id);
      return live === undefined ? paymentViewOf(record, NO_LIVE_DETAILS, record.outcome) : liveView(live);
    });
  }

  async capture(id: string, field: CaptureField): Promise<PaymentView> {
    const payment = await this.#openPayment(id);
    payment.capture(field);
    return liveView(payment);
  }

  async process(id: string, actor: string): Promise<PaymentView> {
    const payment = this.#live.get(id);
    if (payment !== undefined) {
      await payment.process(actor);
      return liveView(payment);
    }
    // A repeat long after, or after a restart, still gets the outcome.
    const stored = await this.get(id);
    if (stored.result === null) throw new AppError('PAYMENT_ENDED', { paymentId: id, state: stored.state });
    return stored;
  }

  async cancel(id: string, actor: string): Promise<PaymentView> {
    const payment = await this.#openPayment(id);
    this.#enders.set(id, actor);
    try {
      payment.cancel();
    } finally {
      this.#enders.delete(id);
    }
    return liveView(payment);
  }

  /** The reconciler, or an operator, settled an outcome that had been unknown, and it is stored: tells who watches. */
  outcomeSettled(id: string, outcome: OutcomeRecord): void {
    const { events, meter } = this.#deps;
    const live = this.#live.get(id);
    meter.counter('payments_settled_total', { result: outcome.outcome }).add(1);
    if (live !== undefined) {
      live.outcomeSettled(outcome);
      return;
    }
    // It ended in another run or long ago; somebody may still watch.
    events.publish(id, { type: 'payment-state', state: outcome.outcome, required: [], field: null });
    events.publish(id, { type: 'payment-result', ...resultOf(outcome) });
    events.end(id);
  }

  async giveMoreTime(id: string): Promise<PaymentView> {
    const payment = await this.#openPayment(id);
    payment.giveMoreTime();
    return liveView(payment);
  }

  /** Resolves when no charge is under way any more: each outcome is stored, and told. */
  async settled(): Promise<void> {
    await Promise.all([...this.#live.values()].map((payment) => payment.settled()));
  }

  /** Resolves when each end of a payment that was not charged is stored. */
  async endsStored(): Promise<void> {
    await Promise.all(this.#ends.values());
  }

  async #open(asked: NewPayment, apiKeyName: string, clientKey: string | null) {
    const clientHash = createHash('sha256').update(JSON.stringify(asked)).digest('hex');
    const first = await this.#firstUnder(apiKeyName, clientKey);
    if (first !== null) return { created: false, payment: await this.#repeated(first, asked, clientHash) };
    const profile = this.#profileFor(asked);
    const call = this.#freeCall(asked.callId);
    const record = this.#recordOf(asked, profile, apiKeyName, clientKey, clientHash);
    const { created, payment } = await this.#create(record);
    if (!created) return { created, payment: await this.#repeated(payment, asked, clientHash) };
    return { created, payment: this.#start(record, profile, call) };
  }

  /** Stores a new payment; one whose commit's answer was lost is read back. */
  async #create(record: PaymentRecord): ReturnType<Journal['createPayment']> {
    const { journal, logger } = this.#deps;
    return this.#ask(async () => {
      try {
        return await journal.createPayment(record);
      } catch (error) {
        if (!(error instanceof JournalError) || error.code !== 'UNCLEAR') throw error;
        logger.warn('a new payment is read back', { paymentId: record.id });
        const payment = await journal.payment(record.id);
        if (payment === null) throw error;
        return { created: true, payment };
      }
    });
  }

  /** The call, if it has not ended and has no open payment. */
  #freeCall(callId: string): Call {
    const call = this.#deps.calls.openCall(callId);
    const other = call.payment;
    if (other !== null && !other.hasEnded) {
      throw new AppError('PAYMENT_OPEN', { paymentId: other.id, state: other.state });
    }
    return call;
  }

  async #firstUnder(apiKeyName: string, clientKey: string | null): Promise<PaymentRecord | null> {
    if (clientKey === null) return null;
    return this.#ask(() => this.#deps.journal.paymentByClientKey(apiKeyName, clientKey));
  }

  /** The answer to a repeat: the first payment, if the request was the same. */
  async #repeated(first: PaymentRecord, asked: NewPayment, clientHash: string): Promise<PaymentView> {
    if (first.clientHash !== clientHash) throw new AppError('IDEMPOTENCY_CONFLICT');
    if (this.#live.has(first.id) || !BEFORE_PROCESSING.includes(first.state)) return this.get(first.id);
    // Stored, but not of this process: the answer to its commit was lost, and so nobody has started it.
    const { calls, clock, journal } = this.#deps;
    // What was started stays in memory for longer than that, so a young payment surely was not.
    const isYoung = clock.wallMs() - Date.parse(first.createdAt) < KEEP_ENDED_MS;
    if (isYoung && calls.bridgeOf(first.callId) !== null) {
      return this.#start(first, this.#profileFor(asked), this.#freeCall(first.callId));
    }
    await this.#ask(() => journal.moveState(first.id, BEFORE_PROCESSING, 'canceled', 'system'));
    return this.get(first.id);
  }

  #profileFor(asked: NewPayment): PaymentProfile {
    const profile = this.#deps.profiles.get(asked.profileId);
    if (profile === undefined) throw new AppError('PROFILE_NOT_FOUND');
    if (profile.method !== 'guided') throw new AppError('METHOD_NOT_SUPPORTED');
    if (asked.currency !== null && asked.currency !== profile.currency) {
      throw new AppError('CURRENCY_MISMATCH', { detail: `The payment profile takes ${profile.currency}.` });
    }
    return { ...profile, ...asked.adjustments };
  }

  #recordOf(
    asked: NewPayment,
    profile: PaymentProfile,
    apiKeyName: string,
    clientKey: string | null,
    clientHash: string,
  ): PaymentRecord {
    const now = new Date(this.#deps.clock.wallMs()).toISOString();
    return {
      id: makeId(this.#deps.random, 'pay'),
      callId: asked.callId,
      apiKeyName,
      clientKey,
      clientHash,
      profileId: profile.id,
      operation: profile.operation,
      provider: profile.provider.kind,
      payee: asked.payee,
      interactionType: asked.interactionType,
      amountMinor: amountFor(profile, asked.amount),
      currency: profile.currency,
      reference: asked.reference,
      description: asked.description,
      state: 'connecting',
      outcome: null,
      createdAt: now,
      updatedAt: now,
    };
  }

  #start(record: PaymentRecord, profile: PaymentProfile, call: Call): PaymentView {
    const { clock, meter, events, calls, execute, logger } = this.#deps;
    const payment = new GuidedPayment(record, profile, {
      clock,
      meter,
      publish: (event) => events.publish(record.id, event),
      setSensitivity: (sensitivity) => calls.bridgeOf(record.callId)?.setSensitivity(sensitivity),
      execute: (card, actor) => execute(record, card, actor),
      onEnd: (ended) => this.#ended(ended),
    });
    this.#live.set(record.id, payment);
    logger.info('payment opened', { paymentId: record.id, callId: record.callId, provider: record.provider });
    // The call may have ended while the journal wrote.
    if (call.hasEnded) payment.callEnded();
    else call.join(payment);
    return liveView(payment);
  }

  #ended(payment: GuidedPayment): void {
    const { clock, meter, logger, events, calls } = this.#deps;
    const { id, state, record, profile } = payment;
    logger.info('payment ended', { paymentId: id, callId: record.callId, state });
    meter.counter('payments_total', { provider: profile.provider.kind, result: state as EndState }).add(1);
    events.end(id);
    calls.release(payment);
    if (state === 'canceled' || state === 'expired') this.#recordEnd(id, state);
    clock.after(KEEP_ENDED_MS, () => void this.#forget(id));
  }

  /** In the background: a payment that never left needs no proof, and recovery on start cancels it too. */
  #recordEnd(id: string, state: 'canceled' | 'expired'): void {
    const { journal } = this.#deps;
    const actor = this.#enders.get(id) ?? 'system';
    const stored = commit(this.#deps, id, () => journal.moveState(id, BEFORE_PROCESSING, state, actor));
    this.#ends.set(id, stored);
    void stored.then(() => this.#ends.delete(id));
  }

  async #forget(id: string): Promise<void> {
    await this.#ends.get(id);
    this.#live.delete(id);
  }

  /** A payment of this process. One that only the journal knows has ended, as far as a caller's keys go. */
  async #openPayment(id: string): Promise<GuidedPayment> {
    const payment = this.#live.get(id);
    if (payment !== undefined) return payment;
    const { state } = await this.get(id);
    throw new AppError('PAYMENT_ENDED', { paymentId: id, state });
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      this.#deps.logger.error('the journal did not answer', describeError(error));
      throw new AppError('JOURNAL_UNAVAILABLE');
    }
  }
}

type EndState = PaymentOutcome | 'canceled' | 'expired';

function amountFor(profile: PaymentProfile, amount: string | null): number | null {
  if (profile.operation === 'charge') {
    if (amount === null) throw new AppError('AMOUNT_INVALID', { detail: 'A charge needs an amount.' });
    return parseAmount(amount, profile.currency);
  }
  if (amount !== null)
    throw new AppError('AMOUNT_INVALID', { detail: 'The payment profile only makes a token.' });
  return null;
}

function liveView(payment: GuidedPayment): PaymentView {
  const { state, updatedAt, required, field, fields, fieldTimer, outcome } = payment;
  return paymentViewOf(
    { ...payment.record, state, updatedAt },
    { required, field, fields, fieldTimer },
    outcome,
  );
}
