import { assert } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { Histogram, Meter } from '../core/meter.ts';
import type { PaymentState } from '../core/payment-state.ts';
import type { AuditEntry, AuditHead } from './audit-chain.ts';
import { JournalError } from './journal-error.ts';
import type { ReadMethod, StoreArguments, StoreMethod, StoreResult, WriteMethod } from './journal-work.ts';
import type {
  AttemptIntent,
  Deferral,
  Journal,
  JournalHealth,
  LinkedPayment,
  LinkRecord,
  OutcomeRecord,
  PaymentRecord,
  UnknownAttempt,
} from './journal.ts';
import type { DeliveryRecord, DeliveryUpdate, OutboxState } from './outbox.ts';
import type { Recovered } from './recovery.ts';

export interface JournalDependencies {
  readonly clock: Clock;
  readonly meter: Meter;
  readonly logger: Logger;
  /** Changes of payments go to the outbox too; without somebody who empties it, it would grow. */
  readonly tellsOthers?: boolean;
}

/**
 * The port on top of a store that may go away: it stamps what is written, measures commits, and knows whether the
 * store can be written. After a failure `health` is bad until a probe has written again.
 */
export abstract class StoreJournal implements Journal {
  protected readonly clock: Clock;
  protected readonly logger: Logger;
  protected isClosed = false;
  readonly #commitSeconds: Histogram;
  #isWritable = true;

  protected constructor({ clock, logger, meter }: JournalDependencies) {
    this.clock = clock;
    this.logger = logger;
    this.#commitSeconds = meter.histogram('journal_commit_seconds', {});
  }

  /** Asks the store; rejects with a `JournalError`. Never called after `close`. */
  protected abstract ask<M extends StoreMethod>(method: M, args: StoreArguments<M>): Promise<StoreResult<M>>;

  /** Opens the store again if it is gone; rejects while it cannot be had. */
  protected abstract reopen(): Promise<void>;

  /** Finishes what was asked before and closes the store, if it is open. */
  protected abstract end(): Promise<void>;

  /** Milliseconds before try number `tries`, counted from 0, to write again. */
  protected abstract probePauseMs(tries: number): number;

  createPayment(record: PaymentRecord, link?: LinkRecord): ReturnType<Journal['createPayment']> {
    return this.#write('createPayment', record, link);
  }

  payment(id: string): Promise<PaymentRecord | null> {
    return this.#read('payment', id);
  }

  paymentByClientKey(apiKeyName: string, clientKey: string): Promise<PaymentRecord | null> {
    return this.#read('paymentByClientKey', apiKeyName, clientKey);
  }

  paymentsOfCall(callId: string): Promise<readonly PaymentRecord[]> {
    return this.#read('paymentsOfCall', callId);
  }

  moveState(id: string, from: readonly PaymentState[], to: PaymentState, actor: string): Promise<boolean> {
    return this.#write('moveState', id, from, to, actor, this.now());
  }

  beginAttempt(intent: AttemptIntent, actor: string): Promise<void> {
    return this.#write('beginAttempt', intent, actor, this.now());
  }

  hasAttempt(idempotencyKey: string): Promise<boolean> {
    return this.#read('hasAttempt', idempotencyKey);
  }

  settleAttempt(
    idempotencyKey: string,
    outcome: OutcomeRecord,
    actor: string,
    isOpenAgain = false,
  ): Promise<void> {
    assert(
      !isOpenAgain || outcome.outcome === 'failed' || outcome.outcome === 'declined',
      'another card is taken only when nothing was charged',
    );
    return this.#write('settleAttempt', idempotencyKey, outcome, actor, this.now(), isOpenAgain);
  }

  endUnsent(id: string, outcome: OutcomeRecord, actor: string): Promise<void> {
    assert(
      outcome.outcome === 'failed' || outcome.outcome === 'declined',
      'a payment without an attempt was not charged',
    );
    return this.#write('endUnsent', id, outcome, actor, this.now());
  }

  saveLink(link: LinkRecord): Promise<void> {
    return this.#write('saveLink', link);
  }

  linkedPayment(tokenHash: string): Promise<LinkedPayment | null> {
    return this.#read('linkedPayment', tokenHash);
  }

  waitingLinks(): Promise<readonly LinkedPayment[]> {
    return this.#read('waitingLinks');
  }

  unknownAttempts(): Promise<readonly UnknownAttempt[]> {
    return this.#read('unknownAttempts');
  }

  deferAttempt(idempotencyKey: string, deferral: Deferral): Promise<void> {
    return this.#write('deferAttempt', idempotencyKey, deferral, this.now());
  }

  audit(entry: AuditEntry): Promise<void> {
    return this.#write('audit', entry, this.now());
  }

  auditHead(): Promise<AuditHead | null> {
    return this.#read('auditHead');
  }

  outbox(): Promise<OutboxState> {
    return this.#read('outbox', this.now());
  }

  updateDelivery(seq: number, update: DeliveryUpdate): Promise<void> {
    return this.#write('updateDelivery', seq, update, this.now());
  }

  deliveriesOf(paymentId: string): Promise<readonly DeliveryRecord[]> {
    return this.#read('deliveriesOf', paymentId);
  }

  async prune(before: string): Promise<void> {
    while (await this.#write('prune', before));
  }

  redeliver(paymentId: string, actor: string): Promise<number> {
    return this.#write('redeliver', paymentId, actor, this.now());
  }

  pruneOutbox(before: string): Promise<void> {
    return this.#write('pruneOutbox', before);
  }

  health(): JournalHealth {
    return { writable: this.#isWritable };
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.end();
  }

  protected now(): string {
    return new Date(this.clock.wallMs()).toISOString();
  }

  protected sayRecovered(recovered: Recovered): void {
    for (const [outcome, count] of Object.entries(recovered) as [string, number][]) {
      if (count > 0) this.logger.warn('Payments of a former run were settled', { outcome, count });
    }
  }

  /** To be called with every error that a request ended with: some of them say that the store has failed. */
  protected doubt(error: unknown): void {
    if (!(error instanceof JournalError)) return;
    if (error.code === 'UNAVAILABLE' || error.code === 'UNCLEAR') this.distrust();
  }

  /** To be called whenever the store has failed. */
  protected distrust(): void {
    if (!this.#isWritable || this.isClosed) return;
    this.#isWritable = false;
    this.logger.error('The journal cannot be written');
    this.#probeLater(0);
  }

  #read<M extends ReadMethod>(method: M, ...args: StoreArguments<M>): Promise<StoreResult<M>> {
    return this.#ask(method, args);
  }

  async #write<M extends WriteMethod>(method: M, ...args: StoreArguments<M>): Promise<StoreResult<M>> {
    const startedMs = this.clock.monotonicMs();
    const value = await this.#ask(method, args);
    this.#commitSeconds.observe((this.clock.monotonicMs() - startedMs) / 1000);
    return value;
  }

  #ask<M extends StoreMethod>(method: M, args: StoreArguments<M>): Promise<StoreResult<M>> {
    return this.isClosed ? Promise.reject(new JournalError('UNAVAILABLE')) : this.ask(method, args);
  }

  #probeLater(tries: number): void {
    this.clock.after(this.probePauseMs(tries), () => void this.#probe(tries));
  }

  async #probe(tries: number): Promise<void> {
    if (this.isClosed) return;
    try {
      await this.reopen();
      if (this.isClosed) await this.end();
      await this.#ask('probe', []);
      this.#isWritable = true;
      this.logger.info('The journal can be written again');
    } catch {
      this.#probeLater(tries + 1);
    }
  }
}
