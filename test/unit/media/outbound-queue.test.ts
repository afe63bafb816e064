import { describe, expect, it } from 'vitest';
import { OutboundQueue } from '../../../src/media/outbound-queue.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeSocket } from '../../support/fake-socket.ts';
import { RecordingMeter } from '../../support/recording-meter.ts';

const SLOW_READER = { leg: 'agent', cause: 'slow-reader' } as const;

function setUp() {
  const clock = new FakeClock();
  const socket = new FakeSocket();
  const meter = new RecordingMeter();
  const queue = new OutboundQueue(
    socket,
    8000,
    clock,
    meter.counter('media_dropped_frames_total', SLOW_READER),
  );
  /** Sends frames that hold their own number. */
  const send = (from: number, to: number): void => {
    for (let number = from; number <= to; number++) {
      queue.next.fill(number);
      queue.commit();
    }
  };
  const dropped = (): number => meter.value('media_dropped_frames_total', SLOW_READER);
  const numbers = (): (number | undefined)[] => socket.frames.map((frame) => frame[0]);
  return { clock, socket, queue, send, dropped, numbers };
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('OutboundQueue', () => {
  it('hands a frame over at once', () => {
    const { send, numbers } = setUp();
    send(1, 1);
    expect(numbers()).toEqual([1]);
  });

  it('passes a burst of 200 whole and in order', () => {
    const { socket, send, dropped, numbers } = setUp();
    send(1, 200);
    socket.read();
    expect(numbers()).toEqual(range(1, 200));
    expect(dropped()).toBe(0);
  });

  it('zeroes a frame when the socket has sent it', () => {
    const { socket, send } = setUp();
    send(7, 7);
    expect(socket.buffers[0]?.some((byte) => byte !== 0)).toBe(true);
    socket.read();
    expect(socket.buffers[0]).toEqual(Buffer.alloc(320));
  });

  it('does not use a buffer again before the socket has sent it', () => {
    const { socket, send } = setUp();
    send(1, 8);
    expect(new Set(socket.buffers).size).toBe(8);
    socket.read();
    send(9, 10);
    expect(socket.buffers.slice(0, 8)).toContain(socket.buffers[9]);
  });

  it('drops frames that waited for more than 200 ms, oldest first', () => {
    const { clock, socket, send, dropped, numbers } = setUp();
    send(1, 10);
    clock.advance(150);
    send(11, 12);
    clock.advance(51);
    send(13, 13);
    expect(dropped()).toBe(2);
    socket.read();
    expect(numbers()).toEqual([...range(1, 8), 11, 12, 13]);
  });

  it('sends nothing that is older than 200 ms when the reader comes back', () => {
    const { clock, socket, send, dropped, numbers } = setUp();
    send(1, 20);
    clock.advance(201);
    socket.read();
    expect(numbers()).toEqual(range(1, 8));
    expect(dropped()).toBe(12);
  });

  it('never holds more than 250 frames besides those in flight', () => {
    const { socket, send, dropped, numbers } = setUp();
    send(1, 300);
    expect(dropped()).toBe(42);
    socket.read();
    expect(numbers()).toEqual([...range(1, 8), ...range(51, 300)]);
  });

  it('gives the reader up when it takes nothing for two seconds', () => {
    const { queue, send } = setUp();
    send(1, 1);
    expect([queue.tick(), queue.tick(), queue.tick()]).toEqual([false, false, true]);
  });

  it('does not give up a reader that is only slow, nor one that has nothing to read', () => {
    const { socket, queue, send } = setUp();
    expect([queue.tick(), queue.tick(), queue.tick()]).toEqual([false, false, false]);
    send(1, 1);
    queue.tick();
    queue.tick();
    socket.read();
    send(2, 2);
    expect([queue.tick(), queue.tick()]).toEqual([false, false]);
  });

  it('zeroes what waits when it is wiped, and what is in flight when it comes back', () => {
    const { socket, queue, send, numbers } = setUp();
    send(1, 20);
    queue.next.fill(21);
    queue.wipe();
    socket.read();
    expect(numbers()).toEqual(range(1, 8));
    expect(queue.next).toEqual(new Int16Array(160));
    for (const buffer of socket.buffers) expect(buffer).toEqual(Buffer.alloc(320));
  });
});
