import { describe, expect, it } from 'vitest';
import {
  mapBraintreeLookUp,
  mapBraintreeOutcome,
} from '../../../../src/payment/braintree/map-braintree-outcome.ts';
import type { JsonObject } from '../../../../src/payment/reply-body.ts';
import type { ProviderRequest } from '../../../../src/payment/provider.ts';

/**
 * Replies have the shapes of Braintree's GraphQL reference ("Transaction", "PaymentStatus", "ProcessorDeclinedEvent",
 * "GatewayRejectedEvent", "ChargePaymentMethodInput") and of its guide "Making API Calls".
 */
const REQUEST: ProviderRequest = {
  operation: 'charge',
  idempotencyKey: 'att_abcdefghjkmnpqrs',
  amountMinor: 1000,
  currency: 'GBP',
  reference: null,
  description: null,
};
const TRANSACTION = {
  id: 'dHJhbnNhY3Rpb25fYTFiMmMz',
  orderId: 'att_abcdefghjkmnpqrs',
  status: 'SUBMITTED_FOR_SETTLEMENT',
  amount: { value: '10.00', currencyCode: 'GBP' },
  paymentMethodSnapshot: { brandCode: 'AMERICAN_EXPRESS', last4: '0005' },
  statusHistory: [{}, {}],
};
const DECLINED = {
  ...TRANSACTION,
  status: 'PROCESSOR_DECLINED',
  statusHistory: [{ processorResponse: { legacyCode: '2001' } }],
};
const extensions = { requestId: 'a-uuid-for-the-request' };
const charged = (transaction: object): JsonObject => ({
  data: { chargePaymentMethod: { transaction } },
  extensions,
});
const inError = (...errorClasses: (string | undefined)[]): JsonObject => ({
  data: { chargePaymentMethod: null },
  errors: errorClasses.map((errorClass) => ({
    message: 'Unknown or expired single-use payment method.',
    path: ['chargePaymentMethod'],
    extensions: {
      errorClass,
      errorType: 'user_error',
      legacyCode: '91565',
      inputPath: ['input', 'paymentMethodId'],
    },
  })),
  extensions,
});
const map = (body: JsonObject | null, { status = 200, repeated = false } = {}) =>
  mapBraintreeOutcome(REQUEST, { kind: 'reply', status, body }, repeated);

