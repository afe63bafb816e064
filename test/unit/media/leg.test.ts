import { describe, expect, it } from 'vitest';
import { Leg } from '../../../src/media/leg.ts';
import type { LegOwner } from '../../../src/media/leg.ts';
import { LegMeters } from '../../../src/media/leg-meters.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeSocket } from '../../support/fake-socket.ts';
import { RecordingMeter } from '../../support/recording-meter.ts';

const CONNECTED = { kind: 'connected', sampleRate: 16000 } as const;

function setUp(handlers: Partial<LegOwner> = {}) {
  const clock = new FakeClock();
  const socket = new FakeSocket();
  const meter = new RecordingMeter();
  /** What the owner was told, in words. */
  const told: string[] = [];
  const owner: LegOwner = {
    opened: (leg) => told.push(`opened ${leg.sampleRate}`),
    frameArrived: (_, samples) => told.push(`frame ${samples[0]}`),
    frameEarly: (_, sizeBytes) => told.push(`early ${sizeBytes}`),
    frameUnusable: () => told.push('unusable'),
    frameRefused: () => told.push('refused'),
    keyTold: (_, code) => told.push(`key ${code}`),
    failed: (_, error) => told.push(`failed ${(error as Error).message}`),
    closed: (_, reason) => told.push(`closed ${reason}`),
    ...handlers,
  };
  const leg = new Leg('caller', socket, owner, clock, new LegMeters(meter, 'caller'));
  return { clock, socket, meter, told, leg };
}

function frame(first: number, bytes = 640): Buffer {
  const message = Buffer.alloc(bytes);
  message.writeInt16LE(first);
  return message;
}

