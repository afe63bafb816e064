import { JournalError } from '../../../src/journal/journal-error.ts';
import type {
  AttemptIntent,
  Deferral,
  OutcomeRecord,
  PaymentRecord,
  UnknownAttempt,
} from '../../../src/journal/journal.ts';
import type { PaymentState } from '../../../src/core/payment-state.ts';

interface StoredAttempt extends AttemptIntent, Deferral {
  readonly state: 'intent' | 'unknown' | 'approved' | 'declined' | 'failed';
  readonly begunAt: string;
}

/** Guards that a test may take away, to see that their absence is noticed. */
export interface StoreGuards {
  /** An intent survives a crash. */
  readonly keepsIntents: boolean;
  /** An outcome survives a crash. */
  readonly keepsOutcomes: boolean;
  /** At most one attempt of a payment is open or approved. */
  readonly oneOpen: boolean;
  /** What a crash left begun becomes unknown, not failed. */
  readonly doubtsAfterCrash: boolean;
}

export const ALL_GUARDS: StoreGuards = {
  keepsIntents: true,
  keepsOutcomes: true,
  oneOpen: true,
  doubtsAfterCrash: true,
};

const BEFORE: readonly PaymentState[] = ['connecting', 'capturing', 'ready'];
const OPEN: readonly StoredAttempt['state'][] = ['intent', 'unknown', 'approved'];

/**
 * The journal's rules as a model of a few lines, without a disk: what the simulation runs on. The same suite runs on
 * it and on SQLite.
 */
export class MemoryStore {
  readonly payments = new Map<string, PaymentRecord>();
  readonly attempts = new Map<string, StoredAttempt>();
  readonly #guards: StoreGuards;

  constructor(guards: StoreGuards = ALL_GUARDS) {
    this.#guards = guards;
  }

  createPayment(record: PaymentRecord): { readonly created: boolean; readonly payment: PaymentRecord } {
    const first = this.paymentByClientKey(record.apiKeyName, record.clientKey);
    if (first !== null) return { created: false, payment: first };
    this.payments.set(record.id, record);
    return { created: true, payment: record };
  }

  paymentByClientKey(apiKeyName: string, clientKey: string | null): PaymentRecord | null {
    if (clientKey === null) return null;
    const all = [...this.payments.values()];
    return all.find((one) => one.apiKeyName === apiKeyName && one.clientKey === clientKey) ?? null;
  }

  moveState(id: string, from: readonly PaymentState[], to: PaymentState, at: string): boolean {
    const payment = this.payments.get(id);
    if (payment === undefined || !from.includes(payment.state)) return false;
    this.payments.set(id, { ...payment, state: to, updatedAt: at });
    return true;
  }

  beginAttempt(intent: AttemptIntent, at: string): void {
    const { paymentId, operation, amountMinor, currency } = intent;
    const payment = this.payments.get(paymentId);
    if (
      payment === undefined ||
      ![...BEFORE, 'processing'].includes(payment.state) ||
      payment.operation !== operation ||
      payment.amountMinor !== amountMinor ||
      payment.currency !== currency
    ) {
      throw new JournalError('STATE_CONFLICT');
    }
    if (this.#guards.oneOpen && this.#hasOpen(paymentId)) throw new JournalError('ATTEMPT_OPEN');
    this.payments.set(paymentId, { ...payment, state: 'processing', updatedAt: at });
    this.attempts.set(intent.idempotencyKey, {
      ...intent,
      state: 'intent',
      begunAt: at,
      tries: 0,
      nextTryAt: null,
      escalatedAt: null,
    });
  }

  settleAttempt(key: string, outcome: OutcomeRecord, at: string): void {
    const attempt = this.attempts.get(key);
    if (attempt === undefined) throw new JournalError('ATTEMPT_NOT_FOUND');
    const state = outcome.outcome;
    if (attempt.state !== 'intent' && attempt.state !== 'unknown') {
      if (attempt.state !== state) throw new JournalError('ATTEMPT_SETTLED');
      return;
    }
    if (this.#guards.keepsOutcomes) this.attempts.set(key, { ...attempt, state });
    const payment = this.payments.get(attempt.paymentId);
    if (payment === undefined || (payment.state !== 'processing' && payment.state !== 'unknown')) return;
    if (this.#guards.keepsOutcomes) {
      this.payments.set(payment.id, { ...payment, state, outcome, updatedAt: at });
    }
  }

  endUnsent(id: string, outcome: OutcomeRecord, at: string): void {
    const payment = this.payments.get(id);
    if (payment?.state === outcome.outcome) return;
    if (payment === undefined || ![...BEFORE, 'processing'].includes(payment.state) || this.#hasOpen(id)) {
      throw new JournalError('STATE_CONFLICT');
    }
    this.payments.set(id, { ...payment, state: outcome.outcome, outcome, updatedAt: at });
  }

  unknownAttempts(): readonly UnknownAttempt[] {
    return [...this.attempts.values()]
      .filter(({ state }) => state === 'unknown')
      .map(({ state: _state, ...attempt }) => {
        const payment = this.payments.get(attempt.paymentId);
        return {
          ...attempt,
          profileId: payment?.profileId ?? '',
          reference: payment?.reference ?? null,
          description: payment?.description ?? null,
          brand: payment?.outcome?.brand ?? null,
          last4: payment?.outcome?.last4 ?? null,
        };
      });
  }

  deferAttempt(key: string, deferral: Deferral): void {
    const attempt = this.attempts.get(key);
    if (attempt?.state === 'unknown') this.attempts.set(key, { ...attempt, ...deferral });
  }

  /** What a new process does with what the former one left. */
  recover(at: string): void {
    for (const [key, attempt] of this.attempts) {
      if (attempt.state === 'intent' && !this.#guards.keepsIntents) this.attempts.delete(key);
      else if (attempt.state === 'intent') {
        this.attempts.set(key, { ...attempt, state: this.#guards.doubtsAfterCrash ? 'unknown' : 'failed' });
      }
    }
    for (const payment of this.payments.values()) {
      const isOpen = [...this.attempts.values()].some(
        ({ paymentId, state }) => paymentId === payment.id && state === 'unknown',
      );
      const next = BEFORE.includes(payment.state)
        ? 'canceled'
        : payment.state === 'processing'
          ? isOpen
            ? 'unknown'
            : 'failed'
          : payment.state;
      if (next !== payment.state) this.payments.set(payment.id, { ...payment, state: next, updatedAt: at });
    }
  }

  #hasOpen(paymentId: string): boolean {
    return [...this.attempts.values()].some(
      (attempt) => attempt.paymentId === paymentId && OPEN.includes(attempt.state),
    );
  }
}
