import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/payment/reply-body.ts';
import {
  mapStripeConfirmation,
  mapStripeIntent,
  mapStripeMethod,
  mapStripeNewIntent,
} from '../../../../src/payment/stripe/map-stripe-outcome.ts';
import type { ProviderRequest } from '../../../../src/payment/provider.ts';

/** Replies in the shapes that Stripe documents; the README beside them says from which pages. */
const EXCHANGES = JSON.parse(
  readFileSync(new URL('../../../fixtures/stripe/exchanges.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, { readonly status: number; readonly body: JsonObject }>>;

const INTENT = 'pi_3MtwBwLkdIwHu7ix28a3tqPa';
const REQUEST: ProviderRequest = {
  operation: 'charge',
  idempotencyKey: 'att_abc',
  amountMinor: 2000,
  currency: 'USD',
  reference: null,
  description: null,
};

function replyOf(name: string, headers: Readonly<Record<string, string>> = {}) {
  const exchange = EXCHANGES[name];
  if (exchange === undefined) throw new Error(`There is no exchange ${name}`);
  return { kind: 'reply', ...exchange, headers } as const;
}

function confirmed(name: string, { repeated = false, headers = {} } = {}) {
  return mapStripeConfirmation(REQUEST, INTENT, replyOf(name, headers), repeated);
}

const intentWith = (members: object) =>
  mapStripeIntent(REQUEST, INTENT, { ...replyOf('succeeded').body, ...members });

describe('mapStripeConfirmation', () => {
  it('approves what succeeded, by the id of the PaymentIntent', () => {
    expect(confirmed('succeeded')).toEqual({
      outcome: 'approved',
      reference: INTENT,
      brand: null,
      last4: null,
      declineCode: null,
      message: 'The payment was approved.',
    });
    expect(confirmed('succeeded', { repeated: true })).toMatchObject({ outcome: 'approved' });
  });

  it.each([
    ['declined', 'insufficient_funds', 'Your card has insufficient funds.'],
    ['expired', 'expired_card', 'Your card has expired.'],
    [
      'asks-payer',
      'authentication_required',
      'Your card was declined. This transaction requires authentication.',
    ],
  ])('declines a card error: %s', (name, declineCode, message) => {
    expect(confirmed(name)).toMatchObject({ outcome: 'declined', declineCode, message, reference: null });
    expect(confirmed(name, { repeated: true })).toMatchObject({ outcome: 'declined', declineCode });
  });

  it.each([
    ['bad-parameter', 'parameter_unknown'],
    ['bad-key', 'invalid_request_error'],
    ['no-permission', 'more_permissions_required_for_application'],
    ['not-found', 'resource_missing'],
  ])('fails a first request that was refused, but not a repeat: %s', (name, code) => {
    expect(confirmed(name)).toMatchObject({
      outcome: 'failed',
      message: `The payment provider refused the request (${code}). Nothing was charged.`,
    });
    expect(confirmed(name, { repeated: true })).toMatchObject({ outcome: 'unknown' });
  });

  it.each(['unexpected-state', 'other-parameters'])(
    'does not know what an earlier request did: %s',
    (name) => {
      expect(confirmed(name)).toMatchObject({ outcome: 'unknown' });
    },
  );

  it('takes 429 for proof that nothing was done, also for a repeat, of which it says nothing else', () => {
    expect(confirmed('rate-limited')).toBe('nothing-done');
    expect(confirmed('rate-limited', { repeated: true })).toBe('nothing-done');
  });

  it('sees no decision in a key that is in use or in a server error', () => {
    expect(confirmed('key-in-use')).toBeNull();
    expect(confirmed('server-error')).toBeNull();
  });

  it('stops repeating when Stripe says that it is of no use, and goes on when it says so', () => {
    expect(confirmed('server-error', { headers: { 'stripe-should-retry': 'false' } })).toMatchObject({
      outcome: 'unknown',
    });
    expect(confirmed('bad-parameter', { headers: { 'stripe-should-retry': 'true' } })).toBeNull();
  });

  it('does not take a page for an answer', () => {
    const page = { kind: 'reply', status: 400, body: null } as const;

    expect(mapStripeConfirmation(REQUEST, INTENT, page, false)).toBeNull();
    expect(mapStripeConfirmation(REQUEST, INTENT, { ...page, status: 200 }, false)).toMatchObject({
      outcome: 'unknown',
    });
  });

  it('does not believe a decline of another PaymentIntent', () => {
    const { error } = replyOf('declined').body as { error: { payment_intent: object } };
    const body = { error: { ...error, payment_intent: { ...error.payment_intent, id: 'pi_other' } } };

    expect(mapStripeConfirmation(REQUEST, INTENT, { ...replyOf('declined'), body }, false)).toMatchObject({
      outcome: 'unknown',
    });
  });
});

describe('mapStripeIntent', () => {
  it.each([
    [{ id: 'pi_other' }],
    [{ amount: 2001 }],
    [{ amount: 200 }],
    [{ amount_received: 1999 }],
    [{ currency: 'eur' }],
    [{ object: 'setup_intent' }],
    [{ amount: '2000' }],
  ])('decides nothing by %j', (members) => {
    expect(intentWith(members)).toBeNull();
  });

  it.each(['processing', 'requires_capture', 'a_new_one'])('decides nothing while it is %s', (status) => {
    expect(intentWith({ status })).toBeNull();
  });

  it.each(['requires_payment_method', 'requires_confirmation'])('can still be charged: %s', (status) => {
    expect(intentWith({ status })).toBe('chargeable');
  });

  it('asks for the payer', () => {
    expect(intentWith({ status: 'requires_action' })).toBe('asks-payer');
  });

  it('is declined when the attempt failed, also when it was canceled later', () => {
    const last_payment_error = { type: 'card_error', code: 'card_declined', decline_code: 'do_not_honor' };

    for (const status of ['requires_payment_method', 'canceled']) {
      expect(intentWith({ status, last_payment_error })).toMatchObject({
        outcome: 'declined',
        declineCode: 'do_not_honor',
      });
    }
  });

  it('has failed when it was canceled before it was charged', () => {
    expect(intentWith({ status: 'canceled' })).toMatchObject({ outcome: 'failed' });
  });
});

describe('mapStripeMethod', () => {
  it('takes id, brand and last four digits', () => {
    expect(mapStripeMethod(replyOf('method'))).toEqual({
      kind: 'method',
      id: 'pm_1MtwBwLkdIwHu7ixL1',
      brand: 'diners-club',
      last4: '0004',
    });
  });

  it.each([
    ['expired', { outcome: 'declined', declineCode: 'expired_card' }],
    [
      'raw-card-data-not-enabled',
      {
        outcome: 'failed',
        message: 'The payment provider refused the request (invalid_request_error). Nothing was charged.',
      },
    ],
    ['bad-key', { outcome: 'failed' }],
    ['succeeded', { outcome: 'failed' }],
  ])('ends when it gets: %s', (name, result) => {
    expect(mapStripeMethod(replyOf(name))).toMatchObject({ kind: 'ended', result });
  });

  it('is asked again after a server error, a key in use and too many requests', () => {
    expect(mapStripeMethod(replyOf('server-error'))).toBeNull();
    expect(mapStripeMethod(replyOf('key-in-use'))).toBeNull();
    expect(mapStripeMethod(replyOf('rate-limited'))).toBe('nothing-done');
    expect(mapStripeMethod(replyOf('bad-key', { 'stripe-should-retry': 'true' }))).toBeNull();
  });
});

describe('mapStripeNewIntent', () => {
  it('takes the id of what was asked for, and nothing else', () => {
    const created = { ...replyOf('succeeded').body, status: 'requires_payment_method', amount_received: 0 };
    const reply = { kind: 'reply', status: 200, body: created } as const;

    expect(mapStripeNewIntent(REQUEST, reply)).toEqual({ kind: 'intent', id: INTENT });
    expect(mapStripeNewIntent({ ...REQUEST, amountMinor: 2001 }, reply)).toMatchObject({ kind: 'ended' });
    expect(mapStripeNewIntent({ ...REQUEST, currency: 'EUR' }, reply)).toMatchObject({ kind: 'ended' });
  });
});
