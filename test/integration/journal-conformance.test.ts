import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/app/system-random.ts';
import { PAYMENT_STATES } from '../../src/core/payment-state.ts';
import { verifyAuditLog } from '../../src/journal/audit-log.ts';
import type {
  AttemptIntent,
  Journal,
  LinkRecord,
  OutcomeRecord,
  PaymentRecord,
} from '../../src/journal/journal.ts';
import { openJournal, openOperatorStore } from '../../src/journal/open-journal.ts';
import { listPayments, settleByHand } from '../../src/journal/operator-work.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { paymentRecord } from '../support/payment-record.ts';
import { POSTGRES_MISSING, PostgresServer } from '../support/postgres-server.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';

/** Goal: the journal keeps the same rules in every database. Method: the same tests on SQLite and a real PostgreSQL. */
const LATER = '2026-11-02T12:00:02.000Z';
const APPROVED: OutcomeRecord = {
  outcome: 'approved',
  providerReference: 'ch_1',
  brand: 'visa',
  last4: '1111',
  declineCode: null,
  message: 'The payment was approved.',
};
const DECLINED: OutcomeRecord = {
  ...APPROVED,
  outcome: 'declined',
  providerReference: null,
  declineCode: '51',
};
const FAILED: OutcomeRecord = { ...APPROVED, outcome: 'failed', providerReference: null };
const UNKNOWN: OutcomeRecord = { ...APPROVED, outcome: 'unknown', providerReference: null };

const LINK: LinkRecord = {
  paymentId: 'pay_a',
  tokenHash: 'a'.repeat(64),
  to: '+447700900123',
  state: 'sent',
  expiresAt: '2026-11-03T12:00:00.000Z',
  triesLeft: 3,
  links: 1,
  messageId: null,
};

function intent(changes: Partial<AttemptIntent> = {}): AttemptIntent {
  return {
    idempotencyKey: 'att_a',
    paymentId: 'pay_a',
    operation: 'charge',
    amountMinor: 4250,
    currency: 'GBP',
    token: null,
    ...changes,
  };
}

const errorCode = (code: string): object => expect.objectContaining({ name: 'JournalError', code }) as object;

interface Database {
  /** Names an empty one. */
  readonly make: () => Promise<string>;
  readonly close: () => Promise<void>;
}

function sqliteFiles(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'tonewall-conformance-'));
  let files = 0;
  return Promise.resolve({
    make: async () => join(folder, `journal-${(files += 1)}.db`),
    close: async () => rmSync(folder, { recursive: true }),
  });
}

async function postgresDatabases(): Promise<Database> {
  const server = await PostgresServer.start();
  return { make: () => server.database(), close: () => server.close() };
}

const DATABASES = [
  { name: 'SQLite', missing: null, start: sqliteFiles },
  { name: 'PostgreSQL', missing: POSTGRES_MISSING, start: postgresDatabases },
];

let database: Database;
let place: string;
let clock: FakeClock;
let logger: RecordingLogger;
let journals: Journal[];

async function open(tellsOthers = false): Promise<Journal> {
  logger = new RecordingLogger();
  const shared = { clock, logger, meter: new RecordingMeter(), random: systemRandom };
  const journal = await openJournal(place, { ...shared, tellsOthers });
  journals.push(journal);
  return journal;
}

/** As a new process does after the former one. */
async function reopen(): Promise<Journal> {
  await journals.pop()?.close();
  return open();
}

/** What the last start settled, as it was logged. */
function recoveries(): object {
  return Object.fromEntries(logger.lines.map(({ fields }) => [fields?.outcome, fields?.count]));
}

describe.each(DATABASES)('the journal in $name', ({ missing, start }) => {
  describe.skipIf(missing !== null)(missing ?? 'works', () => {
    beforeAll(async () => void (database = await start()));
    afterAll(() => database.close());
    beforeEach(async () => {
      place = await database.make();
      clock = new FakeClock(Date.parse(LATER));
      journals = [];
    });
    afterEach(async () => {
      for (const journal of journals) await journal.close();
    });

    paymentTests();
    attemptTests();
    recoveryTests();
    otherTests();
  });
});

