import { WebSocket } from 'ws';

/** Samples in a frame of 20 ms at the rate that the simulator mixes at. */
export const MIX_RATE = 16_000;
export const FRAME_SAMPLES = MIX_RATE / 50;
/** The platform's buffer holds a minute. */
const QUEUE_MAX = 3_072;

export interface MediaSocketEvents {
  readonly opened: () => void;
  /** The other side refused the socket, or there is nobody. */
  readonly failed: () => void;
  /** It was closed by the other side, or lost. */
  readonly lost: () => void;
  /** Something that the platform would not understand. */
  readonly fault: (what: string) => void;
}

/** The platform's end of a media WebSocket, at 16 kHz. */
export class MediaSocket {
  readonly #socket: WebSocket;
  readonly #events: MediaSocketEvents;
  readonly #frames: Int16Array[] = [];
  #isOpen = false;
  #isClosedByUs = false;

  constructor(
    uri: string,
    contentType: string,
    headers: Readonly<Record<string, unknown>>,
    authorization: string | null,
    events: MediaSocketEvents,
  ) {
    this.#events = events;
    this.#socket = new WebSocket(uri, {
      perMessageDeflate: false,
      headers: authorization === null ? {} : { authorization },
    });
    this.#socket.on('error', () => undefined);
    this.#socket.once('open', () => {
      this.#isOpen = true;
      // The platform puts a space before its JSON.
      this.#socket.send(
        ` ${JSON.stringify({ event: 'websocket:connected', 'content-type': contentType, ...headers })}`,
      );
      events.opened();
    });
    this.#socket.on('message', (data: Buffer, isBinary: boolean) => this.#hear(data, isBinary));
    this.#socket.once('close', () => {
      if (this.#isClosedByUs) return;
      if (this.#isOpen) events.lost();
      else events.failed();
    });
  }

  /** The next frame that the other side wants heard; null when it sent none. */
  nextFrame(): Int16Array | null {
    return this.#frames.shift() ?? null;
  }

  send(frame: Int16Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const bytes = Buffer.alloc(frame.length * 2);
    for (const [index, sample] of frame.entries()) bytes.writeInt16LE(sample, index * 2);
    this.#socket.send(bytes);
  }

  tellKey(digit: string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(` ${JSON.stringify({ event: 'websocket:dtmf', digit, duration: 260 })}`);
  }

  close(): void {
    this.#isClosedByUs = true;
    this.#socket.close(1000);
  }

  /** The connection breaks without a word. */
  drop(): void {
    this.#socket.terminate();
  }

  #hear(data: Buffer, isBinary: boolean): void {
    if (!isBinary) return this.#hearText(data.toString('utf8'));
    if (data.length !== FRAME_SAMPLES * 2) return this.#events.fault(`a message of ${data.length} bytes`);
    if (this.#frames.length >= QUEUE_MAX) return this.#events.fault('the buffer is full');
    const frame = new Int16Array(FRAME_SAMPLES);
    for (const index of frame.keys()) frame[index] = data.readInt16LE(index * 2);
    this.#frames.push(frame);
  }

  #hearText(text: string): void {
    const message = JSON.parse(text) as { readonly action?: unknown };
    if (message.action === 'clear') this.#frames.length = 0;
    else if (message.action !== 'notify') this.#events.fault('a text message that is no action');
  }
}
