import { WebSocket } from 'ws';

/** Level of the line noise that a leg sends when nobody speaks: about -66 dBm0, as a quiet phone line has. */
const LINE_NOISE_PEAK = 16;
const FRAME_MS = 20;

export interface PacedLegOptions {
  readonly sampleRate: number;
  /** Seconds of heard audio to keep. */
  readonly recordSeconds?: number;
  /** Called with every frame as it arrives. */
  readonly onFrame?: (samples: Int16Array) => void;
}

/**
 * One leg of a call as Vonage's media gateway plays it: it opens the WebSocket, says `websocket:connected`
 * (with the leading space that Vonage sends), then sends one 20 ms frame every 20 ms and records what it hears.
 */
export class PacedLeg {
  readonly sampleRate: number;
  /** Resolves with the close code when the socket has closed. */
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  readonly #frameSamples: number;
  readonly #recording: Int16Array;
  readonly #onFrame: (samples: Int16Array) => void;
  #recorded = 0;
  #queue: { samples: Int16Array; at: number; done: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #startedAtMs = 0;
  #framesSent = 0;
  #noise = 1;

  private constructor(socket: WebSocket, options: PacedLegOptions) {
    this.#socket = socket;
    this.sampleRate = options.sampleRate;
    this.#frameSamples = (options.sampleRate * FRAME_MS) / 1000;
    this.#recording = new Int16Array(options.sampleRate * (options.recordSeconds ?? 120));
    this.#onFrame = options.onFrame ?? (() => undefined);
    socket.on('message', (data: Buffer, isBinary: boolean) => isBinary && this.#hear(data));
    this.closed = new Promise((resolve) => socket.once('close', (code) => resolve(this.#stop(code))));
  }

  /** Dials `uri`. Rejects if the server refuses the upgrade. */
  static connect(uri: string, options: PacedLegOptions): Promise<PacedLeg> {
    const socket = new WebSocket(uri, { perMessageDeflate: false });
    const leg = new PacedLeg(socket, options);
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('open', () => {
        const rate = options.sampleRate;
        socket.send(
          ` ${JSON.stringify({ event: 'websocket:connected', 'content-type': `audio/l16;rate=${rate}` })}`,
        );
        leg.#startedAtMs = performance.now();
        // Timers are late, never early: the schedule is kept by counting frames against the clock.
        leg.#timer = setInterval(() => leg.#sendDue(), FRAME_MS / 2);
        resolve(leg);
      });
    });
  }

  /** Plays samples after what is queued already; resolves when the last of them was sent. */
  play(samples: Int16Array): Promise<void> {
    return new Promise((done) => this.#queue.push({ samples, at: 0, done }));
  }

  /** Plays nothing but line noise for a while. */
  pause(durationMs: number): Promise<void> {
    return this.play(new Int16Array(Math.round((durationMs * this.sampleRate) / 1000)));
  }

  /** Tells of a key press by a message, as the platform does at or after key release. */
  tellKey(key: string, durationMs: number): void {
    this.#socket.send(` ${JSON.stringify({ event: 'websocket:dtmf', digit: key, duration: durationMs })}`);
  }

  /** Samples heard so far. */
  get heardSamples(): number {
    return this.#recorded;
  }

  /** What was heard so far. */
  heard(): Int16Array {
    return this.#recording.slice(0, this.#recorded);
  }

  /** Hangs up. */
  hangUp(): void {
    this.#socket.close(1000);
  }

  #hear(data: Buffer): void {
    const samples = new Int16Array(data.byteLength >> 1);
    for (let n = 0; n < samples.length; n++) samples[n] = data.readInt16LE(2 * n);
    const room = this.#recording.length - this.#recorded;
    this.#recording.set(samples.subarray(0, Math.max(0, room)), this.#recorded);
    this.#recorded += Math.min(room, samples.length);
    this.#onFrame(samples);
  }

  #sendDue(): void {
    const due = Math.floor((performance.now() - this.#startedAtMs) / FRAME_MS);
    while (this.#framesSent < due && this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(this.#nextFrame());
      this.#framesSent += 1;
    }
  }

  #nextFrame(): Buffer {
    const frame = Buffer.alloc(2 * this.#frameSamples);
    for (let n = 0; n < this.#frameSamples; n++) frame.writeInt16LE(this.#nextSample(), 2 * n);
    return frame;
  }

  #nextSample(): number {
    const head = this.#queue[0];
    const sample = head?.samples[head.at] ?? 0;
    if (head !== undefined && ++head.at >= head.samples.length) {
      this.#queue.shift();
      head.done();
    }
    return Math.max(-32768, Math.min(32767, sample + this.#lineNoise()));
  }

  /** A linear congruential generator is noise enough for a line, and the same in every run. */
  #lineNoise(): number {
    this.#noise = (Math.imul(this.#noise, 1664525) + 1013904223) >>> 0;
    return ((this.#noise >>> 16) % (2 * LINE_NOISE_PEAK + 1)) - LINE_NOISE_PEAK;
  }

  #stop(code: number): number {
    clearInterval(this.#timer);
    for (const entry of this.#queue) entry.done();
    this.#queue = [];
    return code;
  }
}
