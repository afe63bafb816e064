import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/app/system-random.ts';
import { PAYMENT_STATES } from '../../src/core/payment-state.ts';
import type { PaymentOutcome } from '../../src/core/payment-state.ts';
import { JournalError } from '../../src/journal/journal-error.ts';
import type {
  Journal,
  LinkedPayment,
  LinkRecord,
  OutcomeRecord,
  PaymentRecord,
} from '../../src/journal/journal.ts';
import { openJournal } from '../../src/journal/open-journal.ts';
import { openSqliteStore } from '../../src/journal/sqlite-store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { paymentRecord } from '../support/payment-record.ts';
import { POSTGRES_MISSING, PostgresServer } from '../support/postgres-server.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';
import { MemoryStore } from '../support/simulation/memory-store.ts';

/**
 * Goal: the journal, in SQLite or PostgreSQL, and the model that the simulation runs on have the same rules, so that
 * what the simulation proves holds for the journal. Method: the same random sequence of requests to both, with the same answers and the
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

/** What is asked of a store, of whatever kind. */
interface Asked {
  readonly linkedPayment: (hash: string) => MaybePromise<LinkedPayment | null>;
  readonly waitingLinks: () => MaybePromise<readonly LinkedPayment[]>;
}

type MaybePromise<T> = T | Promise<T>;

async function linksOf(store: Asked): Promise<unknown> {
  const found: unknown[] = [];
  for (const letter of ['a', 'b', 'c'])
    found.push((await store.linkedPayment(letter.repeat(64)))?.link ?? null);
  const waiting = (await store.waitingLinks()).map(
    ({ link, payment }) => `${payment.state} ${link.paymentId}`,
  );
  return [found, waiting.sort()];
}

/** What the stores have in common. */
interface Common {
  readonly run: (step: Step) => Promise<unknown>;
  readonly rows: () => Promise<unknown>;
}

async function answerOf(request: () => unknown): Promise<unknown> {
  try {
    return (await request()) ?? 'done';
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
    rows: async () => [
      [...store.payments.values()]
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ id: paymentId, state: word }) => ({ id: paymentId, state: word })),
      store.unknownAttempts().map(({ idempotencyKey, tries }) => ({ idempotencyKey, tries })),
      await linksOf(store),
    ],
  };
}

const cleanUps: (() => unknown)[] = [];
afterEach(cleanUp);

async function cleanUp(): Promise<void> {
  for (const undo of cleanUps.splice(0).reverse()) await undo();
}

/** The journal's store, with what the port adds filled in. */
type Store = Pick<
  Journal,
  | 'payment'
  | 'hasAttempt'
  | 'createPayment'
  | 'saveLink'
  | 'linkedPayment'
  | 'waitingLinks'
  | 'unknownAttempts'
> &
  Pick<Journal, 'endUnsent' | 'moveState' | 'beginAttempt' | 'settleAttempt' | 'deferAttempt' | 'close'>;

function sqlite(): () => Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'tonewall-model-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  return async () => {
    const store = openSqliteStore(join(folder, 'journal.db'), AT);
    return {
      payment: async (paymentId) => store.payment(paymentId),
      hasAttempt: async (attempt) => store.hasAttempt(attempt),
      createPayment: async (...args) => store.createPayment(...args),
      saveLink: async (link) => store.saveLink(link),
      linkedPayment: async (hash) => store.linkedPayment(hash),
      waitingLinks: async () => store.waitingLinks(),
      unknownAttempts: async () => store.unknownAttempts(),
      endUnsent: async (...args) => store.endUnsent(...args, AT),
      moveState: async (...args) => store.moveState(...args, AT),
      beginAttempt: async (...args) => store.beginAttempt(...args, AT),
      settleAttempt: async (attempt, how, actor, isOpenAgain) =>
        store.settleAttempt(attempt, how, actor, AT, isOpenAgain),
      deferAttempt: async (...args) => store.deferAttempt(...args, AT),
      close: async () => store.close(),
    };
  };
}

let server: PostgresServer | null = null;
afterAll(() => server?.close());

async function postgres(): Promise<() => Promise<Store>> {
  server ??= await PostgresServer.start();
  const url = await server.database();
  const shared = { clock: new FakeClock(Date.parse(AT)), random: systemRandom };
  return () => openJournal(url, { ...shared, logger: new RecordingLogger(), meter: new RecordingMeter() });
}

async function journal(open: () => Promise<Store>): Promise<Common> {
  let store = await open();
  cleanUps.push(() => store.close());
  return {
    run: (asked) =>
      answerOf(async () => {
        switch (asked.kind) {
          case 'create':
            return (await store.payment(asked.id)) === null
              ? (await store.createPayment(...newPayment(asked.id))).created
              : 'done';
          case 'end':
            return store.endUnsent(asked.id, outcomeRecord(asked.outcome), 'agent');
          case 'move':
            return store.moveState(
              asked.id,
              [PAYMENT_STATES[asked.from] ?? 'ready'],
              PAYMENT_STATES[asked.to] ?? 'ready',
              'agent',
            );
          case 'begin':
            return (await store.hasAttempt(asked.key))
              ? 'done'
              : store.beginAttempt(intentOf(asked), 'agent');
          case 'settle':
            return store.settleAttempt(asked.key, outcomeRecord(asked.outcome), 'agent', asked.isOpenAgain);
          case 'link':
            return (await store.payment(asked.id)) === null ? undefined : store.saveLink(linkOf(asked));
          case 'defer':
            return store.deferAttempt(asked.key, deferralOf(asked));
          case 'crash':
            await store.close();
            store = await open();
            return undefined;
        }
      }),
    rows: async () => {
      const payments: { readonly id: string; readonly state: string }[] = [];
      for (const paymentId of PAYMENTS) {
        const payment = await store.payment(paymentId);
        if (payment !== null) payments.push({ id: paymentId, state: payment.state });
      }
      const unknown = await store.unknownAttempts();
      return [
        payments,
        unknown.map(({ idempotencyKey, tries }) => ({ idempotencyKey, tries })),
        await linksOf(store),
      ];
    },
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

/** What the journal and its model answer to the same steps, and hold in the end. */
async function play(
  open: () => Promise<Store>,
  steps: readonly Step[],
): Promise<Record<'ours' | 'theirs', unknown[]>> {
  const stores = { ours: await journal(open), theirs: model() };
  const seen: Record<'ours' | 'theirs', unknown[]> = { ours: [], theirs: [] };
  for (const side of ['ours', 'theirs'] as const) {
    for (const asked of steps) seen[side].push([asked, await stores[side].run(asked)]);
    seen[side].push(JSON.stringify(await stores[side].rows()));
  }
  await cleanUp();
  return seen;
}

const STEPS = fc.array(step, { minLength: 1, maxLength: 25 });

describe('the journal and its model', () => {
  it('answer the same to any sequence of requests and crashes, and hold the same in the end', async () => {
    const holds = fc.asyncProperty(STEPS, async (steps) => {
      const { ours, theirs } = await play(sqlite(), steps);
      expect(ours).toEqual(theirs);
    });
    await fc.assert(holds, { numRuns: 60 });
  });

  it.skipIf(POSTGRES_MISSING !== null)(`do so in PostgreSQL too ${POSTGRES_MISSING ?? ''}`, async () => {
    const holds = fc.asyncProperty(STEPS, async (steps) => {
      const { ours, theirs } = await play(await postgres(), steps);
      expect(ours).toEqual(theirs);
    });
    await fc.assert(holds, { numRuns: 20 });
  });
});