function paymentTests(): void {
  describe('payments', () => {
    it('keeps every member of a payment', async () => {
      const records: PaymentRecord[] = [
        paymentRecord({ clientKey: 'order-17', state: 'canceled' }),
        paymentRecord({
          id: 'pay_b',
          state: 'expired',
          payee: null,
          interactionType: null,
          amountMinor: null,
          reference: null,
        }),
        paymentRecord({
          id: 'pay_c',
          operation: 'tokenize',
          state: 'approved',
          outcome: APPROVED,
          description: null,
        }),
      ];
      const store = await open();
      for (const record of records)
        expect(await store.createPayment(record)).toEqual({ created: true, payment: record });
      const again = await reopen();

      expect(await Promise.all(records.map(({ id }) => again.payment(id)))).toEqual(records);
      expect(await again.payment('pay_x')).toBeNull();
    });

    it('returns the first payment under a client key, and only for that API key', async () => {
      const store = await open();
      const first = paymentRecord({ clientKey: 'order-17' });
      await store.createPayment(first);

      const repeat = paymentRecord({ id: 'pay_b', clientKey: 'order-17', clientHash: 'other' });
      expect(await store.createPayment(repeat)).toEqual({ created: false, payment: first });
      expect(await store.payment('pay_b')).toBeNull();
      expect(await store.createPayment({ ...repeat, apiKeyName: 'shop' })).toMatchObject({ created: true });
      expect((await store.paymentByClientKey('crm', 'order-17'))?.id).toBe('pay_a');
      expect((await store.paymentByClientKey('shop', 'order-17'))?.id).toBe('pay_b');
      expect(await store.paymentByClientKey('crm', 'order-18')).toBeNull();
    });

    it('takes any number of payments without a client key', async () => {
      const store = await open();

      expect(await store.createPayment(paymentRecord())).toMatchObject({ created: true });
      expect(await store.createPayment(paymentRecord({ id: 'pay_b' }))).toMatchObject({ created: true });
    });

    it('refuses a payment whose id is taken, and values of the wrong form', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());

      await expect(store.createPayment(paymentRecord({ payee: 'Eve' }))).rejects.toEqual(
        errorCode('INVALID'),
      );
      await expect(
        store.createPayment(paymentRecord({ id: 'pay_b', state: 'lost' as 'ready' })),
      ).rejects.toEqual(errorCode('INVALID'));
      const withExtra = { ...paymentRecord({ id: 'pay_c' }), extra: 1 };
      await expect(store.createPayment(withExtra)).rejects.toEqual(errorCode('INVALID'));
      expect((await store.payment('pay_a'))?.payee).toBe('Jo Smith');
    });

    it('lists the payments of a call, newest first, at most 200', async () => {
      const store = await open();
      for (let index = 0; index < 205; index += 1)
        await store.createPayment(paymentRecord({ id: `pay_${index}` }));
      await store.createPayment(paymentRecord({ id: 'pay_other', callId: 'call_b' }));
      const ids = (await store.paymentsOfCall('call_a')).map(({ id }) => id);

      expect(ids).toHaveLength(200);
      expect(ids.slice(0, 2)).toEqual(['pay_204', 'pay_203']);
      expect(await store.paymentsOfCall('call_x')).toEqual([]);
    });

    it('moves a state only from one of those named', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());

      expect(await store.moveState('pay_a', ['capturing', 'ready'], 'processing', 'agent')).toBe(false);
      expect(await store.payment('pay_a')).toEqual(paymentRecord());
      expect(await store.moveState('pay_a', ['connecting', 'ready'], 'capturing', 'agent')).toBe(true);
      expect(await store.payment('pay_a')).toEqual(paymentRecord({ state: 'capturing', updatedAt: LATER }));
      expect(await store.moveState('pay_x', ['connecting'], 'capturing', 'agent')).toBe(false);
      expect(await store.moveState('pay_a', [], 'ready', 'agent')).toBe(false);
    });
  });
}

