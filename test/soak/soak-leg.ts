import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { SampleRate } from '../../src/core/sample-rate.ts';
import type { SeededRandom } from '../support/simulation/seeded-random.ts';

const FRAME_MS = 20;
/** Per frame: that some are lost, and that the line jams and everything comes at once. */
const LOSS_CHANCE = 0.002;
const LOST_FRAMES_MAX = 5;
const JAM_CHANCE = 0.0005;
/** Shorter than the four seconds after which a leg may not send all that has gathered. */
const JAM_MS_MAX = 1500;
/** As a quiet phone line has: about -66 dBm0. */
const NOISE_PEAK = 16;

/** One party's leg over a bad network: frames on a real clock, with losses, jams and bursts, all of one seed. */
export class SoakLeg {
  readonly #socket: WebSocket;
  readonly #random: SeededRandom;
  readonly #frameSamples: number;
  readonly #heard: Buffer[] = [];
  #queue: { readonly samples: Int16Array; at: number; readonly done: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #framesDone = 0;
  #framesToLose = 0;
  #jamUntilMs = 0;

  private constructor(socket: WebSocket, rate: SampleRate, random: SeededRandom) {
    this.#socket = socket;
    this.#random = random;
    this.#frameSamples = (rate * FRAME_MS) / 1000;
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer, isBinary: boolean) => isBinary && this.#heard.push(data));
    socket.on('close', () => this.#stop());
  }

  static async open(uri: string, rate: SampleRate, random: SeededRandom): Promise<SoakLeg> {
    const socket = new WebSocket(uri, { perMessageDeflate: false });
    const leg = new SoakLeg(socket, rate, random);
    await once(socket, 'open');
    leg.#say({ event: 'websocket:connected', 'content-type': `audio/l16;rate=${rate}` });
    const startedMs = performance.now();
    leg.#timer = setInterval(() => leg.#sendDue(performance.now(), startedMs), FRAME_MS / 2);
    return leg;
  }

  /** Plays samples after what is queued; resolves when they have left, or the connection is gone. */
  play(samples: Int16Array): Promise<void> {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.resolve();
    return new Promise((done) => this.#queue.push({ samples, at: 0, done }));
  }

  /** Tells of a key by a message, as the platform does after its release. */
  tellKey(digit: string): void {
    this.#say({ event: 'websocket:dtmf', digit, duration: 100 });
  }

  /** Everything that was heard. */
  recording(): Int16Array {
    const bytes = Buffer.concat(this.#heard);
    return Int16Array.from({ length: bytes.length >> 1 }, (_, n) => bytes.readInt16LE(2 * n));
  }

  /** The network goes away without a word. */
  lose(): void {
    this.#socket.terminate();
    this.#stop();
  }

  hangUp(): void {
    this.#socket.close(1000);
  }

  #say(message: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #sendDue(nowMs: number, startedMs: number): void {
    if (nowMs < this.#jamUntilMs) return;
    const due = Math.floor((nowMs - startedMs) / FRAME_MS);
    while (this.#framesDone < due && this.#socket.readyState === WebSocket.OPEN) {
      this.#framesDone += 1;
      const frame = this.#nextFrame();
      if (this.#random.next() < LOSS_CHANCE)
        this.#framesToLose = Math.ceil(this.#random.between(0, LOST_FRAMES_MAX));
      if (this.#framesToLose > 0) this.#framesToLose -= 1;
      else this.#socket.send(frame);
      if (this.#random.next() < JAM_CHANCE) {
        this.#jamUntilMs = nowMs + this.#random.between(100, JAM_MS_MAX);
        return;
      }
    }
  }

  #nextFrame(): Buffer {
    const frame = Buffer.alloc(2 * this.#frameSamples);
    for (let n = 0; n < this.#frameSamples; n++) {
      const sample = this.#nextSample() + Math.round(this.#random.between(-NOISE_PEAK, NOISE_PEAK));
      frame.writeInt16LE(Math.max(-32_768, Math.min(32_767, sample)), 2 * n);
    }
    return frame;
  }

  #nextSample(): number {
    const head = this.#queue[0];
    if (head === undefined) return 0;
    const sample = head.samples[head.at++] ?? 0;
    if (head.at >= head.samples.length) {
      this.#queue.shift();
      head.done();
    }
    return sample;
  }

  #stop(): void {
    clearInterval(this.#timer);
    for (const { done } of this.#queue.splice(0)) done();
  }
}
