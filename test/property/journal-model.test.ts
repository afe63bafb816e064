import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { PAYMENT_STATES } from '../../src/core/payment-state.ts';
import type { PaymentOutcome } from '../../src/core/payment-state.ts';
import { JournalError } from '../../src/journal/journal-error.ts';
import type { LinkRecord, OutcomeRecord, PaymentRecord } from '../../src/journal/journal.ts';
import { openSqliteStore } from '../../src/journal/sqlite-store.ts';
import { MemoryStore } from '../support/simulation/memory-store.ts';
import { paymentRecord } from '../support/payment-record.ts';

/**
 * Goal: the SQLite journal and the model that the simulation runs on have the same rules, so that what the simulation
 * proves holds for the journal. Method: the same random sequence of requests to both, with the same answers and the
 * same rows at the end.
 */
const AT = '2026-11-02T12:00:00.000Z';
const PAYMENTS = ['pay_a', 'pay_b'];
const KEYS = ['att_a', 'att_b', 'att_c'];

type Step =
  | { readonly kind: 'create' | 'end'; readonly id: string; readonly outcome: PaymentOutcome }
  | { readonly kind: 'move'; readonly id: string; readonly from: number; readonly to: number }
  | { readonly kind: 'begin'; readonly id: string; readonly key: string; readonly amountMinor: number }
  | {
      readonly kind: 'settle';
      readonly key: string;
      readonly outcome: PaymentOutcome;
      readonly isOpenAgain: boolean;
    }
  | { readonly kind: 'link'; readonly id: string; readonly triesLeft: number }
  | { readonly kind: 'defer'; readonly key: string; readonly tries: number }
  | { readonly kind: 'crash' };

const id = fc.constantFrom(...PAYMENTS);
const key = fc.constantFrom(...KEYS);
const outcome = fc.constantFrom<PaymentOutcome>('approved', 'declined', 'failed', 'unknown');
const state = fc.nat({ max: PAYMENT_STATES.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), id, outcome }),
  fc.record({ kind: fc.constant('end' as const), id, outcome: fc.constantFrom('failed', 'declined') }),
  fc.record({ kind: fc.constant('move' as const), id, from: state, to: fc.constantFrom(2, 3, 8, 9) }),
  fc.record({ kind: fc.constant('begin' as const), id, key, amountMinor: fc.constantFrom(4250, 4250, 1) }),
  fc.record({ kind: fc.constant('settle' as const), key, outcome, isOpenAgain: fc.constant(false) }),
  fc.record({
    kind: fc.constant('settle' as const),
    key,
    outcome: fc.constantFrom('failed', 'declined'),
    isOpenAgain: fc.constant(true),
  }),
  fc.record({ kind: fc.constant('link' as const), id, triesLeft: fc.nat({ max: 3 }) }),
  fc.record({ kind: fc.constant('defer' as const), key, tries: fc.nat({ max: 9 }) }),
  fc.record({ kind: fc.constant('crash' as const) }),
);

function outcomeRecord(word: PaymentOutcome): OutcomeRecord {
  return {
    outcome: word,
    providerReference: null,
    brand: null,
    last4: null,
    declineCode: null,
    message: `It is ${word}.`,
  };
}

/** The second payment is by link. */
function newPayment(paymentId: string): [PaymentRecord, LinkRecord?] {
  if (paymentId !== 'pay_b') return [paymentRecord({ id: paymentId })];
  const payment: PaymentRecord = {
    ...paymentRecord({ id: paymentId }),
    method: 'self-service',
    callId: null,
  };
  return [payment, linkOf({ id: paymentId, triesLeft: 3 })];
}

function linkOf({
  id: paymentId,
  triesLeft,
}: {
  readonly id: string;
  readonly triesLeft: number;
}): LinkRecord {
  const tokenHash = (paymentId === 'pay_a' ? 'a' : 'b').repeat(64);
  return {
    paymentId,
    tokenHash,
    to: '+447700900123',
    state: 'opened',
    expiresAt: AT,
    triesLeft,
    links: 1,
    messageId: null,
  };
}

function linksOf(store: Pick<MemoryStore, 'linkedPayment' | 'waitingLinks'>): unknown {
  const found = ['a', 'b', 'c'].map((letter) => store.linkedPayment(letter.repeat(64)));
  const waiting = store.waitingLinks().map(({ link, payment }) => `${payment.state} ${link.paymentId}`);
  return [found.map((linked) => linked?.link ?? null), waiting.sort()];
}

/** What both stores have in common, with SQLite's extra arguments filled in. */
interface Common {
  readonly run: (step: Step) => unknown;
  readonly rows: () => unknown;
}

