import { describe, expect, it } from 'vitest';
import { PAYMENT_STATES } from '../../src/core/payment-state.ts';
import type { AttemptIntent, PaymentRecord } from '../../src/journal/journal.ts';
import {
  DECLINED,
  FAILED,
  LATER,
  UNKNOWN,
  clock,
  errorCode,
  onEachDatabase,
  open,
  reopen,
} from '../support/journal-conformance.ts';
import { APPROVED, attemptIntent, paymentRecord } from '../support/payment-record.ts';

/** Goal: the journal keeps the same rules in every database. Method: the same tests on SQLite and a real PostgreSQL. */
onEachDatabase(() => {
  paymentTests();
  attemptTests();
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
      await store.beginAttempt(attemptIntent(), 'agent');

      expect(await store.hasAttempt('att_a')).toBe(true);
      expect(await store.payment('pay_a')).toEqual(paymentRecord({ state: 'processing', updatedAt: LATER }));
    });

    it.each(['intent', 'unknown', 'approved'] as const)(
      'refuses a second one while the first is %s',
      async (state) => {
        const store = await open();
        await store.createPayment(paymentRecord());
        await store.beginAttempt(attemptIntent(), 'agent');
        if (state === 'unknown') await store.settleAttempt('att_a', UNKNOWN, 'agent');
        if (state === 'approved') await store.settleAttempt('att_a', APPROVED, 'agent');
        const second = store.beginAttempt(attemptIntent({ idempotencyKey: 'att_b' }), 'agent');

        await expect(second).rejects.toEqual(
          errorCode(state === 'intent' ? 'ATTEMPT_OPEN' : 'STATE_CONFLICT'),
        );
        expect(await store.hasAttempt('att_b')).toBe(false);
      },
    );

    it('holds back a second one by the database itself, whatever the state of the payment says', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());
      await store.beginAttempt(attemptIntent(), 'agent');
      await store.settleAttempt('att_a', APPROVED, 'agent');
      await store.moveState('pay_a', ['approved'], 'ready', 'agent');

      await expect(store.beginAttempt(attemptIntent({ idempotencyKey: 'att_b' }), 'agent')).rejects.toEqual(
        errorCode('ATTEMPT_OPEN'),
      );
      expect((await store.payment('pay_a'))?.state).toBe('ready');
    });

    it.each(['declined', 'failed'] as const)('allows another card after one was %s', async (state) => {
      const store = await open();
      await store.createPayment(paymentRecord());
      await store.beginAttempt(attemptIntent(), 'agent');
      await store.settleAttempt('att_a', state === 'declined' ? DECLINED : FAILED, 'agent');
      await store.moveState('pay_a', [state], 'ready', 'agent');
      await store.beginAttempt(attemptIntent({ idempotencyKey: 'att_b' }), 'agent');

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

        await expect(store.beginAttempt(attemptIntent(changes), 'agent')).rejects.toEqual(
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
        const attempt = attemptIntent({ paymentId: `pay_${state}`, idempotencyKey: `att_${state}` });
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
      await store.beginAttempt(attemptIntent(), 'agent');
      await store.settleAttempt('att_a', DECLINED, 'agent');

      expect(await store.payment('pay_a')).toEqual(
        paymentRecord({ state: 'declined', outcome: DECLINED, updatedAt: LATER }),
      );
    });

    it('settles unknown into a decision, once', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());
      await store.beginAttempt(attemptIntent(), 'agent');
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
      await store.beginAttempt(attemptIntent(), 'agent');
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
      await store.beginAttempt(attemptIntent(), 'agent');
      await expect(store.endUnsent('pay_a', FAILED, 'agent')).rejects.toEqual(errorCode('STATE_CONFLICT'));
      await store.settleAttempt('att_a', APPROVED, 'agent');
      await expect(store.endUnsent('pay_a', FAILED, 'agent')).rejects.toEqual(errorCode('STATE_CONFLICT'));
      await expect(store.endUnsent('pay_x', FAILED, 'agent')).rejects.toEqual(errorCode('STATE_CONFLICT'));

      expect((await store.payment('pay_a'))?.state).toBe('approved');
    });
  });
}
