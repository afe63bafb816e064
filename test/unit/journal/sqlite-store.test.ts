import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PAYMENT_STATES } from '../../../src/core/payment-state.ts';
import type { AttemptIntent, OutcomeRecord, PaymentRecord } from '../../../src/journal/journal.ts';
import { openSqliteStore } from '../../../src/journal/sqlite-store.ts';
import type { SqliteStore } from '../../../src/journal/sqlite-store.ts';
import { paymentRecord } from '../../support/payment-record.ts';

const AT = '2026-11-02T12:00:01.000Z';
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

let folder: string;
let path: string;
let stores: SqliteStore[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonewall-store-'));
  path = join(folder, 'data', 'journal.db');
  stores = [];
});
afterEach(() => {
  for (const store of stores) store.close();
  rmSync(folder, { recursive: true });
});

function open(recoverAt: string | null = AT): SqliteStore {
  const store = openSqliteStore(path, recoverAt);
  stores.push(store);
  return store;
}

/** Closes the store as a crash would not: SQLite keeps the same rows either way. */
function reopen(recoverAt: string | null = LATER): SqliteStore {
  stores.pop()?.close();
  return open(recoverAt);
}

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

describe('SqliteStore', () => {
  it('creates its folder and a file for this user alone', () => {
    open();

    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
  });

  it('makes every commit survive a power cut', () => {
    const store = open();
    store.createPayment(paymentRecord());
    const database = new DatabaseSync(path);

    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 });
    database.close();
  });

  it('keeps every member of a payment', () => {
    const records: PaymentRecord[] = [
      paymentRecord({ clientKey: 'order-17' }),
      paymentRecord({ id: 'pay_b', payee: null, interactionType: null, amountMinor: null, reference: null }),
      paymentRecord({
        id: 'pay_c',
        operation: 'tokenize',
        state: 'approved',
        outcome: APPROVED,
        description: null,
      }),
    ];
    const store = open();
    for (const record of records)
      expect(store.createPayment(record)).toEqual({ created: true, payment: record });
    const again = reopen(null);

    expect(records.map(({ id }) => again.payment(id))).toEqual(records);
    expect(again.payment('pay_x')).toBeNull();
  });

  it('returns the first payment under a client key, and only for that API key', () => {
    const store = open();
    const first = paymentRecord({ clientKey: 'order-17' });
    store.createPayment(first);

    const repeat = paymentRecord({ id: 'pay_b', clientKey: 'order-17', clientHash: 'other' });
    expect(store.createPayment(repeat)).toEqual({ created: false, payment: first });
    expect(store.payment('pay_b')).toBeNull();
    expect(store.createPayment({ ...repeat, apiKeyName: 'shop' }).created).toBe(true);
    expect(store.paymentByClientKey('crm', 'order-17')?.id).toBe('pay_a');
    expect(store.paymentByClientKey('shop', 'order-17')?.id).toBe('pay_b');
    expect(store.paymentByClientKey('crm', 'order-18')).toBeNull();
  });

  it('takes any number of payments without a client key', () => {
    const store = open();

    expect(store.createPayment(paymentRecord()).created).toBe(true);
    expect(store.createPayment(paymentRecord({ id: 'pay_b' })).created).toBe(true);
  });

  it('refuses a payment whose id is taken, and values of the wrong form', () => {
    const store = open();
    store.createPayment(paymentRecord());

    expect(() => store.createPayment(paymentRecord({ payee: 'Eve' }))).toThrow(errorCode('INVALID'));
    expect(() => store.createPayment(paymentRecord({ id: 'pay_b', state: 'lost' as 'ready' }))).toThrow(
      errorCode('INVALID'),
    );
    const withExtra = { ...paymentRecord({ id: 'pay_c' }), extra: 1 };
    expect(() => store.createPayment(withExtra)).toThrow(errorCode('INVALID'));
    expect(store.payment('pay_a')?.payee).toBe('Jo Smith');
  });

  it('lists the payments of a call, newest first, at most 200', () => {
    const store = open();
    for (let index = 0; index < 205; index += 1) store.createPayment(paymentRecord({ id: `pay_${index}` }));
    store.createPayment(paymentRecord({ id: 'pay_other', callId: 'call_b' }));
    const ids = store.paymentsOfCall('call_a').map(({ id }) => id);

    expect(ids).toHaveLength(200);
    expect(ids.slice(0, 2)).toEqual(['pay_204', 'pay_203']);
    expect(store.paymentsOfCall('call_x')).toEqual([]);
  });

  it('moves a state only from one of those named', () => {
    const store = open();
    store.createPayment(paymentRecord());

    expect(store.moveState('pay_a', ['capturing', 'ready'], 'processing', 'agent', LATER)).toBe(false);
    expect(store.payment('pay_a')).toEqual(paymentRecord());
    expect(store.moveState('pay_a', ['connecting', 'ready'], 'capturing', 'agent', LATER)).toBe(true);
    expect(store.payment('pay_a')).toEqual(paymentRecord({ state: 'capturing', updatedAt: LATER }));
    expect(store.moveState('pay_x', ['connecting'], 'capturing', 'agent', LATER)).toBe(false);
    expect(store.moveState('pay_a', [], 'ready', 'agent', LATER)).toBe(false);
  });
});

