import { JournalError } from '../../../src/journal/journal-error.ts';
import type { Journal } from '../../../src/journal/journal.ts';
import type { MemoryStore } from './memory-store.ts';

/** What becomes of one call. The last two lose the answer, before or after the change was stored. */
export type StoreFault = 'none' | 'away' | 'lost-before' | 'lost-after';

/** The journal as one process sees it: calls take time, fail, and never come back once the process is dead. */
export class MemoryJournal implements Journal {
  readonly #store: MemoryStore;
  readonly #now: () => string;
  /** Resolves after the time that a call takes, with what becomes of it; never, once the process is dead. */
  readonly #turn: () => Promise<StoreFault>;

  constructor(store: MemoryStore, now: () => string, turn: () => Promise<StoreFault>) {
    this.#store = store;
    this.#now = now;
    this.#turn = turn;
  }

  createPayment: Journal['createPayment'] = (record) => this.#run(() => this.#store.createPayment(record));
  payment: Journal['payment'] = (id) => this.#run(() => this.#store.payments.get(id) ?? null);
  paymentByClientKey: Journal['paymentByClientKey'] = (name, key) =>
    this.#run(() => this.#store.paymentByClientKey(name, key));
  paymentsOfCall: Journal['paymentsOfCall'] = (callId) =>
    this.#run(() =>
      [...this.#store.payments.values()].filter((payment) => payment.callId === callId).toReversed(),
    );
  moveState: Journal['moveState'] = (id, from, to) =>
    this.#run(() => this.#store.moveState(id, from, to, this.#now()));
  beginAttempt: Journal['beginAttempt'] = (intent) =>
    this.#run(() => this.#store.beginAttempt(intent, this.#now()));
  hasAttempt: Journal['hasAttempt'] = (key) => this.#run(() => this.#store.attempts.has(key));
  settleAttempt: Journal['settleAttempt'] = (key, outcome) =>
    this.#run(() => this.#store.settleAttempt(key, outcome, this.#now()));
  endUnsent: Journal['endUnsent'] = (id, outcome) =>
    this.#run(() => this.#store.endUnsent(id, outcome, this.#now()));
  unknownAttempts: Journal['unknownAttempts'] = () => this.#run(() => this.#store.unknownAttempts());
  deferAttempt: Journal['deferAttempt'] = (key, deferral) =>
    this.#run(() => this.#store.deferAttempt(key, deferral));
  audit: Journal['audit'] = () => Promise.resolve();
  auditHead: Journal['auditHead'] = () => Promise.resolve(null);
  outbox: Journal['outbox'] = () => Promise.resolve({ due: [], undelivered: 0, oldestAt: null });
  redeliver: Journal['redeliver'] = () => Promise.resolve(0);
  updateDelivery: Journal['updateDelivery'] = () => Promise.resolve();
  deliveriesOf: Journal['deliveriesOf'] = () => Promise.resolve([]);
  prune: Journal['prune'] = () => Promise.resolve();
  pruneOutbox: Journal['pruneOutbox'] = () => Promise.resolve();
  health: Journal['health'] = () => ({ writable: true });
  close: Journal['close'] = () => Promise.resolve();

  async #run<T>(call: () => T): Promise<T> {
    const fault = await this.#turn();
    if (fault === 'away') throw new JournalError('UNAVAILABLE');
    if (fault === 'lost-before') throw new JournalError('UNCLEAR');
    const value = call();
    if (fault === 'lost-after') throw new JournalError('UNCLEAR');
    return value;
  }
}
