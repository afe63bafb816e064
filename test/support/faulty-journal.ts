import { JournalError } from '../../src/journal/journal-error.ts';
import type { Journal } from '../../src/journal/journal.ts';

/**
 * `away`: refused, surely nothing stored. `lost-before`: never stored, and nobody knows. `lost-after`: stored, and
 * nobody knows.
 */
export type JournalFault = 'away' | 'lost-before' | 'lost-after';

type Faulty =
  'createPayment' | 'payment' | 'moveState' | 'beginAttempt' | 'hasAttempt' | 'settleAttempt' | 'failPayment';

/** A real journal whose next calls fail as scripted, each fault once; `forever` fails until it is taken away. */
export class FaultyJournal implements Journal {
  readonly faults: Record<Faulty, JournalFault[]> = {
    createPayment: [],
    payment: [],
    moveState: [],
    beginAttempt: [],
    hasAttempt: [],
    settleAttempt: [],
    failPayment: [],
  };
  /** Overrides all scripts while set. */
  forever: JournalFault | null = null;
  readonly calls: Faulty[] = [];
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  createPayment: Journal['createPayment'] = (record) =>
    this.#run('createPayment', () => this.#journal.createPayment(record));
  payment: Journal['payment'] = (id) => this.#run('payment', () => this.#journal.payment(id));
  paymentByClientKey: Journal['paymentByClientKey'] = (name, key) =>
    this.#journal.paymentByClientKey(name, key);
  paymentsOfCall: Journal['paymentsOfCall'] = (id) => this.#journal.paymentsOfCall(id);
  moveState: Journal['moveState'] = (id, from, to) =>
    this.#run('moveState', () => this.#journal.moveState(id, from, to));
  health: Journal['health'] = () => this.#journal.health();
  close: Journal['close'] = () => this.#journal.close();

  beginAttempt: Journal['beginAttempt'] = (intent) =>
    this.#run('beginAttempt', () => this.#journal.beginAttempt(intent));
  hasAttempt: Journal['hasAttempt'] = (key) => this.#run('hasAttempt', () => this.#journal.hasAttempt(key));
  settleAttempt: Journal['settleAttempt'] = (key, outcome) =>
    this.#run('settleAttempt', () => this.#journal.settleAttempt(key, outcome));
  failPayment: Journal['failPayment'] = (id, outcome) =>
    this.#run('failPayment', () => this.#journal.failPayment(id, outcome));

  async #run<T>(method: Faulty, call: () => Promise<T>): Promise<T> {
    this.calls.push(method);
    const fault = this.forever ?? this.faults[method].shift();
    if (fault === 'away') throw new JournalError('UNAVAILABLE');
    if (fault === 'lost-before') throw new JournalError('UNCLEAR');
    const value = await call();
    if (fault === 'lost-after') throw new JournalError('UNCLEAR');
    return value;
  }
}