describe('SqliteStore attempts', () => {
  it('begins one, and makes the payment processing in the same commit', () => {
    const store = open();
    store.createPayment(paymentRecord());
    expect(store.hasAttempt('att_a')).toBe(false);
    store.beginAttempt(intent(), 'agent', LATER);

    expect(store.hasAttempt('att_a')).toBe(true);
    expect(store.payment('pay_a')).toEqual(paymentRecord({ state: 'processing', updatedAt: LATER }));
  });

  it.each(['intent', 'unknown', 'approved'] as const)(
    'refuses a second one while the first is %s',
    (state) => {
      const store = open();
      store.createPayment(paymentRecord());
      store.beginAttempt(intent(), 'agent', AT);
      if (state === 'unknown') store.settleAttempt('att_a', UNKNOWN, 'agent', AT);
      if (state === 'approved') store.settleAttempt('att_a', APPROVED, 'agent', AT);
      const second = () => store.beginAttempt(intent({ idempotencyKey: 'att_b' }), 'agent', LATER);

      expect(second).toThrow(errorCode(state === 'intent' ? 'ATTEMPT_OPEN' : 'STATE_CONFLICT'));
      expect(store.hasAttempt('att_b')).toBe(false);
    },
  );

  it('holds back a second one by the database itself, whatever the state of the payment says', () => {
    const store = open();
    store.createPayment(paymentRecord());
    store.beginAttempt(intent(), 'agent', AT);
    store.settleAttempt('att_a', APPROVED, 'agent', AT);
    store.moveState('pay_a', ['approved'], 'ready', 'agent', AT);

    expect(() => store.beginAttempt(intent({ idempotencyKey: 'att_b' }), 'agent', LATER)).toThrow(
      errorCode('ATTEMPT_OPEN'),
    );
    expect(store.payment('pay_a')?.state).toBe('ready');
  });

  it.each(['declined', 'failed'] as const)('allows another card after one was %s', (state) => {
    const store = open();
    store.createPayment(paymentRecord());
    store.beginAttempt(intent(), 'agent', AT);
    store.settleAttempt('att_a', state === 'declined' ? DECLINED : FAILED, 'agent', AT);
    store.moveState('pay_a', [state], 'ready', 'agent', AT);
    store.beginAttempt(intent({ idempotencyKey: 'att_b' }), 'agent', LATER);

    expect(store.hasAttempt('att_b')).toBe(true);
  });

  it.each([
    { name: 'amount', changes: { amountMinor: 4251 } },
    { name: 'missing amount', changes: { amountMinor: null } },
    { name: 'currency', changes: { currency: 'USD' } },
    { name: 'operation', changes: { operation: 'tokenize' } },
    { name: 'payment', changes: { paymentId: 'pay_x' } },
  ] satisfies { name: string; changes: Partial<AttemptIntent> }[])(
    'refuses an intent about another $name',
    ({ changes }) => {
      const store = open();
      store.createPayment(paymentRecord());

      expect(() => store.beginAttempt(intent(changes), 'agent', LATER)).toThrow(errorCode('STATE_CONFLICT'));
      expect(store.hasAttempt('att_a')).toBe(false);
      expect(store.payment('pay_a')?.state).toBe('connecting');
    },
  );

  it('begins one in every state before the end, and in no other', () => {
    const store = open();
    const begun = PAYMENT_STATES.filter((state) => {
      store.createPayment(paymentRecord({ id: `pay_${state}`, state }));
      try {
        store.beginAttempt(
          intent({ paymentId: `pay_${state}`, idempotencyKey: `att_${state}` }),
          'agent',
          AT,
        );
        return true;
      } catch {
        return false;
      }
    });

    expect(begun).toEqual(['connecting', 'capturing', 'ready', 'processing']);
  });

  it('settles the attempt and its payment together', () => {
    const store = open();
    store.createPayment(paymentRecord());
    store.beginAttempt(intent(), 'agent', AT);
    store.settleAttempt('att_a', DECLINED, 'agent', LATER);

    expect(store.payment('pay_a')).toEqual(
      paymentRecord({ state: 'declined', outcome: DECLINED, updatedAt: LATER }),
    );
  });

  it('settles unknown into a decision, once', () => {
    const store = open();
    store.createPayment(paymentRecord());
    store.beginAttempt(intent(), 'agent', AT);
    store.settleAttempt('att_a', UNKNOWN, 'agent', AT);
    store.settleAttempt('att_a', APPROVED, 'agent', LATER);

    expect(store.payment('pay_a')).toMatchObject({ state: 'approved', outcome: APPROVED });
    expect(() => store.settleAttempt('att_a', DECLINED, 'agent', LATER)).toThrow(
      errorCode('ATTEMPT_SETTLED'),
    );
    expect(() => store.settleAttempt('att_a', UNKNOWN, 'agent', LATER)).toThrow(errorCode('ATTEMPT_SETTLED'));
    expect(store.payment('pay_a')).toMatchObject({ state: 'approved', outcome: APPROVED });
  });

  it('takes the same settlement twice', () => {
    const store = open();
    store.createPayment(paymentRecord());
    store.beginAttempt(intent(), 'agent', AT);
    store.settleAttempt('att_a', APPROVED, 'agent', AT);
    store.settleAttempt('att_a', APPROVED, 'agent', LATER);

    expect(store.payment('pay_a')).toMatchObject({ state: 'approved', updatedAt: AT });
  });

  it('refuses to settle what was never begun', () => {
    expect(() => open().settleAttempt('att_a', APPROVED, 'agent', AT)).toThrow(
      errorCode('ATTEMPT_NOT_FOUND'),
    );
  });

  it('fails a payment of which nothing was sent', () => {
    const store = open();
    store.createPayment(paymentRecord({ state: 'ready' }));
    store.endUnsent('pay_a', FAILED, 'agent', LATER);
    store.endUnsent('pay_a', FAILED, 'agent', LATER);

    expect(store.payment('pay_a')).toMatchObject({ state: 'failed', outcome: FAILED });
  });

  it('never fails a payment that has an open attempt or an end', () => {
    const store = open();
    store.createPayment(paymentRecord());
    store.beginAttempt(intent(), 'agent', AT);
    expect(() => store.endUnsent('pay_a', FAILED, 'agent', LATER)).toThrow(errorCode('STATE_CONFLICT'));
    store.settleAttempt('att_a', APPROVED, 'agent', AT);
    expect(() => store.endUnsent('pay_a', FAILED, 'agent', LATER)).toThrow(errorCode('STATE_CONFLICT'));
    expect(() => store.endUnsent('pay_x', FAILED, 'agent', LATER)).toThrow(errorCode('STATE_CONFLICT'));

    expect(store.payment('pay_a')?.state).toBe('approved');
  });
});

