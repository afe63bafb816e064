import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CallRegistry } from '../../../src/call/call-registry.ts';
import { GuidedPayment } from '../../../src/call/guided-payment.ts';
import type { LegName } from '../../../src/core/leg.ts';
import type { MaskPolicy } from '../../../src/core/masking.ts';
import type { PaymentProfile } from '../../../src/core/payment-profile.ts';
import { CallBridge } from '../../../src/media/call-bridge.ts';
import { LocalMedia } from '../../../src/vonage/media-host.ts';
import type { AgentEvent } from '../../../src/events/agent-event.ts';
import type { GuidedRecord } from '../../../src/call/guided-payment.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { TestLeg } from '../../support/fake-socket-bridge.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { RecordingMeter } from '../../support/recording-meter.ts';

const FIVE = '5'.charCodeAt(0);

function setUp(maskPolicy: MaskPolicy = 'always', maxCalls = 2) {
  const load = { isOverloaded: false };
  const clock = new FakeClock();
  const meter = new RecordingMeter();
  const logger = new RecordingLogger();
  const host = new LocalMedia({ clock, meter, logger });
  let addresses = 0;
  const calls = new CallRegistry(
    {
      maxCalls,
      maskPolicy,
      masking: { lookaheadMs: 10, maskMode: 'tone', maskFrequencyHz: 500, maskLevelDbm0: -16 },
    },
    {
      clock,
      meter,
      logger,
      random: { bytes: (count) => randomBytes(count) },
      isOverloaded: () => load.isOverloaded,
      makeBridge: host.makeBridge,
      addressOf: (_call, _id, leg) => ({ uri: `ws://host/${leg}/${++addresses}`, ncco: [] }),
    },
  );
  const create = (topology: 'two-leg' | 'loopback' = 'two-leg') =>
    calls.create({ topology, sampleRate: 8000, reference: null });
  const connect = (id: string, leg: LegName, rate: 8000 | null = 8000): TestLeg => {
    const bridge = calls.bridgeOf(id);
    if (!(bridge instanceof CallBridge)) throw new Error('the call has no bridge');
    return new TestLeg(bridge, leg, rate);
  };
  return { clock, meter, calls, create, connect, load };
}

function makePayment(
  callId: string,
  clock: FakeClock,
  publish: (event: AgentEvent) => void = () => undefined,
): GuidedPayment {
  const record = { id: 'pay_a', callId } as GuidedRecord;
  const profile: PaymentProfile = {
    id: 'card',
    name: 'Card',
    method: 'guided',
    operation: 'charge',
    currency: 'GBP',
    fields: ['payment-card-number'],
    brands: ['mastercard'],
    firstDigitTimeoutSeconds: 60,
    interDigitTimeoutSeconds: 20,
    maxAttempts: 3,
    minPostalCodeLength: 1,
    provider: { kind: 'simulator' },
  };
  return new GuidedPayment(record, profile, {
    clock,
    meter: new RecordingMeter(),
    publish,
    setSensitivity: () => undefined,
    execute: () => Promise.reject(new Error('nothing is charged in these tests')),
    onEnd: () => undefined,
  });
}