function attemptTests(): void {
  describe('attempts', () => {
    it('begins one, and makes the payment processing in the same commit', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());
      expect(await store.hasAttempt('att_a')).toBe(false);
      await store.beginAttempt(intent(), 'agent');

      expect(await store.hasAttempt('att_a')).toBe(true);
      expect(await store.payment('pay_a')).toEqual(paymentRecord({ state: 'processing', updatedAt: LATER }));
    });

    it.each(['intent', 'unknown', 'approved'] as const)(
      'refuses a second one while the first is %s',
      async (state) => {
        const store = await open();
        await store.createPayment(paymentRecord());
        await store.beginAttempt(intent(), 'agent');
        if (state === 'unknown') await store.settleAttempt('att_a', UNKNOWN, 'agent');
        if (state === 'approved') await store.settleAttempt('att_a', APPROVED, 'agent');
        const second = store.beginAttempt(intent({ idempotencyKey: 'att_b' }), 'agent');

        await expect(second).rejects.toEqual(
          errorCode(state === 'intent' ? 'ATTEMPT_OPEN' : 'STATE_CONFLICT'),
        );
        expect(await store.hasAttempt('att_b')).toBe(false);
      },
    );

    it('holds back a second one by the database itself, whatever the state of the payment says', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());
      await store.beginAttempt(intent(), 'agent');
      await store.settleAttempt('att_a', APPROVED, 'agent');
      await store.moveState('pay_a', ['approved'], 'ready', 'agent');

      await expect(store.beginAttempt(intent({ idempotencyKey: 'att_b' }), 'agent')).rejects.toEqual(
        errorCode('ATTEMPT_OPEN'),
      );
      expect((await store.payment('pay_a'))?.state).toBe('ready');
    });

    it.each(['declined', 'failed'] as const)('allows another card after one was %s', async (state) => {
      const store = await open();
      await store.createPayment(paymentRecord());
      await store.beginAttempt(intent(), 'agent');
      await store.settleAttempt('att_a', state === 'declined' ? DECLINED : FAILED, 'agent');
      await store.moveState('pay_a', [state], 'ready', 'agent');
      await store.beginAttempt(intent({ idempotencyKey: 'att_b' }), 'agent');

      expect(await store.hasAttempt('att_b')).toBe(true);
    });

    it.each([
      { name: 'amount', changes: { amountMinor: 4251 } },
      { name: 'missing amount', changes: { amountMinor: null } },
      { name: 'currency', changes: { currency: 'USD' } },
      { name: 'operation', changes: { operation: 'tokenize' } },
      { name: 'payment', changes: { paymentId: 'pay_x' } },
    ] satisfies { name: string; changes: Partial<AttemptIntent> }[])(
      'refuses an intent about another $name',
      async ({ changes }) => {
        const store = await open();
        await store.createPayment(paymentRecord());

        await expect(store.beginAttempt(intent(changes), 'agent')).rejects.toEqual(
          errorCode('STATE_CONFLICT'),
        );
        expect(await store.hasAttempt('att_a')).toBe(false);
        expect((await store.payment('pay_a'))?.state).toBe('connecting');
      },
    );

    it('begins one in every state before the end, and in no other', async () => {
      const store = await open();
      const begun: string[] = [];
      for (const state of PAYMENT_STATES) {
        await store.createPayment(paymentRecord({ id: `pay_${state}`, state }));
        const attempt = intent({ paymentId: `pay_${state}`, idempotencyKey: `att_${state}` });
        await store.beginAttempt(attempt, 'agent').then(
          () => begun.push(state),
          () => null,
        );
      }

      expect(begun).toEqual(['connecting', 'capturing', 'ready', 'processing']);
    });

    it('settles the attempt and its payment together', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());
      await store.beginAttempt(intent(), 'agent');
      await store.settleAttempt('att_a', DECLINED, 'agent');

      expect(await store.payment('pay_a')).toEqual(
        paymentRecord({ state: 'declined', outcome: DECLINED, updatedAt: LATER }),
      );
    });

    it('settles unknown into a decision, once', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());
      await store.beginAttempt(intent(), 'agent');
      await store.settleAttempt('att_a', UNKNOWN, 'agent');
      await store.settleAttempt('att_a', APPROVED, 'agent');

      expect(await store.payment('pay_a')).toMatchObject({ state: 'approved', outcome: APPROVED });
      await expect(store.settleAttempt('att_a', DECLINED, 'agent')).rejects.toEqual(
        errorCode('ATTEMPT_SETTLED'),
      );
      await expect(store.settleAttempt('att_a', UNKNOWN, 'agent')).rejects.toEqual(
        errorCode('ATTEMPT_SETTLED'),
      );
      expect(await store.payment('pay_a')).toMatchObject({ state: 'approved', outcome: APPROVED });
    });

    it('takes the same settlement twice', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());
      await store.beginAttempt(intent(), 'agent');
      await store.settleAttempt('att_a', APPROVED, 'agent');
      clock.advance(1000);
      await store.settleAttempt('att_a', APPROVED, 'agent');

      expect(await store.payment('pay_a')).toMatchObject({ state: 'approved', updatedAt: LATER });
    });

    it('refuses to settle what was never begun', async () => {
      await expect((await open()).settleAttempt('att_a', APPROVED, 'agent')).rejects.toEqual(
        errorCode('ATTEMPT_NOT_FOUND'),
      );
    });

    it('fails a payment of which nothing was sent', async () => {
      const store = await open();
      await store.createPayment(paymentRecord({ state: 'ready' }));
      await store.endUnsent('pay_a', FAILED, 'agent');
      await store.endUnsent('pay_a', FAILED, 'agent');

      expect(await store.payment('pay_a')).toMatchObject({ state: 'failed', outcome: FAILED });
    });

    it('never fails a payment that has an open attempt or an end', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());
      await store.beginAttempt(intent(), 'agent');
      await expect(store.endUnsent('pay_a', FAILED, 'agent')).rejects.toEqual(errorCode('STATE_CONFLICT'));
      await store.settleAttempt('att_a', APPROVED, 'agent');
      await expect(store.endUnsent('pay_a', FAILED, 'agent')).rejects.toEqual(errorCode('STATE_CONFLICT'));
      await expect(store.endUnsent('pay_x', FAILED, 'agent')).rejects.toEqual(errorCode('STATE_CONFLICT'));

      expect((await store.payment('pay_a'))?.state).toBe('approved');
    });
  });
}