describe('Leg', () => {
  it('opens with the rate of the first message', () => {
    const { leg, told } = setUp();
    leg.text(CONNECTED);
    expect(told).toEqual(['opened 16000']);
    expect(leg.isOpen).toBe(true);
  });

  it('closes with 4400 when no first message comes within two seconds', () => {
    const { clock, socket, told } = setUp();
    clock.advance(1999);
    expect(socket.closedWith).toBeNull();
    clock.advance(1);
    expect(socket.closedWith).toEqual({ code: 4400, reason: 'first-message-late' });
    expect(told).toEqual(['closed first-message-late']);
  });

  it('closes with 4400 when the content type is none it can carry', () => {
    const { leg, socket } = setUp();
    leg.text({ kind: 'connected', sampleRate: null });
    expect(socket.closedWith).toEqual({ code: 4400, reason: 'content-type-unsupported' });
  });

  it('closes with 4400 on a second first message, also one with the same rate', () => {
    const { leg, socket } = setUp();
    leg.text(CONNECTED);
    leg.text(CONNECTED);
    expect(socket.closedWith).toEqual({ code: 4400, reason: 'first-message-repeated' });
  });

  it('counts audio before the first message as early and never as a frame', () => {
    const { leg, meter, told } = setUp();
    leg.binary(frame(1));
    leg.binary(Buffer.alloc(3));
    expect(told).toEqual(['early 640', 'early 3']);
    expect(meter.value('media_frames_bad_total', { reason: 'early' })).toBe(2);
    expect(meter.value('media_frames_total', { leg: 'caller', dir: 'in' })).toBe(0);
  });

  it('ignores keys before the first message', () => {
    const { leg, meter, told } = setUp();
    leg.text({ kind: 'key', code: 0x35 });
    expect(told).toEqual([]);
    expect(meter.value('media_events_bad_total', { reason: 'bad-event' })).toBe(1);
  });

  it('tells keys when open', () => {
    const { leg, told } = setUp();
    leg.text(CONNECTED);
    leg.text({ kind: 'key', code: 0x23 });
    expect(told).toEqual(['opened 16000', 'key 35']);
  });

  it.each(['unknown-event', 'bad-event', 'not-json', 'too-long'] as const)(
    'counts %s texts and lives on',
    (reason) => {
      const { leg, meter } = setUp();
      leg.text(CONNECTED);
      leg.text({ kind: 'ignored', reason });
      leg.text({ kind: 'answer' });
      expect(meter.value('media_events_bad_total', { reason })).toBe(1);
      expect(leg.isOpen).toBe(true);
    },
  );

  it('passes each whole frame of a message', () => {
    const { leg, meter, told } = setUp();
    leg.text(CONNECTED);
    leg.binary(Buffer.concat([frame(1), frame(2), frame(3)]));
    expect(told.slice(1)).toEqual(['frame 1', 'frame 2', 'frame 3']);
    expect(meter.value('media_frames_bad_total', { reason: 'long' })).toBe(1);
    expect(meter.value('media_frames_total', { leg: 'caller', dir: 'in' })).toBe(3);
    expect(meter.value('media_process_seconds')).toBe(3);
  });

  it('passes a short message as one frame and counts it', () => {
    const { leg, meter, told } = setUp();
    leg.text(CONNECTED);
    leg.binary(frame(9, 2));
    expect(told.slice(1)).toEqual(['frame 9']);
    expect(meter.value('media_frames_bad_total', { reason: 'short' })).toBe(1);
  });

  it('takes odd and empty messages for one unusable frame each', () => {
    const { leg, meter, told } = setUp();
    leg.text(CONNECTED);
    leg.binary(Buffer.alloc(641));
    leg.binary(Buffer.alloc(1));
    leg.binary(Buffer.alloc(0));
    expect(told.slice(1)).toEqual(['unusable', 'unusable', 'unusable']);
    expect(meter.value('media_frames_bad_total', { reason: 'odd' })).toBe(2);
    expect(meter.value('media_frames_bad_total', { reason: 'empty' })).toBe(1);
  });

  it('closes with 4400 when more than one per cent in a second is unusable', () => {
    const { leg, socket } = setUp();
    leg.text(CONNECTED);
    for (let n = 0; n < 4; n++) leg.binary(Buffer.alloc(1));
    expect(socket.closedWith).toBeNull();
    leg.binary(Buffer.alloc(1));
    expect(socket.closedWith).toEqual({ code: 4400, reason: 'bad-frames' });
  });

  it.each(['connecting', 'open', 'closing', 'closed'])('zeroes every binary message while %s', (state) => {
    const { leg } = setUp();
    if (state !== 'connecting') leg.text(CONNECTED);
    if (state === 'closing') leg.close('call-ended');
    if (state === 'closed') leg.closed();
    const message = Buffer.alloc(640, 0x55);
    leg.binary(message);
    expect(message).toEqual(Buffer.alloc(640));
  });

  it('zeroes the message and reports the failure when its owner throws', () => {
    const { leg, told } = setUp({
      frameArrived: () => {
        throw new Error('broken');
      },
    });
    leg.text(CONNECTED);
    const message = Buffer.alloc(640, 0x55);
    leg.binary(message);
    expect(told).toContain('failed broken');
    expect(message).toEqual(Buffer.alloc(640));
  });

  it('lets a burst of 200 frames pass after a gap', () => {
    const { clock, leg, told } = setUp();
    leg.text(CONNECTED);
    clock.advance(4000);
    for (let n = 0; n < 200; n++) leg.binary(frame(n));
    expect(told.filter((line) => line.startsWith('frame'))).toHaveLength(200);
  });

  it('refuses and counts what is over the rate, and closes with 4429 when it goes on', () => {
    const { clock, leg, meter, socket, told } = setUp();
    leg.text(CONNECTED);
    // Ten times the rate, for two seconds.
    for (let n = 0; n < 1000 && leg.isOpen; n++) {
      clock.advance(2);
      leg.binary(frame(1));
    }
    expect(socket.closedWith).toEqual({ code: 4429, reason: 'over-rate' });
    const refused = told.filter((line) => line === 'refused').length;
    expect(refused).toBe(251);
    expect(meter.value('media_dropped_frames_total', { leg: 'caller', cause: 'over-rate' })).toBe(251);
    expect(meter.value('media_frames_bad_total', { reason: 'over-rate' })).toBe(251);
  });

  it('counts a stream as silent once when no frame comes for two seconds', () => {
    const { clock, leg, meter } = setUp();
    const silent = (): number => meter.value('media_silent_streams_total', { leg: 'caller' });
    leg.text(CONNECTED);
    clock.advance(1999);
    expect(silent()).toBe(0);
    clock.advance(5000);
    expect(silent()).toBe(1);
    leg.binary(frame(1));
    clock.advance(3000);
    expect(silent()).toBe(2);
    expect(leg.isOpen).toBe(true);
  });

  it('pings every ten seconds', () => {
    const { clock, leg, socket } = setUp();
    leg.text(CONNECTED);
    for (let n = 0; n < 31; n++) {
      clock.advance(1000);
      leg.pong();
    }
    expect(socket.pings).toBe(3);
    expect(leg.isOpen).toBe(true);
  });

  it('terminates when ten seconds of silence meet a missing pong', () => {
    const { clock, leg, socket, told } = setUp();
    leg.text(CONNECTED);
    clock.advance(19_999);
    expect(socket.isTerminated).toBe(false);
    clock.advance(1);
    expect(socket.isTerminated).toBe(true);
    expect(told.at(-1)).toBe('closed peer-lost');
  });

  it('does not terminate a leg that sends audio and no pong', () => {
    const { clock, leg, socket } = setUp();
    leg.text(CONNECTED);
    for (let n = 0; n < 60; n++) {
      clock.advance(1000);
      leg.binary(frame(1));
    }
    expect(socket.isTerminated).toBe(false);
  });

  it('closes with 4408 when the reader takes nothing for two seconds', () => {
    const { clock, leg, socket } = setUp();
    leg.text(CONNECTED);
    leg.outgoing.fill(1);
    leg.sendFrame();
    clock.advance(3000);
    expect(socket.closedWith).toEqual({ code: 4408, reason: 'slow-reader' });
  });

  it('reports a lost connection once, and never after it closed by itself', () => {
    const lost = setUp();
    lost.leg.text(CONNECTED);
    lost.leg.closed();
    lost.leg.closed();
    expect(lost.told).toEqual(['opened 16000', 'closed peer-closed']);

    const left = setUp();
    left.leg.close('call-ended');
    left.leg.closed();
    expect(left.told).toEqual(['closed call-ended']);
    expect(left.socket.closedWith).toEqual({ code: 1000, reason: 'call-ended' });
  });

  it('counts its connection until the socket is gone, and the reason once', () => {
    const { leg, meter } = setUp();
    expect(meter.value('media_connections', { leg: 'caller' })).toBe(1);
    leg.close('replaced');
    expect(meter.value('media_connections', { leg: 'caller' })).toBe(1);
    leg.closed();
    expect(meter.value('media_connections', { leg: 'caller' })).toBe(0);
    expect(meter.value('media_closed_total', { leg: 'caller', reason: 'replaced' })).toBe(1);
  });

  it('leaves no timer behind when it is closed', () => {
    const { clock, leg } = setUp();
    leg.text(CONNECTED);
    clock.advance(5000);
    leg.close('call-ended');
    expect(clock.pending).toBe(0);
  });

  it('takes nothing while it is closing', () => {
    const { leg, told } = setUp();
    leg.text(CONNECTED);
    leg.close('call-ended');
    leg.binary(frame(1));
    leg.text({ kind: 'key', code: 0x35 });
    leg.text(CONNECTED);
    expect(told).toEqual(['opened 16000', 'closed call-ended']);
  });
});