describe('CallRegistry', () => {
  it('gives an address for each leg of the topology', () => {
    const { create } = setUp();
    expect(Object.keys(create('two-leg').legs)).toEqual(['caller', 'agent']);
    expect(Object.keys(create('loopback').legs)).toEqual(['caller']);
  });

  it('refuses more calls than it may have, until one ends', () => {
    const { calls, create } = setUp('always', 1);
    const { id } = create();
    expect(() => create()).toThrowError(expect.objectContaining({ code: 'CAPACITY_EXCEEDED' }));
    calls.end(id);
    expect(create().id).not.toBe(id);
  });

  it('refuses new calls while it is overloaded, counts them, and leaves the open ones alone', () => {
    const { calls, create, load, meter } = setUp();
    const { id } = create();
    load.isOverloaded = true;
    expect(() => create()).toThrowError(expect.objectContaining({ code: 'OVERLOADED', status: 503 }));
    expect(meter.value('calls_refused_total', { reason: 'overload' })).toBe(1);
    expect(calls.get(id).state).toBe('open');
    expect(calls.renewLeg(id, 'caller').uri).toMatch(/^ws:/);
    load.isOverloaded = false;
    expect(create().id).not.toBe(id);
  });

  it('ends the calls without an open payment first when it is to end', () => {
    const { calls, clock, create } = setUp();
    const idle = create('loopback');
    const paying = create('loopback');
    calls.openCall(paying.id).join(makePayment(paying.id, clock));
    calls.endIdle();
    expect(calls.get(idle.id).state).toBe('ended');
    expect(calls.get(paying.id).state).toBe('open');
    calls.endAll();
    expect(calls.get(paying.id).state).toBe('ended');
  });

  it('says how many calls it takes and how long they last', () => {
    const { calls, create, meter } = setUp('always', 7);
    calls.end(create().id);
    expect(meter.value('calls_limit')).toBe(7);
    expect(meter.value('call_duration_seconds')).toBe(1);
  });

  it('still shows an ended call for a while, and gives its media to nobody', () => {
    const { calls, clock, create } = setUp();
    const { id } = create();
    calls.end(id);
    expect(calls.get(id).state).toBe('ended');
    expect(calls.bridgeOf(id)).toBeNull();
    expect(() => calls.renewLeg(id, 'caller')).toThrowError(expect.objectContaining({ code: 'CALL_ENDED' }));
    clock.advance(15 * 60_000);
    expect(() => calls.get(id)).toThrowError(expect.objectContaining({ code: 'CALL_NOT_FOUND' }));
  });

  it('gives a fresh address for a leg, and none for a leg that the topology does not have', () => {
    const { calls, create } = setUp();
    const { id, legs } = create('loopback');
    expect(calls.renewLeg(id, 'caller').uri).not.toBe(legs.caller?.uri);
    expect(() => calls.renewLeg(id, 'agent')).toThrowError(
      expect.objectContaining({ code: 'LEG_NOT_IN_TOPOLOGY' }),
    );
  });

  it('ends a call that nobody ever connects to', () => {
    const { calls, clock, create, meter } = setUp();
    const { id } = create();
    clock.advance(300_000);
    expect(calls.get(id).state).toBe('ended');
    expect(meter.value('calls_total', { topology: 'two-leg', reason: 'never-connected' })).toBe(1);
    expect(meter.value('calls')).toBe(0);
  });

  it.each(['caller', 'agent'] as const)('ends a call whose %s leg stays away', (gone) => {
    const { calls, clock, create, connect } = setUp();
    const { id } = create();
    const legs = { caller: connect(id, 'caller'), agent: connect(id, 'agent') };
    legs[gone].handler.closed();
    clock.advance(14_999);
    expect(calls.get(id).state).toBe('open');
    clock.advance(1);
    expect(calls.get(id).state).toBe('ended');
  });

  it('does not hang up because a first leg failed: the platform may still be dialling', () => {
    const { calls, clock, create, connect } = setUp();
    const { id } = create();
    const leg = connect(id, 'caller', null);
    leg.handler.closed();
    clock.advance(60_000);
    expect(calls.get(id).state).toBe('open');
  });

  it('ends a call after two hours, the longest that the platform allows', () => {
    const { calls, clock, create, connect } = setUp();
    const { id } = create('loopback');
    const leg = connect(id, 'caller');
    for (let minute = 0; minute < 120; minute += 1) {
      leg.handler.pong();
      expect(calls.get(id).state).toBe('open');
      for (let second = 0; second < 60; second += 1) {
        leg.send(new Int16Array(160), leg);
        clock.advance(1000);
      }
    }
    expect(calls.get(id).state).toBe('ended');
  });

  it('takes a second request to end a call for the first one', () => {
    const { calls, create } = setUp();
    const { id } = create();
    calls.end(id);
    expect(() => calls.end(id)).not.toThrow();
    expect(() => calls.end('call_none')).toThrowError(expect.objectContaining({ code: 'CALL_NOT_FOUND' }));
  });

  it('keeps a call whose leg comes back in time', () => {
    const { calls, clock, create, connect } = setUp();
    const { id } = create('loopback');
    connect(id, 'caller').handler.closed();
    clock.advance(10_000);
    connect(id, 'caller');
    // One tick of the leg's own watch is no hang-up either.
    clock.advance(9_000);
    expect(calls.get(id).state).toBe('open');
  });

  it('resolves a drain when the last call has ended, and takes no new one', async () => {
    const { calls, create } = setUp();
    const { id } = create();
    const drained = calls.drain();
    expect(() => create()).toThrowError(expect.objectContaining({ code: 'DRAINING' }));
    calls.end(id);
    await drained;
    expect(calls.isDraining).toBe(true);
  });
});

