import { createHash } from 'node:crypto';
import type { CaptureField } from '../core/capture-field.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import type { PaymentProfile } from '../core/payment-profile.ts';
import type { PaymentOutcome, PaymentState } from '../core/payment-state.ts';
import { makeId } from '../core/random.ts';
import type { Random } from '../core/random.ts';
import type { Tracer } from '../core/tracer.ts';
import { paymentSpan } from '../payment/payment-span.ts';
import type { AgentEvent } from '../events/agent-event.ts';
import type { Journal, OutcomeRecord, PaymentRecord } from '../journal/journal.ts';
import { commit } from '../payment/commit.ts';
import type { PaymentCard } from '../payment/payment-flow.ts';
import { askJournal, storeNewPayment } from './ask-journal.ts';
import type { Call } from './call.ts';
import type { CallRegistry } from './call-registry.ts';
import { GuidedPayment } from './guided-payment.ts';
import type { GuidedRecord } from './guided-payment.ts';
import { newRecord } from './new-record.ts';
import { NO_LIVE_DETAILS, paymentViewOf, resultOf } from './payment-view.ts';
import type { NewGuidedPayment, PaymentView } from './views.ts';

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
  readonly tracer?: Tracer;
  readonly journal: Journal;
  readonly calls: CallRegistry;
  readonly events: EventSink;
  readonly profiles: ReadonlyMap<string, PaymentProfile>;
  readonly execute: ExecutePayment;
  /** The open payment of another method on that call. */
  readonly otherOnCall: (callId: string) => Pick<PaymentView, 'id' | 'state'> | null;
}

/** Guided payments, from opening to the journal's last word. */
export class PaymentService {
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

  async open(asked: NewGuidedPayment, apiKeyName: string, clientKey: string | null) {
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
    const record = await askJournal(this.#deps.logger, () => this.#deps.journal.payment(id));
    if (record === null) throw new AppError('PAYMENT_NOT_FOUND');
    return paymentViewOf(record, NO_LIVE_DETAILS, record.outcome);
  }

  async ofCall(callId: string): Promise<readonly PaymentView[]> {
    const records = await askJournal(this.#deps.logger, () => this.#deps.journal.paymentsOfCall(callId));
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

  async #open(asked: NewGuidedPayment, apiKeyName: string, clientKey: string | null) {
    const clientHash = createHash('sha256').update(JSON.stringify(asked)).digest('hex');
    const first = await this.#firstUnder(apiKeyName, clientKey);
    if (first !== null) return { created: false, payment: await this.#repeated(first, asked, clientHash) };
    const profile = this.#profileFor(asked);
    const call = this.#freeCall(asked.callId);
    const { random, clock } = this.#deps;
    const origin = { id: makeId(random, 'pay'), apiKeyName, clientKey, clientHash };
    const createdAt = new Date(clock.wallMs()).toISOString();
    const record = { ...newRecord(asked, profile, origin, createdAt), callId: asked.callId };
    const { created, payment } = await storeNewPayment(this.#deps, record);
    if (!created) return { created, payment: await this.#repeated(payment, asked, clientHash) };
    return { created, payment: this.#start(record, profile, call) };
  }

  /** The call, if it has not ended and has no open payment. */
  #freeCall(callId: string): Call {
    const call = this.#deps.calls.openCall(callId);
    const guided = call.payment;
    const other = guided === null || guided.hasEnded ? this.#deps.otherOnCall(callId) : guided;
    if (other !== null) {
      throw new AppError('PAYMENT_OPEN', { paymentId: other.id, state: other.state });
    }
    return call;
  }

  async #firstUnder(apiKeyName: string, clientKey: string | null): Promise<PaymentRecord | null> {
    if (clientKey === null) return null;
    return askJournal(this.#deps.logger, () => this.#deps.journal.paymentByClientKey(apiKeyName, clientKey));
  }

  /** The answer to a repeat: the first payment, if the request was the same. */
  async #repeated(first: PaymentRecord, asked: NewGuidedPayment, clientHash: string): Promise<PaymentView> {
    if (first.clientHash !== clientHash) throw new AppError('IDEMPOTENCY_CONFLICT');
    if (this.#live.has(first.id) || !BEFORE_PROCESSING.includes(first.state)) return this.get(first.id);
    // Stored, but not of this process: the answer to its commit was lost, and so nobody has started it.
    const { calls, clock, journal } = this.#deps;
    // What was started stays in memory for longer than that, so a young payment surely was not.
    const isYoung = clock.wallMs() - Date.parse(first.createdAt) < KEEP_ENDED_MS;
    if (isYoung && calls.bridgeOf(asked.callId) !== null) {
      const record = { ...first, callId: asked.callId };
      return this.#start(record, this.#profileFor(asked), this.#freeCall(asked.callId));
    }
    await askJournal(this.#deps.logger, () =>
      journal.moveState(first.id, BEFORE_PROCESSING, 'canceled', 'system'),
    );
    return this.get(first.id);
  }

  #profileFor(asked: NewGuidedPayment): PaymentProfile {
    const profile = this.#deps.profiles.get(asked.profileId);
    if (profile === undefined) throw new AppError('PROFILE_NOT_FOUND');
    if (profile.method !== 'guided') throw new AppError('METHOD_NOT_SUPPORTED');
    if (asked.currency !== null && asked.currency !== profile.currency) {
      throw new AppError('CURRENCY_MISMATCH', { detail: `The payment profile takes ${profile.currency}.` });
    }
    return { ...profile, ...asked.adjustments };
  }

  #start(record: GuidedRecord, profile: PaymentProfile, call: Call): PaymentView {
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
    this.#deps.tracer?.record(paymentSpan(record, 'guided', state, clock.wallMs()));
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
}

type EndState = PaymentOutcome | 'canceled' | 'expired';

function liveView(payment: GuidedPayment): PaymentView {
  const { state, updatedAt, required, field, fields, fieldTimer, outcome } = payment;
  return paymentViewOf(
    { ...payment.record, state, updatedAt },
    { required, field, fields, fieldTimer, link: null },
    outcome,
  );
}
