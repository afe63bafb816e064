import { JournalError } from '../../src/journal/journal-error.ts';
import type { Journal } from '../../src/journal/journal.ts';

/**
 * `away`: refused, surely nothing stored. `lost-before`: never stored, and nobody knows. `lost-after`: stored, and
 * nobody knows.
 */
export type JournalFault = 'away' | 'lost-before' | 'lost-after';

type Faulty =
  'createPayment' | 'payment' | 'moveState' | 'beginAttempt' | 'hasAttempt' | 'settleAttempt' | 'endUnsent';

/** A real journal whose next calls fail as scripted, each fault once; `forever` fails until it is taken away. */
export class FaultyJournal implements Journal {
  readonly faults: Record<Faulty, JournalFault[]> = {
    createPayment: [],
    payment: [],
    moveState: [],
    beginAttempt: [],
    hasAttempt: [],
    settleAttempt: [],
    endUnsent: [],
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
  moveState: Journal['moveState'] = (id, from, to, actor) =>
    this.#run('moveState', () => this.#journal.moveState(id, from, to, actor));
  health: Journal['health'] = () => this.#journal.health();
  close: Journal['close'] = () => this.#journal.close();

  beginAttempt: Journal['beginAttempt'] = (intent, actor) =>
    this.#run('beginAttempt', () => this.#journal.beginAttempt(intent, actor));
  hasAttempt: Journal['hasAttempt'] = (key) => this.#run('hasAttempt', () => this.#journal.hasAttempt(key));
  settleAttempt: Journal['settleAttempt'] = (key, outcome, actor) =>
    this.#run('settleAttempt', () => this.#journal.settleAttempt(key, outcome, actor));
  endUnsent: Journal['endUnsent'] = (id, outcome, actor) =>
    this.#run('endUnsent', () => this.#journal.endUnsent(id, outcome, actor));
  unknownAttempts: Journal['unknownAttempts'] = () => this.#journal.unknownAttempts();
  deferAttempt: Journal['deferAttempt'] = (key, deferral) => this.#journal.deferAttempt(key, deferral);
  audit: Journal['audit'] = (entry) => this.#journal.audit(entry);
  auditHead: Journal['auditHead'] = () => this.#journal.auditHead();
  outbox: Journal['outbox'] = () => this.#journal.outbox();
  redeliver: Journal['redeliver'] = (id, actor) => this.#journal.redeliver(id, actor);
  updateDelivery: Journal['updateDelivery'] = (seq, update) => this.#journal.updateDelivery(seq, update);
  deliveriesOf: Journal['deliveriesOf'] = (id) => this.#journal.deliveriesOf(id);
  prune: Journal['prune'] = (before) => this.#journal.prune(before);
  pruneOutbox: Journal['pruneOutbox'] = (before) => this.#journal.pruneOutbox(before);

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
