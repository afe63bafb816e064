import { appendAudit, auditHead } from './audit-log.ts';
import type { AuditEntry } from './audit-chain.ts';
import type { TellChange } from './change-log.ts';
import { linkedPayment, saveLink, waitingLinks } from './link-work.ts';
import { deliveriesOf, outboxAt, pruneOutbox, requeue, updateDelivery } from './outbox-work.ts';
import {
  hasAttempt,
  paymentByClientKey,
  paymentById,
  paymentsOfCall,
  unknownAttempts,
} from './payment-reads.ts';
import {
  beginAttempt,
  createPayment,
  deferAttempt,
  endUnsent,
  moveState,
  prune,
  settleAttempt,
} from './payment-writes.ts';
import { change } from './work.ts';
import type { Work } from './work.ts';

/** What can be asked of the journal, whatever database holds it: see `Journal`. Nothing here changes anything. */
export const JOURNAL_READS = {
  payment: paymentById,
  paymentByClientKey,
  paymentsOfCall,
  hasAttempt,
  linkedPayment,
  waitingLinks,
  unknownAttempts,
  auditHead,
  outbox: outboxAt,
  deliveriesOf,
};

/** What changes the journal, each in one transaction; `tell` takes part in it. */
export function journalWrites(tell: TellChange) {
  return {
    createPayment: bound(createPayment, tell),
    moveState: bound(moveState, tell),
    beginAttempt: bound(beginAttempt, tell),
    settleAttempt: bound(settleAttempt, tell),
    endUnsent: bound(endUnsent, tell),
    saveLink,
    deferAttempt,
    audit: (entry: AuditEntry, at: string) => appendAudit(entry, at),
    updateDelivery,
    redeliver,
    prune,
    pruneOutbox,
    probe,
  };
}

export type JournalReads = typeof JOURNAL_READS;
export type JournalWrites = ReturnType<typeof journalWrites>;
export type ReadMethod = keyof JournalReads;
export type WriteMethod = keyof JournalWrites;
export type StoreMethod = ReadMethod | WriteMethod;

type WorkOf<M extends StoreMethod> = (JournalReads & JournalWrites)[M];
export type StoreArguments<M extends StoreMethod> = Parameters<WorkOf<M>>;
export type StoreResult<M extends StoreMethod> = ReturnType<WorkOf<M>> extends Work<infer T> ? T : never;

function bound<A extends unknown[], T>(
  work: (tell: TellChange, ...args: A) => Work<T>,
  tell: TellChange,
): (...args: A) => Work<T> {
  return (...args) => work(tell, ...args);
}

function* redeliver(paymentId: string, actor: string, at: string): Work<number> {
  const count = yield* requeue(paymentId);
  const entry = { actor, action: 'webhooks-requeued', subject: paymentId, detail: { count } };
  if (count > 0) yield* appendAudit(entry, at);
  return count;
}

/** Writes, so that a full or read-only disk is noticed, and its end too. */
function* probe(): Work<void> {
  yield* change('UPDATE probe SET count = count + 1');
}
