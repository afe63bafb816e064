import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LegName } from '../../src/core/leg.ts';
import { SAMPLE_RATES } from '../../src/core/sample-rate.ts';
import type { SampleRate } from '../../src/core/sample-rate.ts';
import { CallBridge } from '../../src/media/call-bridge.ts';
import type { LegMessage } from '../../src/media/leg-message.ts';
import type { LegSocketHandler } from '../../src/media/leg-socket.ts';
import { parseSocketMessage } from '../../src/vonage/socket-message.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeSocket } from '../support/fake-socket.ts';
import { RecordingMeter } from '../support/recording-meter.ts';

const ignore = (): undefined => undefined;

function makeBridge(clock: FakeClock, topology: 'two-leg' | 'loopback', alarms: string[]): CallBridge {
  return new CallBridge(
    {
      callId: 'call_test',
      topology,
      lookaheadMs: 5,
      maskMode: 'noise',
      maskFrequencyHz: 500,
      maskLevelDbm0: -16,
      armed: true,
      seed: 1,
    },
    {
      clock,
      meter: new RecordingMeter(),
      logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    },
    {
      legOpened: ignore,
      legClosed: ignore,
      digitHeard: ignore,
      digitReleased: ignore,
      digitTold: ignore,
      maskingAlarm: (cause) => alarms.push(cause),
    },
  );
}

/** A leg under test: its socket, and what the platform does on it. */
interface Connection {
  readonly socket: FakeSocket;
  readonly handler: LegSocketHandler;
}

function connect(bridge: CallBridge, name: LegName): Connection {
  const socket = new FakeSocket();
  return { socket, handler: bridge.connect(name, socket) };
}

const rate = fc.constantFrom(...SAMPLE_RATES);

/** Mostly whole frames, then several in one, then anything. */
const messageLength = (sampleRate: SampleRate): fc.Arbitrary<number> => {
  const frame = sampleRate / 25;
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(frame) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 4 }).map((count) => count * frame) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 4096 }) },
  );
};

/** Content by seed: random bytes are full-scale noise, the loudest garbage there is. */
function fill(message: Buffer, seed: number): Buffer {
  let state = seed | 1;
  for (let index = 0; index < message.length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    message[index] = seed % 3 === 0 ? 0 : state >>> 24;
  }
  return message;
}

describe('CallBridge, whatever its legs send', () => {
  it('sends one whole frame for each frame that came, at once', () => {
    const run = fc
      .record({ from: rate, to: rate, isLoopback: fc.boolean() })
      .chain(({ from, to, isLoopback }) =>
        fc.record({
          from: fc.constant(from),
          to: fc.constant(isLoopback ? from : to),
          isLoopback: fc.constant(isLoopback),
          messages: fc.array(fc.tuple(messageLength(from), fc.nat()), { maxLength: 40 }),
        }),
      );
    fc.assert(
      fc.property(run, ({ from, to, isLoopback, messages }) => {
        const [clock, alarms] = [new FakeClock(), [] as string[]];
        const bridge = makeBridge(clock, isLoopback ? 'loopback' : 'two-leg', alarms);
        const caller = connect(bridge, 'caller');
        const listener = isLoopback ? caller : connect(bridge, 'agent');
        caller.handler.text({ kind: 'connected', sampleRate: from });
        if (!isLoopback) listener.handler.text({ kind: 'connected', sampleRate: to });
        for (const [length, seed] of messages) {
          const frames = length === 0 || length % 2 === 1 ? 1 : Math.ceil(length / (from / 25));
          const before = listener.socket.messages.length;
          // Slow enough for every bound on rates and on odd messages.
          clock.advance(300);
          caller.handler.pong();
          listener.handler.pong();
          const message = fill(Buffer.alloc(length), seed);
          caller.handler.binary(message);
          listener.socket.read();
          expect(listener.socket.messages.length - before).toBe(frames);
          expect(message.every((byte) => byte === 0)).toBe(true);
        }
        expect(listener.socket.messages.every((message) => message.length === to / 25)).toBe(true);
        expect(alarms.filter((cause) => cause !== 'output-check')).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('never throws, never sends anything but whole frames, and leaves nothing running at the end', () => {
    const text: fc.Arbitrary<LegMessage> = fc.oneof(
      rate.map((sampleRate) => ({ kind: 'connected', sampleRate }) as const),
      fc.constantFrom(0x30, 0x35, 0x23, 0x2a).map((code) => ({ kind: 'key', code }) as const),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => parseSocketMessage(Buffer.from(bytes))),
    );
    const step = fc.record({
      leg: fc.constantFrom<LegName>('caller', 'agent'),
      act: fc.oneof(
        {
          weight: 8,
          arbitrary: fc.tuple(fc.constant('binary'), fc.integer({ min: 0, max: 4096 }), fc.nat()),
        },
        { weight: 4, arbitrary: fc.tuple(fc.constant('frame'), rate, fc.nat()) },
        { weight: 4, arbitrary: fc.tuple(fc.constant('text'), text) },
        { weight: 2, arbitrary: fc.tuple(fc.constant('wait'), fc.integer({ min: 0, max: 12_000 })) },
        {
          weight: 3,
          arbitrary: fc.tuple(fc.constantFrom('connect', 'lost', 'read', 'pong', 'arm', 'disarm', 'capture')),
        },
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new FakeClock();
        const bridge = makeBridge(clock, 'two-leg', []);
        const sockets: FakeSocket[] = [];
        const open = (name: LegName): Connection => {
          const connection = connect(bridge, name);
          sockets.push(connection.socket);
          return connection;
        };
        const legs = { caller: open('caller'), agent: open('agent') };
        for (const { leg, act } of steps) {
          const { handler, socket } = legs[leg];
          const [kind, first, second] = act as [string, unknown?, unknown?];
          if (kind === 'binary') handler.binary(fill(Buffer.alloc(Number(first)), Number(second)));
          else if (kind === 'frame') handler.binary(fill(Buffer.alloc(Number(first) / 25), Number(second)));
          else if (kind === 'text') handler.text(first as LegMessage);
          else if (kind === 'wait') clock.advance(Number(first));
          else if (kind === 'connect') legs[leg] = open(leg);
          else if (kind === 'lost') handler.closed();
          else if (kind === 'read') socket.read();
          else if (kind === 'pong') handler.pong();
          else if (kind === 'capture') bridge.setSensitivity('capture');
          else bridge.setArmed(kind === 'arm');
        }
        bridge.end();
        expect(clock.pending).toBe(0);
        for (const socket of sockets) {
          socket.read();
          expect(socket.messages.every(({ length }) => [320, 640, 960].includes(length))).toBe(true);
          expect(socket.buffers.every((buffer) => buffer.every((byte) => byte === 0))).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });
});