function recoveryTests(): void {
  describe('recovery', () => {
    it('settles everything that a former process left', async () => {
      const store = await open();
      for (const state of PAYMENT_STATES)
        await store.createPayment(paymentRecord({ id: `pay_${state}`, state }));
      await store.createPayment(paymentRecord());
      await store.beginAttempt(intent(), 'agent');
      const recovered = await reopen();

      expect(recoveries()).toEqual({ canceled: 3, failed: 1, unknown: 1 });
      const states = PAYMENT_STATES.map(async (state) => (await recovered.payment(`pay_${state}`))?.state);
      expect(await Promise.all(states)).toEqual([
        'canceled',
        'canceled',
        'canceled',
        'failed',
        'approved',
        'declined',
        'failed',
        'unknown',
        'canceled',
        'expired',
      ]);
      expect((await recovered.payment('pay_processing'))?.outcome).toMatchObject({
        outcome: 'failed',
        message: 'The server stopped before the payment. Nothing was charged; key the card again.',
      });
      expect(await recovered.payment('pay_a')).toMatchObject({
        state: 'unknown',
        updatedAt: LATER,
        outcome: {
          outcome: 'unknown',
          providerReference: null,
          brand: null,
          last4: null,
          message:
            'The server stopped during the payment. The outcome is being confirmed. Do not take the card again.',
        },
      });
    });

    it('leaves an attempt open for its settlement, and for no other attempt', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());
      await store.beginAttempt(intent(), 'agent');
      const recovered = await reopen();

      await expect(recovered.beginAttempt(intent({ idempotencyKey: 'att_b' }), 'agent')).rejects.toEqual(
        errorCode('STATE_CONFLICT'),
      );
      await recovered.settleAttempt('att_a', APPROVED, 'agent');
      expect((await recovered.payment('pay_a'))?.state).toBe('approved');
    });

    it('changes nothing the second time', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());
      await store.beginAttempt(intent(), 'agent');
      await reopen();
      await reopen();

      expect(recoveries()).toEqual({});
    });
  });
}

