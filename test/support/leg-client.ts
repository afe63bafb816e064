import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/**
 * The platform's end of one leg, for tests: says what it is told to, at once, and keeps what it hears. It is no
 * clock: frames go out as fast as the test sends them.
 */
export class LegClient {
  /** Every binary message, in order. */
  readonly messages: Buffer[] = [];
  /** Resolves when the connection is gone; 1006 when it was dropped without a close message. */
  readonly closed: Promise<Closed>;
  /** For what a test does to the wire itself. */
  readonly socket: WebSocket;
  #heard: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (message: Buffer, isBinary: boolean) => {
      if (!isBinary) return;
      this.messages.push(message);
      this.#heard();
    });
    this.closed = new Promise((resolve) =>
      socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#heard();
      }),
    );
  }

  /** Opens the socket and says nothing. Rejects when the upgrade is refused. */
  static async dial(uri: string): Promise<LegClient> {
    const socket = new WebSocket(uri, { perMessageDeflate: false });
    const client = new LegClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** Opens the socket and announces audio of this rate, with the leading space that Vonage sends. */
  static async connect(uri: string, sampleRate: number): Promise<LegClient> {
    const client = await LegClient.dial(uri);
    client.announce(`audio/l16;rate=${sampleRate}`);
    return client;
  }

  announce(contentType: string): void {
    this.say({ event: 'websocket:connected', 'content-type': contentType });
  }

  tellKey(digit: string): void {
    this.say({ event: 'websocket:dtmf', digit, duration: 260 });
  }

  say(message: object): void {
    this.socket.send(` ${JSON.stringify(message)}`);
  }

  /** Sends any bytes as one binary message. */
  send(message: Buffer): void {
    this.socket.send(message);
  }

  /** Sends samples in frames of `frameSamples`, one message each. */
  sendSamples(samples: Int16Array, frameSamples: number): void {
    for (let start = 0; start < samples.length; start += frameSamples)
      this.send(samplesToBytes(samples.subarray(start, start + frameSamples)));
  }

  /** Resolves with all messages, one after the other, when there are `count`. Rejects when the socket closes first. */
  async messagesReceived(count: number): Promise<Buffer> {
    while (this.messages.length < count) {
      if (this.socket.readyState === WebSocket.CLOSED)
        throw new Error(`closed after ${this.messages.length} of ${count} messages`);
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
    return Buffer.concat(this.messages.slice(0, count));
  }

  async samplesReceived(count: number): Promise<Int16Array> {
    return bytesToSamples(await this.messagesReceived(count));
  }

  /** Closes the socket as the platform does at the end of a call. */
  async hangUp(): Promise<Closed> {
    this.socket.close(1000);
    return this.closed;
  }
}

/** The HTTP status with which an upgrade of `uri` is refused. Rejects when it is not. */
export async function refusedStatus(uri: string): Promise<number> {
  const socket = new WebSocket(uri);
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (_, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.once('open', () => {
      socket.terminate();
      reject(new Error('not refused'));
    });
    socket.once('error', reject);
  });
}

export function samplesToBytes(samples: Int16Array): Buffer {
  const bytes = Buffer.alloc(samples.length * 2);
  samples.forEach((sample, index) => bytes.writeInt16LE(sample, index * 2));
  return bytes;
}

function bytesToSamples(bytes: Buffer): Int16Array {
  return Int16Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(index * 2));
}
