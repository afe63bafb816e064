import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';

const BINARY = 0x82;
const TEXT = 0x81;

/**
 * The platform's end of a leg on a bare socket. A client library costs as much as the server under test; this one
 * writes frames that were built before and only counts what comes back.
 */
export class RawLeg {
  readonly #socket: Duplex;
  readonly #head = Buffer.alloc(10);
  #headLength = 0;
  #bytesLeft = 0;
  #isBinary = false;
  #whenWhole: () => void = () => undefined;

  private constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      for (let left = this.#take(chunk); left > 0; left--) this.#whenWhole();
    });
  }

  /** Opens the socket and announces 16 kHz. Rejects when the upgrade is refused. */
  static async open(uri: string): Promise<RawLeg> {
    const socket = await upgrade(uri);
    socket.write(
      clientFrame(TEXT, Buffer.from('{"event":"websocket:connected","content-type":"audio/l16;rate=16000"}')),
    );
    return new RawLeg(socket);
  }

  send(frame: Buffer): void {
    this.#socket.write(frame);
  }

  /** From here on calls back, and nobody else, once for every frame that has come whole. */
  onFrame(callback: () => void): void {
    this.#whenWhole = callback;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): number {
    let frames = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#bytesLeft > 0) {
        const count = Math.min(this.#bytesLeft, chunk.length - at);
        this.#bytesLeft -= count;
        at += count;
      } else {
        this.#takeHeadByte(chunk[at++]!);
        if (this.#headLength > 0) continue;
      }
      if (this.#bytesLeft === 0 && this.#isBinary) frames += 1;
    }
    return frames;
  }

  /** RFC 6455, section 5.2; a server's frames have no mask. */
  #takeHeadByte(byte: number): void {
    this.#head[this.#headLength++] = byte;
    const length = this.#head[1]! & 0x7f;
    if (this.#headLength < 2 || this.#headLength < (length === 126 ? 4 : 2)) return;
    this.#bytesLeft = length === 126 ? this.#head.readUInt16BE(2) : length;
    this.#isBinary = this.#head[0] === BINARY;
    this.#headLength = 0;
  }
}

/** One message as a client sends it, with a mask of zeroes: the server unmasks all the same. */
export function audioFrame(payload: Buffer): Buffer {
  return clientFrame(BINARY, payload);
}

function clientFrame(opcode: number, payload: Buffer): Buffer {
  const length =
    payload.length < 126
      ? Buffer.of(0x80 | payload.length)
      : Buffer.of(0x80 | 126, payload.length >> 8, payload.length & 0xff);
  return Buffer.concat([Buffer.of(opcode), length, Buffer.alloc(4), payload]);
}

function upgrade(uri: string): Promise<Duplex> {
  const { hostname, port, pathname } = new URL(uri);
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
  };
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: pathname, headers, agent: false });
    asked.once('upgrade', (_response, socket) => resolve(socket));
    asked.once('response', ({ statusCode }) =>
      reject(new Error(`the upgrade was answered with ${statusCode}`)),
    );
    asked.once('error', reject);
    asked.end();
  });
}