function answerOf(request: () => unknown): unknown {
  try {
    return request() ?? 'done';
  } catch (error) {
    if (error instanceof JournalError) return error.code;
    throw error;
  }
}

function model(): Common {
  const store = new MemoryStore();
  return {
    run: (asked) =>
      answerOf(() => {
        switch (asked.kind) {
          case 'create':
            return store.payments.has(asked.id)
              ? 'done'
              : store.createPayment(...newPayment(asked.id)).created;
          case 'end':
            return store.endUnsent(asked.id, outcomeRecord(asked.outcome), AT);
          case 'move':
            return store.moveState(
              asked.id,
              [PAYMENT_STATES[asked.from] ?? 'ready'],
              PAYMENT_STATES[asked.to] ?? 'ready',
              AT,
            );
          case 'begin':
            return store.attempts.has(asked.key) ? 'done' : store.beginAttempt(intentOf(asked), AT);
          case 'settle':
            return store.settleAttempt(asked.key, outcomeRecord(asked.outcome), AT, asked.isOpenAgain);
          case 'link':
            return store.payments.has(asked.id) ? store.saveLink(linkOf(asked)) : undefined;
          case 'defer':
            return store.deferAttempt(asked.key, deferralOf(asked));
          case 'crash':
            return store.recover(AT);
        }
      }),
    rows: () => [
      [...store.payments.values()].map(({ id: paymentId, state: word }) => ({ id: paymentId, state: word })),
      store.unknownAttempts().map(({ idempotencyKey, tries }) => ({ idempotencyKey, tries })),
      linksOf(store),
    ],
  };
}

const cleanUps: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

function sqlite(): Common {
  const folder = mkdtempSync(join(tmpdir(), 'tonewall-model-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'journal.db');
  let store = openSqliteStore(path, AT);
  cleanUps.push(() => store.close());
  return {
    run: (asked) =>
      answerOf(() => {
        switch (asked.kind) {
          case 'create':
            return store.payment(asked.id) === null
              ? store.createPayment(...newPayment(asked.id)).created
              : 'done';
          case 'end':
            return store.endUnsent(asked.id, outcomeRecord(asked.outcome), 'agent', AT);
          case 'move':
            return store.moveState(
              asked.id,
              [PAYMENT_STATES[asked.from] ?? 'ready'],
              PAYMENT_STATES[asked.to] ?? 'ready',
              'agent',
              AT,
            );
          case 'begin':
            return store.hasAttempt(asked.key) ? 'done' : store.beginAttempt(intentOf(asked), 'agent', AT);
          case 'settle':
            return store.settleAttempt(
              asked.key,
              outcomeRecord(asked.outcome),
              'agent',
              AT,
              asked.isOpenAgain,
            );
          case 'link':
            return store.payment(asked.id) === null ? undefined : store.saveLink(linkOf(asked));
          case 'defer':
            return store.deferAttempt(asked.key, deferralOf(asked), AT);
          case 'crash':
            store.close();
            store = openSqliteStore(path, AT);
            return undefined;
        }
      }),
    rows: () => [
      PAYMENTS.flatMap((paymentId) => {
        const payment = store.payment(paymentId);
        return payment === null ? [] : [{ id: paymentId, state: payment.state }];
      }),
      store.unknownAttempts().map(({ idempotencyKey, tries }) => ({ idempotencyKey, tries })),
      linksOf(store),
    ],
  };
}

function intentOf({ id: paymentId, key: idempotencyKey, amountMinor }: Extract<Step, { kind: 'begin' }>) {
  return {
    idempotencyKey,
    paymentId,
    operation: 'charge' as const,
    amountMinor,
    currency: 'GBP',
    token: 'tok_a',
  };
}

function deferralOf({ tries }: Extract<Step, { kind: 'defer' }>) {
  return { tries, nextTryAt: AT, escalatedAt: null };
}

describe('the SQLite journal and its model', () => {
  it('answer the same to any sequence of requests and crashes, and hold the same in the end', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
        const [ours, theirs] = [sqlite(), model()];
        for (const asked of steps) expect([asked, ours.run(asked)]).toEqual([asked, theirs.run(asked)]);
        const sorted = (rows: unknown) => JSON.stringify(rows);
        const [payments, ...others] = theirs.rows() as [{ id: string }[], ...unknown[]];
        payments.sort((a, b) => (a.id < b.id ? -1 : 1));
        expect(sorted(ours.rows())).toBe(sorted([payments, ...others]));
        for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
      }),
      { numRuns: 60 },
    );
  });
});
