import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { systemClock } from '../../src/app/system-clock.ts';
import { Leg } from '../../src/media/leg.ts';
import { LegMeters } from '../../src/media/leg-meters.ts';
import { SendBatch } from '../../src/vonage/send-batch.ts';
import { WsLegSocket } from '../../src/vonage/ws-leg-socket.ts';
import { LegClient, samplesToBytes } from '../support/leg-client.ts';
import { MediaServer } from '../support/leg-client-server.ts';
import { RecordingMeter } from '../support/recording-meter.ts';

/**
 * Goal: no input on one socket does more than end that socket, with the code that the contract gives it, and the
 * call's other leg and every other call go on.
 * Method: each fault on a leg of a fresh call; a bystander call must still answer frame for frame afterwards.
 */
let server: MediaServer;
let bystander: LegClient;
let calls = 0;

beforeAll(async () => {
  server = await MediaServer.start();
  server.call('call_bystander', { topology: 'loopback' });
  bystander = await LegClient.connect(server.uri('call_bystander', 'caller'), 8000);
});
afterAll(() => server.stop());

async function expectBystanderAlive(): Promise<void> {
  const count = bystander.messages.length;
  bystander.sendSamples(new Int16Array(480), 160);
  await bystander.messagesReceived(count + 3);
}

/** A loopback call at 16 kHz whose socket is open; with `rate` null nothing was said on it yet. */
async function newLeg(rate: number | null = 16000) {
  const callId = `call_${String.fromCharCode(97 + calls++)}`;
  const told: string[] = [];
  server.call(callId, { topology: 'loopback' }, told);
  const uri = server.uri(callId, 'caller');
  const leg = rate === null ? await LegClient.dial(uri) : await LegClient.connect(uri, rate);
  return { leg, told };
}

/** The connection below the WebSocket, to put bytes on the wire that no client library would. */
function wire(leg: LegClient): Socket {
  return (leg.socket as unknown as { readonly _socket: Socket })._socket;
}

/** Header of a masked client frame with an all-zero mask. */
function header(first: number, length: number): Buffer {
  const size = length < 126 ? Buffer.of(0x80 | length) : Buffer.of(0x80 | 126, length >> 8, length & 0xff);
  return Buffer.concat([Buffer.of(first), size, Buffer.alloc(4)]);
}

