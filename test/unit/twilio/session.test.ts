import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/app/system-random.ts';
import type { PaymentResult } from '../../../src/core/payment-result.ts';
import type { AgentEvent } from '../../../src/events/agent-event.ts';
import { CallbackQueue } from '../../../src/twilio/callback-queue.ts';
import { Session } from '../../../src/twilio/session.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { RecordingMeter } from '../../support/recording-meter.ts';

const RESULT: PaymentResult = {
  outcome: 'unknown',
  reference: null,
  brand: 'visa',
  last4: '1111',
  declineCode: null,
  message: 'Do not take the card again.',
};

/** What a client is told of these events, after the callback for the creation. */
async function toldOf(events: readonly AgentEvent[], hasCallEnded = false) {
  const forms: Record<string, string>[] = [];
  const clock = new FakeClock(Date.UTC(2026, 10, 23, 10));
  const queue = new CallbackQueue(
    {
      clock,
      meter: new RecordingMeter(),
      logger: new RecordingLogger(),
      random: systemRandom,
      authToken: 'token',
      post: async (_url, _headers, body) => {
        forms.push(Object.fromEntries(new URLSearchParams(body)));
        return { type: 'answered', status: 200 };
      },
    },
    'pay_a',
  );
  const identity = {
    accountSid: 'ACaaaa',
    callSid: 'call_a',
    sid: 'PKaaaa',
    createdAt: '2026-11-23T10:00:00.000Z',
    labels: {
      paymentMethod: 'credit-card' as const,
      paymentConnector: 'Default',
      bankAccountType: 'consumer-checking',
      tokenType: 'reusable',
      chargeAmount: '10',
    },
  };
  const session = new Session('pay_a', identity, new URL('https://merchant.example/'), {
    clock,
    queue,
    hasCallEnded: () => hasCallEnded,
    onForgotten: () => undefined,
  });
  for (const [index, event] of events.entries())
    session.event({ paymentId: 'pay_a', seq: index + 1, at: identity.createdAt, event });
  await session.settled();
  return forms.slice(1);
}

describe('Session', () => {
  it('tells an unknown outcome, and the settled one when it is known', async () => {
    const told = await toldOf([
      { type: 'payment-result', ...RESULT },
      { type: 'payment-result', ...RESULT, outcome: 'approved', reference: 'ch_1', message: 'Approved.' },
    ]);
    expect(told).toMatchObject([
      { Result: 'payment-connector-error', ConnectorError: 'unknown' },
      { Result: 'success', PaymentConfirmationCode: 'ch_1' },
    ]);
  });

  it('tells a failure with the code for a gateway that could not be asked', async () => {
    const [form] = await toldOf([{ type: 'payment-result', ...RESULT, outcome: 'failed' }]);
    expect(form).toMatchObject({ PayErrorCode: '64002', ConnectorError: 'failed' });
  });

  it.each([
    ['expired', false, { ErrorType: 'input-timeout' }],
    ['canceled', true, { Result: 'caller-hung-up' }],
  ] as const)('tells that a payment is %s', async (state, hasCallEnded, parameters) => {
    const told = await toldOf([{ type: 'payment-state', state, required: [], field: null }], hasCallEnded);
    expect(told).toEqual([
      {
        AccountSid: 'ACaaaa',
        CallSid: 'call_a',
        Sid: 'PKaaaa',
        DateCreated: 'Mon, 23 Nov 2026 10:00:00 +0000',
        DateUpdated: 'Mon, 23 Nov 2026 10:00:00 +0000',
        BankAccountType: 'consumer-checking',
        ChargeAmount: '10',
        PaymentConnector: 'Default',
        PaymentMethod: 'credit-card',
        TokenType: 'reusable',
        ...parameters,
      },
    ]);
  });
});
