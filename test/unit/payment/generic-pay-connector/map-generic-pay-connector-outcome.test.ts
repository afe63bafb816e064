import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapGenericPayConnectorOutcome } from '../../../../src/payment/generic-pay-connector/map-generic-pay-connector-outcome.ts';
import type { ProviderRequest } from '../../../../src/payment/provider.ts';

const CHARGE: ProviderRequest = {
  operation: 'charge',
  idempotencyKey: 'att_abc',
  amountMinor: 1000,
  currency: 'USD',
  reference: null,
  description: null,
};
const TOKENIZE: ProviderRequest = { ...CHARGE, operation: 'tokenize', amountMinor: null };

function outcomeOf(status: number, body: object | null, { request = CHARGE, repeated = false } = {}) {
  const reply = { kind: 'reply', status, body: body as Record<string, unknown> | null } as const;
  return mapGenericPayConnectorOutcome(request, reply, repeated);
}

describe('mapGenericPayConnectorOutcome', () => {
  it('approves an id without an error', () => {
    expect(
      outcomeOf(200, { charge_id: 'ch_1', error_code: null, error_message: null, parameters: {} }),
    ).toEqual({
      outcome: 'approved',
      reference: 'ch_1',
      brand: null,
      last4: null,
      declineCode: null,
      message: 'The payment was approved.',
    });
  });

  it('fails, nothing having been done, when the first try is refused for its credentials', () => {
    expect(outcomeOf(401, null)).toMatchObject({ outcome: 'failed' });
    expect(outcomeOf(401, null, { repeated: true })).toBeNull();
    expect(outcomeOf(401, { error_code: 'card_declined' })).toMatchObject({ outcome: 'declined' });
    expect(outcomeOf(403, null)).toBeNull();
  });

  it('approves a token when a token was asked for', () => {
    expect(outcomeOf(200, { token_id: 'tok_1', error_code: null }, { request: TOKENIZE })).toMatchObject({
      outcome: 'approved',
      reference: 'tok_1',
      message: 'The card was tokenised.',
    });
  });

  it('approves without a reference when digits of the id were overwritten', () => {
    expect(outcomeOf(200, { charge_id: '1111111111111111', error_code: null })).toMatchObject({
      outcome: 'approved',
      reference: null,
    });
  });

  it.each([
    { name: 'a missing error code', status: 200, body: { charge_id: 'ch_1' } },
    { name: 'an empty error code', status: 201, body: { charge_id: 'ch_1', error_code: '' } },
    {
      name: 'what repeats the order',
      status: 200,
      body: { charge_id: 'ch_1', amount: '10.0', currency_code: 'usd', transaction_id: 'att_abc' },
    },
    { name: 'a number as the amount', status: 200, body: { charge_id: 'ch_1', amount: 10 } },
  ])('approves with $name', ({ status, body }) => {
    expect(outcomeOf(status, body)?.outcome).toBe('approved');
  });

  it.each([
    { name: 'status 200, as Hyperswitch does', status: 200 },
    { name: 'another status, as SignalWire does', status: 402 },
    { name: 'status 422', status: 422 },
  ])('declines an error code with $name', ({ status }) => {
    const body = { charge_id: null, error_code: 'insufficient_funds', error_message: 'No money on 4111' };

    expect(outcomeOf(status, body)).toEqual({
      outcome: 'declined',
      reference: null,
      brand: null,
      last4: null,
      declineCode: 'insufficient_funds',
      message: 'No money on ****',
    });
  });

  it.each([
    { name: 'a number', body: { charge_id: null, error_code: 64008 }, declineCode: '64008' },
    { name: 'a sentence, which is not shown', body: { error_code: 'Card was refused' }, declineCode: null },
    { name: 'beside an empty id', body: { charge_id: '', error_code: '51' }, declineCode: '51' },
    {
      name: 'duplicate, of a first try',
      body: { error_code: 'duplicate_order' },
      declineCode: 'duplicate_order',
    },
  ])('declines an error code that is $name', ({ body, declineCode }) => {
    expect(outcomeOf(200, body)).toMatchObject({
      outcome: 'declined',
      declineCode,
      message: 'The payment provider declined.',
    });
  });

  it.each([
    { name: 'no JSON object', status: 200, body: null },
    { name: 'neither id nor error', status: 200, body: { charge_id: null, error_code: null } },
    { name: 'an empty object', status: 200, body: {} },
    { name: 'id and error both', status: 200, body: { charge_id: 'ch_1', error_code: 'x' } },
    { name: 'an id with status 500', status: 500, body: { charge_id: 'ch_1', error_code: null } },
    { name: 'an id with a redirect', status: 302, body: { charge_id: 'ch_1', error_code: null } },
    { name: 'a token for a charge', status: 200, body: { token_id: 'tok_1', error_code: null } },
    { name: 'an id with spaces', status: 200, body: { charge_id: 'ch 1', error_code: null } },
    { name: 'an id that is a number', status: 200, body: { charge_id: 7, error_code: null } },
    { name: 'an id that is an object', status: 200, body: { charge_id: {}, error_code: null } },
    { name: 'an error that is an object', status: 200, body: { error_code: {} } },
    { name: 'an error that is false', status: 200, body: { charge_id: 'ch_1', error_code: false } },
    { name: 'another transaction', status: 200, body: { charge_id: 'ch_1', transaction_id: 'att_xyz' } },
    { name: 'another amount', status: 200, body: { charge_id: 'ch_1', amount: '100.00' } },
    { name: 'another currency', status: 200, body: { charge_id: 'ch_1', currency_code: 'GBP' } },
    {
      name: 'a decline of another transaction',
      status: 402,
      body: { error_code: 'x', transaction_id: 'att_xyz' },
    },
    { name: 'an error code with status 500', status: 500, body: { error_code: 'internal_error' } },
    { name: 'a decline with status 503', status: 503, body: { error_code: 'card_declined' } },
    { name: 'an error code with status 429', status: 429, body: { error_code: 'too_many_requests' } },
    { name: 'an error code with a redirect', status: 302, body: { error_code: 'moved' } },
    { name: 'a timeout behind the far end', status: 504, body: { error_code: 'gateway_timeout' } },
    { name: 'a timeout in words', status: 200, body: { error_code: 'Request timed out' } },
  ])('has no decision in $name', ({ status, body }) => {
    expect(outcomeOf(status, body)).toBeNull();
  });

  it.each([
    { name: 'status 409', status: 409, body: { error_code: 'x' } },
    { name: 'the code "duplicate"', status: 200, body: { error_code: 'DUPLICATE_TRANSACTION' } },
    { name: 'the code "already processed"', status: 400, body: { error_code: 'already_processed' } },
  ])('has no decision when a repeat gets $name, since the first try may have charged', ({ status, body }) => {
    expect(outcomeOf(status, body, { repeated: true })).toBeNull();
  });

  it('takes the first result that a repeat gets', () => {
    expect(outcomeOf(200, { charge_id: 'ch_1', error_code: null }, { repeated: true })?.outcome).toBe(
      'approved',
    );
    expect(outcomeOf(402, { error_code: 'expired_card' }, { repeated: true })?.outcome).toBe('declined');
  });

  it('never approves without a sane id and success, whatever the answer', () => {
    const value = fc.oneof(fc.string(), fc.constant(null), fc.integer(), fc.boolean(), fc.constant('ch_1'));
    const body = fc.record({ charge_id: value, token_id: value, error_code: value }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), body, fc.boolean(), (status, answer, repeated) => {
        const result = outcomeOf(status, answer, { repeated });
        const mayFail = status === 401 && !repeated;
        expect(mayFail || result?.outcome !== 'failed').toBe(true);
        if (result?.outcome !== 'approved') return;
        expect(status >= 200 && status <= 299).toBe(true);
        expect(answer.charge_id).toEqual(expect.stringMatching(/^[!-~]+$/));
        expect(answer.error_code ?? '').toBe('');
      }),
      { numRuns: 2000 },
    );
  });
});
