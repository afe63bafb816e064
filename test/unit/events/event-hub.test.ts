import { describe, expect, it } from 'vitest';
import type { AgentEvent, PublishedEvent } from '../../../src/events/agent-event.ts';
import { EventHub } from '../../../src/events/event-hub.ts';
import type { EventListener } from '../../../src/events/event-hub.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { PrometheusMeter } from '../../../src/telemetry/prometheus-meter.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const ALARM: AgentEvent = { type: 'masking-alarm', cause: 'error' };

function makeHub() {
  const clock = new FakeClock(Date.UTC(2026, 10, 23, 10, 0, 0));
  const meter = new PrometheusMeter();
  const lines: string[] = [];
  const logger = createLogger('debug', { write: (line) => lines.push(line) }, meter);
  return { hub: new EventHub({ clock, logger, meter }), clock, meter, lines };
}

class Recorder implements EventListener {
  readonly events: PublishedEvent[] = [];
  hasEnded = false;

  event(event: PublishedEvent): void {
    this.events.push(event);
  }

  ended(): void {
    this.hasEnded = true;
  }

  get numbers(): number[] {
    return this.events.map((event) => event.seq);
  }
}

function publish(hub: EventHub, count: number, paymentId = 'pay_a'): void {
  for (let index = 0; index < count; index += 1) hub.publish(paymentId, ALARM);
}

describe('EventHub', () => {
  it('numbers events from 1 per payment, with the wall time', () => {
    const { hub } = makeHub();
    expect(hub.publish('pay_a', ALARM)).toEqual({
      paymentId: 'pay_a',
      seq: 1,
      at: '2026-11-23T10:00:00.000Z',
      event: ALARM,
    });
    expect(hub.publish('pay_a', ALARM).seq).toBe(2);
    expect(hub.publish('pay_b', ALARM).seq).toBe(1);
    expect([hub.lastSeq('pay_a'), hub.lastSeq('pay_b'), hub.lastSeq('pay_c')]).toEqual([2, 1, 0]);
  });

  it('replays what a late reader missed, then sends what is new, each once and in order', () => {
    const { hub, clock } = makeHub();
    const reader = new Recorder();
    publish(hub, 3);
    hub.subscribe('pay_a', 1, reader);
    publish(hub, 1);
    clock.advance(0);
    publish(hub, 2);
    clock.advance(0);
    expect(reader.numbers).toEqual([2, 3, 4, 5, 6]);
  });

  it('sends a reader the events of its payment only', () => {
    const { hub, clock } = makeHub();
    const reader = new Recorder();
    hub.subscribe('pay_a', 0, reader);
    publish(hub, 1, 'pay_b');
    clock.advance(0);
    expect(reader.events).toEqual([]);
  });

  it('calls no listener while the publisher is publishing', () => {
    const { hub, clock } = makeHub();
    const reader = new Recorder();
    hub.subscribe('pay_a', 0, reader);
    publish(hub, 1);
    expect(reader.events).toEqual([]);
    clock.advance(0);
    expect(reader.numbers).toEqual([1]);
  });

  it('sends nothing more after the reader stopped, not even the rest of a replay', () => {
    const { hub, clock } = makeHub();
    const seen: number[] = [];
    publish(hub, 3);
    const stop = hub.subscribe('pay_a', 0, {
      event: (event) => {
        seen.push(event.seq);
        if (event.seq === 2) stop();
      },
      ended: () => undefined,
    });
    clock.advance(0);
    expect(seen).toEqual([1, 2]);
  });

  it('drops a listener that throws and goes on with the others', () => {
    const { hub, clock, lines } = makeHub();
    const reader = new Recorder();
    let calls = 0;
    const broken: EventListener = {
      event: () => {
        calls += 1;
        throw new RangeError('4111111111111111');
      },
      ended: () => undefined,
    };
    hub.subscribe('pay_a', 0, broken);
    hub.subscribe('pay_a', 0, reader);
    publish(hub, 2);
    clock.advance(0);
    publish(hub, 1);
    clock.advance(0);
    expect(reader.numbers).toEqual([1, 2, 3]);
    expect(calls).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"errorName":"RangeError"');
  });

  it('keeps the newest 1,000 events and says from where a reader can go on', () => {
    const { hub, clock } = makeHub();
    publish(hub, 1005);
    expect(hub.canResume('pay_a', 4)).toBe(false);
    expect(hub.canResume('pay_a', 5)).toBe(true);
    expect(hub.canResume('pay_a', 1005)).toBe(true);
    expect(hub.canResume('pay_a', 1006)).toBe(false);
    expect(hub.canResume('pay_b', 0)).toBe(false);
    const reader = new Recorder();
    hub.subscribe('pay_a', 5, reader);
    clock.advance(0);
    expect(reader.numbers).toHaveLength(1000);
    expect(reader.numbers[0]).toBe(6);
  });

  it('can be read for 15 minutes after the payment ended, then ends its readers and forgets', () => {
    const { hub, clock } = makeHub();
    const reader = new Recorder();
    publish(hub, 1);
    hub.end('pay_a');
    hub.subscribe('pay_a', 0, reader);
    clock.advance(15 * 60_000 - 1);
    expect([reader.numbers, reader.hasEnded, hub.lastSeq('pay_a')]).toEqual([[1], false, 1]);
    clock.advance(1);
    expect([reader.hasEnded, hub.lastSeq('pay_a')]).toEqual([true, 0]);
    expect(clock.pending).toBe(0);
  });

  it('sends an outcome that is settled after the end to those who still read', () => {
    const { hub, clock } = makeHub();
    const reader = new Recorder();
    publish(hub, 1);
    hub.subscribe('pay_a', 1, reader);
    hub.end('pay_a');
    publish(hub, 1);
    clock.advance(0);
    expect(reader.numbers).toEqual([2]);
  });

  it('forgets a payment that had readers and never an event', () => {
    const { hub, clock } = makeHub();
    const reader = new Recorder();
    hub.subscribe('pay_a', 0, reader)();
    publish(hub, 1);
    clock.advance(0);
    expect(reader.events).toEqual([]);
    expect(hub.lastSeq('pay_a')).toBe(1);
  });

  it('refuses the 21st reader of a payment', () => {
    const { hub } = makeHub();
    for (let count = 0; count < 20; count += 1) hub.subscribe('pay_a', 0, new Recorder());
    expect(() => hub.subscribe('pay_a', 0, new Recorder())).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED' }),
    );
    expect(() => hub.subscribe('pay_b', 0, new Recorder())).not.toThrow();
  });

  it('ends every reader when it closes', () => {
    const { hub } = makeHub();
    const [first, second] = [new Recorder(), new Recorder()];
    hub.subscribe('pay_a', 0, first);
    hub.subscribe('pay_b', 0, second);
    hub.close();
    expect([first.hasEnded, second.hasEnded]).toEqual([true, true]);
  });

  it('blots out digits that an agent must not see, counts and logs them', async () => {
    const { hub, meter, lines } = makeHub();
    const published = hub.publish('pay_a', {
      type: 'field-complete',
      field: 'payment-card-number',
      masked: '4111111111111111',
      brand: 'visa',
    });
    expect(published.event).toMatchObject({ masked: '****************' });
    expect(await meter.text()).toContain('tonewall_digit_leak_blocked_total{sink="event"} 1');
    expect(lines[0]).toContain('digits were blocked in an event');
    expect(lines[0]).not.toContain('4111');
  });
});