describe('SqliteStore while another one has the file', () => {
  it('refuses to open, leaves living payments alone, and opens when the other is closed', () => {
    const first = open();
    first.createPayment(paymentRecord());
    first.beginAttempt(intent(), 'agent', AT);

    expect(() => openSqliteStore(path, LATER)).toThrow(errorCode('IN_USE'));
    expect(first.payment('pay_a')?.state).toBe('processing');
    expect(reopen().recovered).toEqual({ canceled: 0, failed: 0, unknown: 1 });
  });

  it('is not misled by a link', () => {
    open();
    const link = join(folder, 'link.db');
    symlinkSync(path, link);

    expect(() => openSqliteStore(link, LATER)).toThrow(errorCode('IN_USE'));
  });
});

describe('SqliteStore recovery', () => {
  it('settles everything that a former process left', () => {
    const store = open();
    for (const state of PAYMENT_STATES) store.createPayment(paymentRecord({ id: `pay_${state}`, state }));
    store.createPayment(paymentRecord());
    store.beginAttempt(intent(), 'agent', AT);
    const recovered = reopen();

    expect(recovered.recovered).toEqual({ canceled: 3, failed: 1, unknown: 1 });
    const stateOf = (id: string) => recovered.payment(id)?.state;
    expect(PAYMENT_STATES.map((state) => stateOf(`pay_${state}`))).toEqual([
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
    expect(recovered.payment('pay_processing')?.outcome).toMatchObject({
      outcome: 'failed',
      message: 'The server stopped before the payment. Nothing was charged; key the card again.',
    });
    expect(recovered.payment('pay_a')).toMatchObject({
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

  it('leaves an attempt open for its settlement, and for no other attempt', () => {
    const store = open();
    store.createPayment(paymentRecord());
    store.beginAttempt(intent(), 'agent', AT);
    const recovered = reopen();

    expect(() => recovered.beginAttempt(intent({ idempotencyKey: 'att_b' }), 'agent', LATER)).toThrow(
      errorCode('STATE_CONFLICT'),
    );
    recovered.settleAttempt('att_a', APPROVED, 'agent', LATER);
    expect(recovered.payment('pay_a')?.state).toBe('approved');
  });

  it('changes nothing the second time', () => {
    const store = open();
    store.createPayment(paymentRecord());
    store.beginAttempt(intent(), 'agent', AT);
    reopen();

    expect(reopen().recovered).toEqual({ canceled: 0, failed: 0, unknown: 0 });
  });

  it('leaves everything alone when the process that wrote it lives', () => {
    const store = open();
    store.createPayment(paymentRecord({ state: 'ready' }));

    expect(reopen(null).recovered).toEqual({ canceled: 0, failed: 0, unknown: 0 });
    expect(stores[0]?.payment('pay_a')?.state).toBe('ready');
  });
});

describe('SqliteStore on a bad file', () => {
  it.each([
    { name: 'is no database', bytes: 'this is not a database'.repeat(100) },
    { name: 'has a damaged header', bytes: 'SQLite format 3\u0000'.padEnd(4096, '\u0001') },
  ])('refuses to start and keeps the file when it $name', ({ bytes }) => {
    const file = join(folder, 'bad.db');
    writeFileSync(file, bytes);

    expect(() => openSqliteStore(file, AT)).toThrow(errorCode('DAMAGED'));
    expect(readFileSync(file, 'utf8')).toBe(bytes);
  });

  it('refuses to start and keeps the file when a page is damaged', () => {
    const store = open();
    for (let index = 0; index < 200; index += 1) store.createPayment(paymentRecord({ id: `pay_${index}` }));
    stores.pop()?.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 3 * 4096, 8 * 4096);
    writeFileSync(path, bytes);

    expect(() => openSqliteStore(path, AT)).toThrow(errorCode('DAMAGED'));
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it('refuses a database of a newer version', () => {
    open();
    stores.pop()?.close();
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();

    expect(() => openSqliteStore(path, AT)).toThrow(errorCode('NEWER_VERSION'));
  });

  it.each([
    { name: 'a folder', place: () => folder },
    { name: 'inside a file', place: () => join(folder, 'file', 'journal.db') },
  ])('refuses a path that is $name', ({ place }) => {
    writeFileSync(join(folder, 'file'), '');

    expect(() => openSqliteStore(place(), AT)).toThrow(errorCode('CANNOT_OPEN'));
    expect(existsSync(join(folder, 'file', 'journal.db'))).toBe(false);
  });
});