describe('Call', () => {
  it('hands keys to the payment of the call, and counts each press once', () => {
    const { calls, clock, create, connect, meter } = setUp();
    const { id } = create('loopback');
    const payment = makePayment(id, clock);
    calls.openCall(id).join(payment);
    const leg = connect(id, 'caller');
    leg.handler.text({ kind: 'key', code: FIVE });
    calls.openCall(id).digitHeard(FIVE);
    expect(payment.fields[0]?.length).toBe(1);
    expect(meter.value('digits_total', { source: 'event' })).toBe(1);
    expect(meter.value('digits_dropped_total', { cause: 'duplicate' })).toBe(1);
  });

  it('does not take the event of a key from before the payment for a digit', () => {
    const { calls, clock, create, connect } = setUp();
    const { id } = create('loopback');
    const leg = connect(id, 'caller');
    calls.openCall(id).digitHeard(FIVE);
    const payment = makePayment(id, clock);
    calls.openCall(id).join(payment);
    leg.handler.text({ kind: 'key', code: FIVE });
    expect(payment.fields[0]?.length).toBe(0);
  });

  it('empties the field in progress when a newer socket of the caller takes over', () => {
    const { calls, clock, create, connect } = setUp();
    const { id } = create('loopback');
    const payment = makePayment(id, clock);
    calls.openCall(id).join(payment);
    connect(id, 'caller').handler.text({ kind: 'key', code: FIVE });
    connect(id, 'caller');
    expect(payment.fields[0]?.length).toBe(0);
  });

  it('tells a payment that the agent side is muted already', () => {
    const { calls, clock, create, connect } = setUp();
    const { id } = create('loopback');
    const leg = connect(id, 'caller');
    // Six seconds of audio at once: the leg refuses what is over its rate, and masking is in doubt.
    leg.send(new Int16Array(300 * 160), leg);
    expect(calls.get(id).masking).toBe('muted');
    const events: AgentEvent[] = [];
    calls.openCall(id).join(makePayment(id, clock, (event) => events.push(event)));
    expect(events).toContainEqual({ type: 'masking-alarm', cause: 'overload' });
  });

  it('empties the field in progress when the caller is lost, and goes on when he is back', () => {
    const { calls, clock, create, connect } = setUp();
    const { id } = create('loopback');
    const payment = makePayment(id, clock);
    calls.openCall(id).join(payment);
    const leg = connect(id, 'caller');
    leg.handler.text({ kind: 'key', code: FIVE });
    leg.handler.closed();
    expect(payment.fields[0]?.length).toBe(0);
    connect(id, 'caller').handler.text({ kind: 'key', code: FIVE });
    expect(payment.fields[0]?.length).toBe(1);
  });

  it('cancels the payment when the caller hangs up and stays away', () => {
    const { calls, clock, create, connect } = setUp();
    const { id } = create('loopback');
    const payment = makePayment(id, clock);
    calls.openCall(id).join(payment);
    connect(id, 'caller').handler.closed();
    clock.advance(15_000);
    expect(payment.state).toBe('canceled');
  });

  it('masks all the time by default', () => {
    const { calls, create } = setUp();
    expect(calls.get(create().id).masking).toBe('armed');
  });

  it('masks from the payment until five seconds after it, when the policy says so', () => {
    const { calls, clock, create } = setUp('payment');
    const { id } = create();
    expect(calls.get(id).masking).toBe('off');
    const payment = makePayment(id, clock);
    calls.openCall(id).join(payment);
    expect(calls.get(id).masking).toBe('armed');
    payment.cancel();
    calls.release(payment);
    clock.advance(4_999);
    expect(calls.get(id).masking).toBe('armed');
    clock.advance(1);
    expect(calls.get(id).masking).toBe('off');
  });
});