function otherTests(): void {
  describe('links, messages and the audit log', () => {
    const selfService = (): PaymentRecord => ({ ...paymentRecord(), method: 'self-service', callId: null });

    it('keeps a link with its payment, finds it by its token, and lets it wait through a new start', async () => {
      const store = await open();
      await store.createPayment(selfService(), LINK);
      const renewed: LinkRecord = {
        ...LINK,
        tokenHash: 'b'.repeat(64),
        state: 'opened',
        triesLeft: 2,
        links: 2,
      };
      expect(await store.linkedPayment(LINK.tokenHash)).toEqual({ payment: selfService(), link: LINK });
      await store.saveLink(renewed);
      const again = await reopen();

      expect(await again.linkedPayment(LINK.tokenHash)).toBeNull();
      expect(await again.waitingLinks()).toEqual([{ payment: selfService(), link: renewed }]);
      await expect(again.saveLink({ ...renewed, triesLeft: -1 })).rejects.toEqual(errorCode('INVALID'));
    });

    it('has what is unknown, with its token, and when to ask again', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());
      await store.beginAttempt(intent({ token: 'tok_a' }), 'agent');
      await store.settleAttempt('att_a', UNKNOWN, 'agent');
      const deferral = { tries: 3, nextTryAt: '2026-11-02T12:05:00.000Z', escalatedAt: LATER };
      await store.deferAttempt('att_a', deferral);

      expect(await store.unknownAttempts()).toEqual([
        {
          ...intent({ token: 'tok_a' }),
          ...deferral,
          profileId: 'card-gbp',
          reference: 'order-17',
          description: 'Two tickets',
          brand: 'visa',
          last4: '1111',
          begunAt: LATER,
        },
      ]);
    });

    it('queues one message for each end, the oldest of a payment first, until it is delivered', async () => {
      const store = await open(true);
      await store.createPayment(paymentRecord());
      await store.beginAttempt(intent(), 'agent');
      await store.settleAttempt('att_a', UNKNOWN, 'agent');
      clock.advance(1000);
      await store.settleAttempt('att_a', APPROVED, 'agent');
      const waiting = await store.outbox();
      expect(waiting).toMatchObject({ undelivered: 2, oldestAt: LATER });
      expect(waiting.due.map(({ payment }) => payment.state)).toEqual(['unknown']);

      const first = waiting.due[0]?.seq ?? 0;
      await store.updateDelivery(first, {
        status: 'pending',
        lastHttpStatus: 503,
        nextTryAt: '2027-01-01T00:00:00.000Z',
      });
      expect((await store.outbox()).due).toEqual([]);
      await store.updateDelivery(first, { status: 'given-up', lastHttpStatus: null });
      expect((await store.outbox()).due.map(({ payment }) => payment.outcome)).toEqual([APPROVED]);
      await store.updateDelivery(first + 1, { status: 'given-up', lastHttpStatus: 410 });
      expect(await store.redeliver('pay_a', 'api:crm')).toBe(2);
      expect((await store.deliveriesOf('pay_a')).map(({ status, tries }) => `${status} ${tries}`)).toEqual([
        'pending 0',
        'pending 0',
      ]);
    });

    it('settles by hand beside the running server, and has an unbroken audit log of everything', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());
      await store.beginAttempt(intent(), 'agent');
      await store.settleAttempt('att_a', UNKNOWN, 'agent');
      const operator = await openOperatorStore(place);
      try {
        expect(await operator.read(listPayments(true, 10))).toMatchObject([
          { id: 'pay_a', idempotencyKey: 'att_a', escalatedAt: null },
        ]);
        const settle = () => operator.write(settleByHand('pay_a', APPROVED, 'operator:jo', 'seen', LATER));
        await settle();
        await expect(settle()).rejects.toEqual(errorCode('ATTEMPT_NOT_FOUND'));
        await store.audit({ actor: 'api:crm', action: 'seen', subject: 'pay_a', detail: { count: 1 } });

        expect(await store.payment('pay_a')).toMatchObject({ state: 'approved', outcome: APPROVED });
        const head = await store.auditHead();
        expect(await operator.read(verifyAuditLog(head === null ? [] : [head]))).toEqual({
          isIntact: true,
          rows: 5,
          head,
        });
      } finally {
        await operator.close();
      }
    });

    it('forgets what has ended and is old, and nothing that is under way', async () => {
      const store = await open(true);
      await store.createPayment(paymentRecord());
      await store.beginAttempt(intent(), 'agent');
      await store.settleAttempt('att_a', APPROVED, 'agent');
      // More than are forgotten at once.
      for (let n = 0; n < 520; n += 1) {
        await store.createPayment(paymentRecord({ id: `pay_${n}`, state: 'canceled' }));
      }
      await store.createPayment({ ...selfService(), id: 'pay_b' }, { ...LINK, paymentId: 'pay_b' });
      await store.prune('2026-12-01T00:00:00.000Z');
      await store.pruneOutbox('2026-12-01T00:00:00.000Z');

      expect(await store.payment('pay_a')).toBeNull();
      expect(await store.paymentsOfCall('call_a')).toEqual([]);
      expect(await store.hasAttempt('att_a')).toBe(false);
      expect(await store.waitingLinks()).toHaveLength(1);
      const operator = await openOperatorStore(place);
      expect(await operator.read(verifyAuditLog([]))).toMatchObject({ isIntact: true, rows: 1 });
      await operator.close();
    });

    it('gives fifty requests at once their own answers, one charge among them', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());
      const begun = await Promise.allSettled(
        Array.from({ length: 50 }, (_, n) =>
          store.beginAttempt(intent({ idempotencyKey: `att_${n}` }), 'agent'),
        ),
      );

      expect(begun.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await store.hasAttempt('att_0')).toBe(true);
    });
  });
}
