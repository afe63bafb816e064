import { WebSocket } from 'ws';

/** One leg, as a call platform plays it. Sends 20 ms frames on schedule; silence when nothing is queued. */
export class Leg {
  readonly rate: number;
  readonly heard: number[] = [];
  framesIn = 0;
  framesOut = 0;
  #socket: WebSocket;
  #queue: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #drained: (() => void)[] = [];
  #awaited: { frames: number; arrived: () => void } | undefined;

  private constructor(socket: WebSocket, rate: number) {
    this.#socket = socket;
    this.rate = rate;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) return;
      this.framesIn += 1;
      for (let at = 0; at + 1 < data.length; at += 2) this.heard.push(data.readInt16LE(at));
      if (this.#awaited !== undefined && this.framesIn >= this.#awaited.frames) this.#awaited.arrived();
    });
  }

  static open(uri: string, rate: number): Promise<Leg> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(uri);
      const leg = new Leg(socket, rate);
      socket.once('error', reject);
      socket.once('open', () => {
        socket.send(` {"event":"websocket:connected","content-type":"audio/l16;rate=${rate}"}`);
        const startedAt = performance.now();
        leg.#timer = setInterval(() => {
          const due = Math.floor((performance.now() - startedAt) / 20);
          while (leg.framesOut < due && socket.readyState === WebSocket.OPEN) leg.#sendFrame();
        }, 5);
        resolve(leg);
      });
    });
  }

  /** Queues samples and resolves when all of them have left. */
  play(samples: readonly number[]): Promise<void> {
    for (const sample of samples) this.#queue.push(sample);
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  silence(durationMs: number): Promise<void> {
    return this.play(Array.from({ length: Math.round((durationMs * this.rate) / 1000) }, () => 0));
  }

  /** Sends no frame from here on. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Resolves when so many frames have come in all. */
  received(frames: number): Promise<void> {
    return new Promise((arrived) => {
      if (this.framesIn >= frames) arrived();
      else this.#awaited = { frames, arrived };
    });
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  close(): Promise<void> {
    this.stop();
    return new Promise((resolve) => {
      if (this.#socket.readyState === WebSocket.CLOSED) resolve();
      this.#socket.once('close', () => resolve());
      this.#socket.close(1000);
    });
  }

  #sendFrame(): void {
    const samples = this.rate / 50;
    const frame = Buffer.alloc(2 * samples);
    const part = this.#queue.splice(0, samples);
    for (const [n, sample] of part.entries()) frame.writeInt16LE(sample, 2 * n);
    this.#socket.send(frame);
    this.framesOut += 1;
    if (this.#queue.length === 0) for (const done of this.#drained.splice(0)) done();
  }
}
