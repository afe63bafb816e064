import { keyTone } from '../key-tones.ts';
import { FRAME_SAMPLES, MIX_RATE } from './media-socket.ts';

/** Level of the line noise when nobody speaks: about -66 dBm0, as a quiet phone line has. */
const LINE_NOISE_PEAK = 16;
/** The longest recording: three minutes. */
const RECORD_FRAMES = 9_000;

export type Answering = 'answers' | 'busy' | 'never' | 'declines';

/** What a phone does with the network. */
export interface PhoneLine {
  hangUp(): void;
  /** A key was pressed and released. */
  keyPressed(key: string): void;
}

/** A person with a phone, or with whatever else rings. */
export class SimulatedPhone {
  /** Number, SIP address or user name. */
  readonly address: string;
  answering: Answering = 'answers';
  /** The legs it has had, the latest last. */
  readonly legs: string[] = [];
  readonly #heard: Int16Array[] = [];
  #queue: { readonly samples: Int16Array; at: number; readonly done: () => void }[] = [];
  #noise = 1;
  #line: PhoneLine | null = null;
  #whenConnected: (() => void)[] = [];
  #whenGone: (() => void)[] = [];

  constructor(address: string) {
    this.address = address;
  }

  get isConnected(): boolean {
    return this.#line !== null;
  }

  /** Resolves when it is in a call. */
  async connected(): Promise<void> {
    if (this.#line === null) await new Promise<void>((resolve) => this.#whenConnected.push(resolve));
  }

  /** Resolves when it is in no call. */
  async gone(): Promise<void> {
    if (this.#line !== null) await new Promise<void>((resolve) => this.#whenGone.push(resolve));
  }

  /** Says something after what is still to be said; resolves when it was said, or the call is over. */
  say(samples: Int16Array): Promise<void> {
    return new Promise((done) => this.#queue.push({ samples, at: 0, done }));
  }

  pause(durationMs: number): Promise<void> {
    return this.say(new Int16Array((durationMs * MIX_RATE) / 1000));
  }

  /** Presses keys: each is heard on the line and, after its release, told by the network. */
  async press(keys: string): Promise<void> {
    for (const key of keys) {
      await this.say(keyTone(key, MIX_RATE));
      this.#line?.keyPressed(key);
    }
  }

  /** Presses keys of a network that takes the tones out of the audio. */
  pressSilently(keys: string): void {
    for (const key of keys) this.#line?.keyPressed(key);
  }

  hangUp(): void {
    this.#line?.hangUp();
  }

  /** Everything that was heard. */
  heard(): Int16Array {
    const all = new Int16Array(this.heardSamples);
    this.#heard.forEach((frame, index) => all.set(frame, index * FRAME_SAMPLES));
    return all;
  }

  get heardSamples(): number {
    return this.#heard.length * FRAME_SAMPLES;
  }

  /** The network has connected it. */
  connect(uuid: string, line: PhoneLine): void {
    this.legs.push(uuid);
    this.#line = line;
    for (const resolve of this.#whenConnected.splice(0)) resolve();
  }

  disconnect(): void {
    this.#line = null;
    for (const { done } of this.#queue) done();
    this.#queue = [];
    for (const resolve of this.#whenGone.splice(0)) resolve();
  }

  nextFrame(): Int16Array {
    const frame = new Int16Array(FRAME_SAMPLES);
    for (const index of frame.keys()) frame[index] = this.#nextSample();
    return frame;
  }

  hear(frame: Int16Array): void {
    if (this.#heard.length < RECORD_FRAMES) this.#heard.push(frame);
  }

  #nextSample(): number {
    const head = this.#queue[0];
    const sample = head?.samples[head.at] ?? 0;
    if (head !== undefined && ++head.at >= head.samples.length) {
      this.#queue.shift();
      head.done();
    }
    this.#noise = (Math.imul(this.#noise, 1664525) + 1013904223) >>> 0;
    const noise = ((this.#noise >>> 16) % (2 * LINE_NOISE_PEAK + 1)) - LINE_NOISE_PEAK;
    return Math.max(-32768, Math.min(32767, sample + noise));
  }
}
