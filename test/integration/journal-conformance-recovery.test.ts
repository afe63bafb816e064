import { describe, expect, it } from 'vitest';
import { PAYMENT_STATES } from '../../src/core/payment-state.ts';
import { verifyAuditLog } from '../../src/journal/audit-log.ts';
import type { LinkRecord, PaymentRecord } from '../../src/journal/journal.ts';
import { openOperatorStore } from '../../src/journal/open-journal.ts';
import { listPayments, settleByHand } from '../../src/journal/operator-work.ts';
import {
  LATER,
  LINK,
  UNKNOWN,
  clock,
  errorCode,
  onEachDatabase,
  open,
  place,
  recoveries,
  reopen,
} from '../support/journal-conformance.ts';
import { APPROVED, attemptIntent, paymentRecord } from '../support/payment-record.ts';

/** Goal: the journal keeps the same rules in every database. Method: the same tests on SQLite and a real PostgreSQL. */
onEachDatabase(() => {
  recoveryTests();
  otherTests();
});

function recoveryTests(): void {
  describe('recovery', () => {
    it('settles everything that a former process left', async () => {
      const store = await open();
      for (const state of PAYMENT_STATES)
        await store.createPayment(paymentRecord({ id: `pay_${state}`, state }));
      await store.createPayment(paymentRecord());
      await store.beginAttempt(attemptIntent(), 'agent');
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
      await store.beginAttempt(attemptIntent(), 'agent');
      const recovered = await reopen();

      await expect(
        recovered.beginAttempt(attemptIntent({ idempotencyKey: 'att_b' }), 'agent'),
      ).rejects.toEqual(errorCode('STATE_CONFLICT'));
      await recovered.settleAttempt('att_a', APPROVED, 'agent');
      expect((await recovered.payment('pay_a'))?.state).toBe('approved');
    });

    it('changes nothing the second time', async () => {
      const store = await open();
      await store.createPayment(paymentRecord());
      await store.beginAttempt(attemptIntent(), 'agent');
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
      await store.beginAttempt(attemptIntent({ token: 'tok_a' }), 'agent');
      await store.settleAttempt('att_a', UNKNOWN, 'agent');
      const deferral = { tries: 3, nextTryAt: '2026-11-02T12:05:00.000Z', escalatedAt: LATER };
      await store.deferAttempt('att_a', deferral);

      expect(await store.unknownAttempts()).toEqual([
        {
          ...attemptIntent({ token: 'tok_a' }),
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
      await store.beginAttempt(attemptIntent(), 'agent');
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
      await store.beginAttempt(attemptIntent(), 'agent');
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
      await store.beginAttempt(attemptIntent(), 'agent');
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
          store.beginAttempt(attemptIntent({ idempotencyKey: `att_${n}` }), 'agent'),
        ),
      );

      expect(begun.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await store.hasAttempt('att_0')).toBe(true);
    });
  });
}
