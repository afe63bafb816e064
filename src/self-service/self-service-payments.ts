import { createHash } from 'node:crypto';
import { askJournal, storeNewPayment } from '../call/ask-journal.ts';
import { newRecord } from '../call/new-record.ts';
import type { LinkedView, NewPayment, OpenedPayment, PaymentView } from '../call/views.ts';
import { NO_LIVE_DETAILS, paymentViewOf } from '../call/payment-view.ts';
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
import type { SmsSender } from '../core/sms.ts';
import type { EventSink } from '../call/payment-service.ts';
import type { Journal, LinkedPayment, OutcomeRecord, PaymentRecord } from '../journal/journal.ts';
import { commit } from '../payment/commit.ts';
import type { PaymentCard, Try } from '../payment/payment-flow.ts';
import { LinkMessages } from './link-messages.ts';
import { LinkStore } from './link-store.ts';
import type { PayLink, PayLinks } from './pay-links.ts';
import { hashOfToken, makePayToken } from './pay-token.ts';
import { payerViewOf, SelfServicePayment } from './self-service-payment.ts';

/** How long an ended payment stays in memory; after that the journal answers for it. */
const KEEP_ENDED_MS = 15 * 60_000;
/** A caller who needs a sixth link needs something else. */
const LINKS_MAX = 5;
/** How long who asks for a new link waits for it to be stored. */
const STORE_WAIT_MS = 10_000;

const BEFORE_PROCESSING: readonly PaymentState[] = ['connecting', 'capturing', 'ready'];
const TOKEN = /^[a-z]{32}$/;

export interface SelfServiceDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Logger;
  readonly tracer?: Tracer;
  readonly journal: Journal;
  readonly events: EventSink;
  readonly profiles: ReadonlyMap<string, PaymentProfile>;
  readonly execute: (
    record: PaymentRecord,
    card: PaymentCard,
    actor: string,
    mayTryAgain: () => boolean,
  ) => Promise<Try>;
  /** Null: links are in the answers of the API only. */
  readonly sms: SmsSender | null;
  /** How long a link works. */
  readonly linkMs: number;
  /** The address that a token opens. */
  readonly urlOf: (token: string) => string;
}

/** Payments by a link that the payer opens, from the request to the journal's last word. */
export class SelfServicePayments implements PayLinks {
  readonly #deps: SelfServiceDependencies;
  readonly #messages: LinkMessages;
  readonly #store: LinkStore;
  readonly #live = new Map<string, SelfServicePayment>();
  readonly #byToken = new Map<string, SelfServicePayment>();
  /** Who cancels a payment just now. */
  readonly #enders = new Map<string, string>();

  constructor(deps: SelfServiceDependencies) {
    this.#deps = deps;
    this.#messages = new LinkMessages(deps);
    this.#store = new LinkStore(deps);
  }