describe('mapBraintreeOutcome', () => {
  it.each(['AUTHORIZED', 'SUBMITTED_FOR_SETTLEMENT', 'SETTLING', 'SETTLED'])(
    'approves what is %s',
    (status) => {
      expect(map(charged({ ...TRANSACTION, status }))).toEqual({
        outcome: 'approved',
        reference: 'dHJhbnNhY3Rpb25fYTFiMmMz',
        brand: 'amex',
        last4: '0005',
        declineCode: null,
        message: 'The payment was approved.',
      });
    },
  );

  it.each([
    ['another order', { orderId: 'att_another' }],
    ['another amount', { amount: { value: '10.01', currencyCode: 'GBP' } }],
    ["the merchant account's own currency", { amount: { value: '10.00', currencyCode: 'USD' } }],
    ['no amount', { amount: null }],
    ['no id', { id: '' }],
  ])('decides nothing for %s', (_what, change) => {
    expect(map(charged({ ...TRANSACTION, ...change }))).toBeNull();
  });

  it('declines with the code of the processor', () => {
    expect(map(charged(DECLINED))).toMatchObject({ outcome: 'declined', declineCode: '2001', last4: '0005' });
  });

  it('declines with the reason of the gateway', () => {
    const statusHistory = [{ gatewayRejectionReason: 'AVS_AND_CVV' }, {}];

    expect(map(charged({ ...TRANSACTION, status: 'GATEWAY_REJECTED', statusHistory }))).toMatchObject({
      outcome: 'declined',
      declineCode: 'AVS_AND_CVV',
    });
  });

  it('takes a rejected duplicate for the sign of another transaction', () => {
    const statusHistory = [{ gatewayRejectionReason: 'DUPLICATE' }];

    expect(map(charged({ ...TRANSACTION, status: 'GATEWAY_REJECTED', statusHistory }))).toBeNull();
  });

  it('fails when the payment did not get through to the processor', () => {
    expect(map(charged({ ...TRANSACTION, status: 'FAILED' }))).toMatchObject({
      outcome: 'failed',
      message: 'The payment provider could not process the payment. Nothing was charged.',
    });
  });

  it.each([
    'AUTHORIZING',
    'AUTHORIZATION_EXPIRED',
    'SETTLEMENT_PENDING',
    'SETTLEMENT_CONFIRMED',
    'SETTLEMENT_DECLINED',
    'VOIDED',
    'NEW_STATUS',
  ])('decides nothing for %s', (status) => {
    expect(map(charged({ ...TRANSACTION, status }))).toBeNull();
  });

  it.each([
    'AUTHENTICATION',
    'AUTHORIZATION',
    'NOT_FOUND',
    'NOT_IMPLEMENTED',
    'UNSUPPORTED_CLIENT',
    'VALIDATION',
  ])('fails on an error of the class %s to the first try, and decides nothing by it later', (errorClass) => {
    expect(map(inError(errorClass))).toMatchObject({
      outcome: 'failed',
      message: 'The payment provider refused the request (91565). Nothing was charged.',
    });
    expect(map(inError(errorClass), { repeated: true })).toBeNull();
  });

  it.each([
    [['INTERNAL']],
    [['SERVICE_AVAILABILITY']],
    [['RESOURCE_LIMIT']],
    [[undefined]],
    [['VALIDATION', 'INTERNAL']],
  ])('decides nothing for errors of the classes %j', (errorClasses) => {
    expect(map(inError(...errorClasses))).toBeNull();
  });

  it('takes the transaction for what happened when there are errors beside it', () => {
    const { errors } = inError('INTERNAL');

    expect(map({ ...charged(TRANSACTION), errors })?.outcome).toBe('approved');
  });

  it.each([401, 403])('fails on status %i to the first try', (status) => {
    expect(map(null, { status })?.outcome).toBe('failed');
    expect(map(null, { status, repeated: true })).toBeNull();
  });

  it.each([200, 302, 404, 429, 500, 503])('decides nothing for status %i without a decision', (status) => {
    expect(map(null, { status })).toBeNull();
    expect(map({ data: null, errors: [] }, { status })).toBeNull();
  });
});

describe('mapBraintreeLookUp', () => {
  const find = (...nodes: object[]) =>
    mapBraintreeLookUp(REQUEST, {
      kind: 'reply',
      status: 200,
      body: { data: { search: { transactions: { edges: nodes.map((node) => ({ node })) } } }, extensions },
    });

  it('finds a charge', () => {
    expect(find(TRANSACTION)).toMatchObject({ outcome: 'approved', reference: 'dHJhbnNhY3Rpb25fYTFiMmMz' });
  });

  it('finds a decline', () => {
    expect(find(DECLINED)).toMatchObject({ outcome: 'declined', declineCode: '2001' });
  });

  it('takes nothing found for no proof', () => {
    expect(find()).toBe('undecided');
  });

  it('prefers an approval to everything else', () => {
    expect(find(DECLINED, { ...TRANSACTION, status: 'AUTHORIZING' }, TRANSACTION)).toMatchObject({
      outcome: 'approved',
    });
  });

  it('waits for the last word of every transaction before it takes a decline for the end', () => {
    expect(find(DECLINED, { ...TRANSACTION, status: 'AUTHORIZING' })).toBe('undecided');
  });

  it('does not believe what belongs to another payment', () => {
    expect(find({ ...TRANSACTION, orderId: 'att_another' })).toBe('undecided');
  });

  it('is undecided when it is not answered', () => {
    expect(mapBraintreeLookUp(REQUEST, { kind: 'reply', status: 500, body: null })).toBe('undecided');
    expect(mapBraintreeLookUp(REQUEST, { kind: 'reply', status: 200, body: inError('AUTHENTICATION') })).toBe(
      'undecided',
    );
  });
});
