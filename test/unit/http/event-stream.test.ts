import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../../src/http/event-stream.ts';
import { PrometheusMeter } from '../../../src/telemetry/prometheus-meter.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A response whose reader takes as much as the test says. */
class FakeResponse extends EventEmitter {
  readonly written: string[] = [];
  writableLength = 0;
  closed = false;
  isDestroyed = false;
  writableEnded = false;

  writeHead(): void {
    this.written.length = 0;
  }

  write(text: string): void {
    this.written.push(text);
  }

  end(): void {
    this.writableEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
    this.closed = true;
    this.emit('close');
  }
}

function openStream(response = new FakeResponse()) {
  const clock = new FakeClock();
  const meter = new PrometheusMeter();
  const stream = new EventStream(response as unknown as ServerResponse, 'pay_a', {
    clock,
    filter: (text) => text,
    clients: meter.gauge('event_clients', {}),
    dropped: meter.counter('event_clients_dropped_total', {}),
  });
  stream.open();
  return { stream, response, clock, meter };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('EventStream', () => {
  it('lives with 64 KB that wait and is cut at one byte more', async () => {
    const { stream, response, meter } = openStream();
    response.writableLength = 65_536;
    stream.reset(1);
    await turn();
    expect(response.isDestroyed).toBe(false);
    response.writableLength = 65_537;
    stream.reset(2);
    await turn();
    expect(response.isDestroyed).toBe(true);
    expect(await meter.text()).toContain('tonewall_event_clients_dropped_total 1');
  });

  it('does not count what waits only until the end of the turn', async () => {
    const { stream, response } = openStream();
    response.writableLength = 500_000;
    stream.reset(1);
    response.writableLength = 0;
    await turn();
    expect(response.isDestroyed).toBe(false);
  });

  it('gives a reader one second for the rest after the end', () => {
    const { stream, response, clock } = openStream();
    stream.ended();
    expect(response.writableEnded).toBe(true);
    clock.advance(999);
    expect(response.isDestroyed).toBe(false);
    clock.advance(1);
    expect(response.isDestroyed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('writes nothing more once it has ended', () => {
    const { stream, response } = openStream();
    stream.ended();
    const written = response.written.length;
    stream.reset(1);
    stream.ended();
    expect(response.written).toHaveLength(written);
  });

  it('cleans up once, whoever closes it, and at once when it is closed already', async () => {
    const { stream, response, clock, meter } = openStream();
    let cleanUps = 0;
    stream.onClose(() => (cleanUps += 1));
    response.destroy();
    response.emit('error', new Error('gone'));
    expect([cleanUps, clock.pending]).toEqual([1, 0]);
    stream.onClose(() => (cleanUps += 1));
    expect(cleanUps).toBe(2);
    expect((await meter.text()).split('\n')).toContain('tonewall_event_clients 0');
  });

  it('writes nothing to a client that left before the stream opened', async () => {
    const response = new FakeResponse();
    response.closed = true;
    const { stream, clock, meter } = openStream(response);
    stream.reset(1);
    expect([response.written, clock.pending]).toEqual([[], 0]);
    expect((await meter.text()).split('\n')).toContain('tonewall_event_clients 0');
  });
});