/** Lets the event loop turn once. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The same bytes in every run. */
function randomBytes(length: number, seed: number): Buffer {
  let state = seed;
  const bytes = Buffer.alloc(length);
  bytes.forEach((_, n) => (bytes[n] = (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24));
  return bytes;
}

describe('protocol violations end the socket with 4400', () => {
  it('when no first message comes within two seconds', async () => {
    const { leg } = await newLeg(null);
    const startedAtMs = performance.now();
    expect(await leg.closed).toEqual({ code: 4400, reason: 'first-message-late' });
    expect(performance.now() - startedAtMs).toBeLessThan(3000);
  });

  it.each(['audio/l16;rate=44100', 'audio/pcmu;rate=8000', '', 'audio/l16;rate=16000;channels=2'])(
    'when the content type is "%s"',
    async (contentType) => {
      const { leg } = await newLeg(null);
      leg.announce(contentType);
      expect(await leg.closed).toEqual({ code: 4400, reason: 'content-type-unsupported' });
      await expectBystanderAlive();
    },
  );

  it('when the first message comes a second time', async () => {
    const { leg } = await newLeg();
    leg.announce('audio/l16;rate=16000');
    expect(await leg.closed).toEqual({ code: 4400, reason: 'first-message-repeated' });
  });

  it('when messages of odd length go on', async () => {
    const { leg } = await newLeg();
    for (let n = 0; n < 5; n++) leg.send(Buffer.alloc(641));
    expect(await leg.closed).toEqual({ code: 4400, reason: 'bad-frames' });
    expect(leg.messages.map((message) => message.length)).toEqual([640, 640, 640, 640]);
    await expectBystanderAlive();
  });

  it('with 4429 when ten times the rate goes on', async () => {
    const { leg, told } = await newLeg();
    for (let n = 0; n < 1000; n++) leg.send(Buffer.alloc(640));
    expect(await leg.closed).toEqual({ code: 4429, reason: 'over-rate' });
    expect(leg.messages.length).toBeGreaterThanOrEqual(250);
    expect(told).toContain('alarm overload');
    await expectBystanderAlive();
  });
});

describe('odd input is answered and the leg lives on', () => {
  it('one frame out for every frame in, whatever its length', async () => {
    const { leg } = await newLeg();
    // Whole, three in one, short, odd, empty, one and a half: 1 + 3 + 1 + 1 + 1 + 2 frames.
    for (const length of [640, 1920, 2, 641, 0, 960]) leg.send(Buffer.alloc(length, 1));
    await leg.messagesReceived(9);
    leg.send(Buffer.alloc(640));
    await leg.messagesReceived(10);
    expect(leg.messages.map((message) => message.length)).toEqual(Array(10).fill(640));
  });

  it('audio before the first message is answered with silence', async () => {
    const { leg } = await newLeg(null);
    leg.send(Buffer.alloc(640, 1));
    leg.announce('audio/l16;rate=16000');
    leg.send(Buffer.alloc(640));
    await leg.messagesReceived(2);
    expect(leg.messages[0]).toEqual(Buffer.alloc(640));
  });

  it('texts of every wrong kind are ignored', async () => {
    const { leg, told } = await newLeg();
    const texts = [
      'no JSON',
      '{"event":"websocket:dtmf","digit":"55"}',
      '{"event":"websocket:dtmf","digit":5}',
      '{"event":"something:else"}',
      `{"event":"x","a":${'['.repeat(4000)}`,
      '{"__proto__":{"event":"websocket:connected"}}',
      '',
    ];
    for (const text of texts) leg.socket.send(text);
    leg.tellKey('1');
    leg.send(Buffer.alloc(640));
    await leg.messagesReceived(1);
    expect(told).toEqual(['opened caller 16000', 'told 1']);
  });

  it('a frame that arrives eight bytes at a time is a frame', async () => {
    const { leg } = await newLeg();
    const message = Buffer.concat([header(0x82, 640), samplesToBytes(new Int16Array(320).fill(50))]);
    for (let at = 0; at < message.length; at += 8) {
      wire(leg).write(message.subarray(at, at + 8));
      await nextTurn();
    }
    await leg.messagesReceived(1);
    expect(leg.messages[0]).toHaveLength(640);
  });
});

describe('what breaks the WebSocket protocol ends that socket only', () => {
  const fragment = header(0x02, 1);
  it.each([
    ['a frame without mask', 1002, Buffer.from([0x82, 0x01, 0x00])],
    ['a reserved bit', 1002, header(0xc2, 0)],
    ['an unknown opcode', 1002, header(0x83, 0)],
    ['invalid UTF-8', 1007, Buffer.concat([header(0x81, 1), Buffer.of(0xff)])],
    ['an orphan continuation', 1002, header(0x80, 0)],
    ['a ping of 126 bytes', 1002, header(0x89, 126)],
    ['a bad close code', 1002, Buffer.concat([header(0x88, 2), Buffer.of(0, 0)])],
    [
      'a message in 20,000 pieces',
      1008,
      Buffer.concat([fragment, Buffer.of(1), ...Array<Buffer>(20_000).fill(header(0x00, 0))]),
    ],
  ])('%s', async (_, code, bytes) => {
    const { leg, told } = await newLeg();
    wire(leg).write(bytes);
    expect((await leg.closed).code).toBe(code);
    await expect.poll(() => told).toContain('closed caller peer-closed');
    await expectBystanderAlive();
  });

  it.each([
    ['a message over 16,384 bytes', header(0x82, 16_385)],
    ['a text over 16,384 bytes', header(0x81, 16_385)],
    ['a length of 2^40', Buffer.from([0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0])],
  ])('%s, and it is counted by its reason', async (_, bytes) => {
    const { leg, told } = await newLeg();
    wire(leg).write(bytes);
    expect((await leg.closed).code).toBe(1009);
    await expect.poll(() => told).toContain('closed caller message-too-long');
    await expectBystanderAlive();
  });

  it('half a header and then the end', async () => {
    const { leg, told } = await newLeg();
    wire(leg).end(Buffer.of(0x82));
    await expect.poll(() => told).toContain('closed caller peer-closed');
    await expectBystanderAlive();
  });

  it('a reset in the middle of a frame', async () => {
    const { leg, told } = await newLeg();
    leg.send(Buffer.alloc(640));
    await leg.messagesReceived(1);
    wire(leg).write(header(0x82, 640));
    wire(leg).resetAndDestroy();
    await expect.poll(() => told).toContain('closed caller peer-closed');
    await expectBystanderAlive();
  });

  it('random bytes', async () => {
    for (let n = 0; n < 20; n++) {
      const callId = `call_random_${String.fromCharCode(97 + n)}`;
      server.call(callId, { topology: 'loopback' });
      const leg = await LegClient.connect(server.uri(callId, 'caller'), 16000);
      wire(leg).end(randomBytes(5000, n));
      expect(await leg.closed).not.toEqual({ code: 1000, reason: '' });
    }
    await expectBystanderAlive();
  });

  it('an upgrade that is no WebSocket handshake', async () => {
    const path = new URL(server.uri('call_bystander', 'caller')).pathname;
    for (const head of [
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`,
    ]) {
      const socket = connect(server.port, '127.0.0.1');
      socket.write(head);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 4\d\d /);
      socket.destroy();
    }
    await expectBystanderAlive();
  });

  it('a refused upgrade whose sender never goes', async () => {
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    socket.write('GET /media/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toBe(
      'HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
    );
    await once(socket, 'end');
    socket.destroy();
  });
});

describe('a reader that stops reading', () => {
  it('loses frames and is closed with 4408', async () => {
    const meter = new RecordingMeter();
    const http = createServer();
    const sockets = new WebSocketServer({ server: http });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const accepted = once(sockets, 'connection') as Promise<[WebSocket]>;
    const reader = await LegClient.dial(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
    const socket = new WsLegSocket((await accepted)[0], new SendBatch(setImmediate));
    const closed: string[] = [];
    const ignore = (): undefined => undefined;
    const leg = new Leg(
      'agent',
      socket,
      {
        opened: ignore,
        frameArrived: ignore,
        frameEarly: ignore,
        frameUnusable: ignore,
        frameRefused: ignore,
        keyTold: ignore,
        failed: ignore,
        closed: (_, reason) => closed.push(reason),
      },
      systemClock,
      new LegMeters(meter, 'agent'),
    );
    socket.listen(leg);
    leg.text({ kind: 'connected', sampleRate: 24000 });
    reader.socket.pause();
    const dropped = (): number =>
      meter.value('media_dropped_frames_total', { leg: 'agent', cause: 'slow-reader' });
    // The kernel takes some megabytes before the reader's stop is felt.
    while (leg.isOpen) {
      for (let n = 0; n < 50 && leg.isOpen; n++) leg.sendFrame();
      await nextTurn();
    }
    expect(closed).toEqual(['slow-reader']);
    expect(dropped()).toBeGreaterThan(0);
    reader.socket.resume();
    expect((await reader.closed).code).toBe(4408);
    http.closeAllConnections();
    http.close();
  });
});