  /** Goes on with the payments of a former run whose payers are still waited for. */
  async resume(): Promise<void> {
    for (const linked of await this.#deps.journal.waitingLinks()) this.#resumeOne(linked);
  }

  /** `asked.to` is a number in E.164; `refuseBusyCall` throws unless the call is open and free. */
  async open(
    asked: NewPayment,
    profile: PaymentProfile,
    apiKeyName: string,
    clientKey: string | null,
    refuseBusyCall: (callId: string) => void,
  ): Promise<OpenedPayment> {
    const { random, journal, urlOf } = this.#deps;
    const to = asked.to;
    if (to === undefined) {
      throw new AppError('REQUEST_INVALID', { detail: 'A self-service payment needs `to`.' });
    }
    const clientHash = createHash('sha256').update(JSON.stringify(asked)).digest('hex');
    const first =
      clientKey === null
        ? null
        : await askJournal(this.#deps.logger, () => journal.paymentByClientKey(apiKeyName, clientKey));
    if (first !== null) return this.#repeated(first, clientHash);
    if (asked.callId !== null) refuseBusyCall(asked.callId);
    const record = newRecord(
      asked,
      profile,
      { id: makeId(random, 'pay'), apiKeyName, clientKey, clientHash },
      this.#now(),
    );
    const token = makePayToken(random);
    const link = {
      paymentId: record.id,
      ...this.#newLink(token),
      to,
      state: 'created',
      triesLeft: profile.maxAttempts,
      links: 1,
      messageId: null,
    } as const;
    const { created, payment } = await storeNewPayment(this.#deps, record, link);
    if (!created) return this.#repeated(payment, clientHash);
    const started = this.#start({ payment: record, link }, profile);
    void this.#messages.send(started, urlOf(token));
    return { created, payment: started.paymentView(), payUrl: urlOf(token) };
  }

  /** The payment, if it is of this process. */
  live(id: string): SelfServicePayment | null {
    return this.#live.get(id) ?? null;
  }

  /** A payment of that call whose payer is still waited for, or whose card is being charged. */
  openOnCall(callId: string): SelfServicePayment | null {
    for (const payment of this.#live.values()) {
      if (payment.callId === callId && !payment.hasEnded) return payment;
    }
    return null;
  }

  async resend(payment: SelfServicePayment, actor: string): Promise<LinkedView> {
    const { random, journal, clock, urlOf } = this.#deps;
    payment.refuseUnlessOpen();
    if (payment.link.links >= LINKS_MAX) {
      throw new AppError('LINK_LIMIT', { detail: `A payment has at most ${LINKS_MAX} links.` });
    }
    if (!journal.health().writable) throw new AppError('JOURNAL_UNAVAILABLE');
    const token = makePayToken(random);
    this.#byToken.delete(payment.link.tokenHash);
    payment.renewLink(this.#newLink(token));
    this.#byToken.set(payment.link.tokenHash, payment);
    const waited = Promise.withResolvers<'late'>();
    const cancel = clock.after(STORE_WAIT_MS, () => waited.resolve('late'));
    const stored = await Promise.race([this.#store.stored(payment.id), waited.promise]);
    cancel();
    if (stored === 'late') throw new AppError('JOURNAL_UNAVAILABLE');
    await askJournal(this.#deps.logger, () =>
      journal.audit({ actor, action: 'link-renewed', subject: payment.id, detail: {} }),
    );
    void this.#messages.send(payment, urlOf(token));
    return { payment: payment.paymentView(), payUrl: urlOf(token) };
  }

  cancel(payment: SelfServicePayment, actor: string): void {
    this.#enders.set(payment.id, actor);
    try {
      payment.cancel();
    } finally {
      this.#enders.delete(payment.id);
    }
  }

  async find(token: string): Promise<PayLink | null> {
    if (!TOKEN.test(token)) return null;
    const hash = hashOfToken(token);
    const live = this.#byToken.get(hash);
    if (live !== undefined) return isGone(live.state) ? null : live;
    const linked = await askJournal(this.#deps.logger, () => this.#deps.journal.linkedPayment(hash));
    if (linked === null || isGone(linked.payment.state)) return null;
    // One that waits is in memory, unless its profile is gone.
    return BEFORE_PROCESSING.includes(linked.payment.state) ? null : endedLink(linked.payment);
  }

  outcomeSettled(id: string, outcome: OutcomeRecord): boolean {
    const payment = this.#live.get(id);
    payment?.outcomeSettled(outcome);
    return payment !== undefined;
  }

  /** Resolves when no charge is under way any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.#live.values()].map((payment) => payment.settled()));
  }

  /** Resolves when the journal has everything that it should have. */
  async stored(): Promise<void> {
    await this.#store.allStored();
  }

  close(): void {
    for (const payment of this.#live.values()) payment.close();
  }

  #now(): string {
    return new Date(this.#deps.clock.wallMs()).toISOString();
  }

  #newLink(token: string) {
    const { clock, linkMs } = this.#deps;
    return { tokenHash: hashOfToken(token), expiresAt: new Date(clock.wallMs() + linkMs).toISOString() };
  }

  /** The answer to a repeat: the first payment, if the request was the same. Its link is not known any more. */
  async #repeated(first: PaymentRecord, clientHash: string): Promise<OpenedPayment> {
    if (first.clientHash !== clientHash) throw new AppError('IDEMPOTENCY_CONFLICT');
    if (!this.#live.has(first.id) && BEFORE_PROCESSING.includes(first.state)) {
      // Stored, but the answer to its commit was lost, and so nobody has started it; a new link can be asked for.
      const waiting = await askJournal(this.#deps.logger, () => this.#deps.journal.waitingLinks());
      const linked = waiting.find(({ payment }) => payment.id === first.id);
      if (linked !== undefined && !this.#live.has(first.id)) this.#resumeOne(linked);
    }
    return { created: false, payment: this.#viewOf(first), payUrl: null };
  }

  #viewOf(record: PaymentRecord): PaymentView {
    const live = this.#live.get(record.id);
    return live?.paymentView() ?? paymentViewOf(record, NO_LIVE_DETAILS, record.outcome);
  }

  #resumeOne(linked: LinkedPayment): void {
    const { profiles, journal, logger } = this.#deps;
    const { id, profileId } = linked.payment;
    const profile = profiles.get(profileId);
    if (profile !== undefined) {
      this.#messages.resume(this.#start(linked, profile));
      return;
    }
    logger.warn('a payment waits for its payer, and its profile is gone', { paymentId: id });
    void commit(this.#deps, id, () => journal.moveState(id, BEFORE_PROCESSING, 'canceled', 'system'));
  }

  #start({ payment: record, link }: LinkedPayment, profile: PaymentProfile): SelfServicePayment {
    const { clock, meter, events, execute, logger } = this.#deps;
    const { id } = record;
    const payment = new SelfServicePayment(record, link, profile, {
      clock,
      meter,
      publish: (event) => events.publish(id, event),
      onChange: (changed) => this.#store.save(changed, this.#enders.get(id) ?? 'system'),
      execute: (card, mayTryAgain) => execute(record, card, 'payer', mayTryAgain),
      onEnd: (ended) => this.#ended(ended),
    });
    this.#live.set(id, payment);
    this.#byToken.set(link.tokenHash, payment);
    logger.info('payment by link opened', { paymentId: id, provider: record.provider });
    return payment;
  }

  #ended(payment: SelfServicePayment): void {
    const { clock, meter, logger, events } = this.#deps;
    const { id, state, provider } = payment;
    logger.info('payment by link ended', { paymentId: id, state });
    meter.counter('payments_total', { provider, result: state as EndState }).add(1);
    this.#deps.tracer?.record(paymentSpan(payment.record, 'self-service', state, clock.wallMs()));
    events.end(id);
    this.#messages.forget(payment);
    clock.after(KEEP_ENDED_MS, () => void this.#forget(payment));
  }

  async #forget(payment: SelfServicePayment): Promise<void> {
    await this.#store.stored(payment.id);
    this.#live.delete(payment.id);
    this.#byToken.delete(payment.link.tokenHash);
  }
}

type EndState = PaymentOutcome | 'canceled' | 'expired';

function isGone(state: PaymentState): boolean {
  return state === 'canceled' || state === 'expired';
}

/** A payment that only the journal knows: it can be looked at. */
function endedLink(record: PaymentRecord): PayLink {
  return {
    view: () => payerViewOf(record),
    opened: () => undefined,
    typed: () => undefined,
    submit: () => Promise.resolve(),
  };
}
