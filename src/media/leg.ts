import type { Cancel, Clock } from '../core/clock.ts';
import type { DigitCode } from '../core/digit.ts';
import type { LegName } from '../core/leg.ts';
import type { SampleRate } from '../core/sample-rate.ts';
import { BadFrameLimit } from './bad-frame-limit.ts';
import { CLOSE_REASONS } from './close-reason.ts';
import type { CloseReason } from './close-reason.ts';
import { FrameBudget } from './frame-budget.ts';
import { FrameSplitter } from './frame-splitter.ts';
import type { LegMessage } from './leg-message.ts';
import type { LegMeters } from './leg-meters.ts';
import type { LegSocket, LegSocketHandler } from './leg-socket.ts';
import { OutboundQueue } from './outbound-queue.ts';

/**
 * The leg's watch runs once a second and everything slow is counted in its ticks, not in clock time: a process
 * that was stopped for a while must not find its peers guilty of the silence.
 */
const TICK_MS = 1000;
const FIRST_MESSAGE_TICKS = 2;
const SILENT_TICKS = 2;
const PING_TICKS = 10;

const nothing = (): undefined => undefined;

/** What a leg tells the bridge. */
export interface LegOwner {
  opened(leg: Leg): void;
  /** One frame of the leg's rate; `samples` is valid during the call only. */
  frameArrived(leg: Leg, samples: Int16Array): void;
  /** A message of `sizeBytes` before the leg was open. */
  frameEarly(leg: Leg, sizeBytes: number): void;
  /** A message that cannot be audio; it stands for one frame. */
  frameUnusable(leg: Leg): void;
  /** A frame beyond what the leg may send; nothing goes out for it. */
  frameRefused(leg: Leg): void;
  keyTold(leg: Leg, code: DigitCode): void;
  /** A bug surfaced while input of this leg was handled. */
  failed(leg: Leg, error: unknown): void;
  /** The leg takes and sends nothing any more. Called once. */
  closed(leg: Leg, reason: CloseReason): void;
}

/**
 * The protocol of one media socket.
 *
 * | state      | input                                   | next state                                   |
 * |------------|-----------------------------------------|----------------------------------------------|
 * | connecting | `connected` with a usable rate          | open                                         |
 * | connecting | `connected` with another, none in 2 s   | closing                                      |
 * | open       | `connected`, a bound crossed, `close()` | closing                                      |
 * | any        | the socket is gone                      | closed                                       |
 * | closing    | anything else                           | closing; binary messages are zeroed and lost |
 */
export class Leg implements LegSocketHandler {
  readonly name: LegName;
  readonly meters: LegMeters;
  readonly #socket: LegSocket;
  readonly #owner: LegOwner;
  readonly #clock: Clock;
  readonly #budget: FrameBudget;
  readonly #badFrames: BadFrameLimit;
  #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  #stream: {
    readonly rate: SampleRate;
    readonly splitter: FrameSplitter;
    readonly queue: OutboundQueue;
  } | null = null;
  #cancelTick: Cancel;
  #ticks = 0;
  #silentTicks = 0;
  #isPongMissing = false;

  constructor(name: LegName, socket: LegSocket, owner: LegOwner, clock: Clock, meters: LegMeters) {
    this.name = name;
    this.meters = meters;
    this.#socket = socket;
    this.#owner = owner;
    this.#clock = clock;
    this.#budget = new FrameBudget(clock.monotonicMs());
    this.#badFrames = new BadFrameLimit(clock.monotonicMs());
    this.#cancelTick = clock.after(TICK_MS, () => this.#tick());
    meters.connections.add(1);
  }

  get isConnecting(): boolean {
    return this.#state === 'connecting';
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** The rate that the first message announced; null before. */
  get sampleRate(): SampleRate | null {
    return this.#stream?.rate ?? null;
  }

  /** Where the next frame for this leg is to be rendered; `sendFrame` sends it. Only while the leg is open. */
  get outgoing(): Int16Array {
    return this.#stream!.queue.next;
  }

  sendFrame(): void {
    this.#stream!.queue.commit();
    this.meters.framesOut.add(1);
  }

  /** Sends a shared frame of silence, also before the leg is open. */
  sendSilence(frame: Buffer): void {
    this.#socket.send(frame, nothing);
    this.meters.framesOut.add(1);
  }

  binary(message: Buffer): void {
    try {
      this.#silentTicks = 0;
      if (this.#state === 'connecting') this.#takeEarly(message);
      else if (this.#state === 'open') this.#takeFrames(message);
    } catch (error) {
      this.#owner.failed(this, error);
    } finally {
      message.fill(0);
    }
  }

  text(message: LegMessage): void {
    try {
      if (this.#state === 'connecting' || this.#state === 'open') this.#takeText(message);
    } catch (error) {
      this.#owner.failed(this, error);
    }
  }

  pong(): void {
    this.#isPongMissing = false;
  }

  closed(): void {
    if (this.#state === 'closed') return;
    this.#stop('peer-closed');
    this.#state = 'closed';
    this.meters.connections.add(-1);
  }

  tooLong(): void {
    this.meters.badFrames.long.add(1);
    this.close('message-too-long');
  }

  close(reason: CloseReason): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    this.#stop(reason);
    const { code } = CLOSE_REASONS[reason];
    if (code === null) this.#socket.terminate();
    else this.#socket.close(code, reason);
  }

  #stop(reason: CloseReason): void {
    if (this.#state === 'closing') return;
    this.#state = 'closing';
    this.#cancelTick();
    this.#stream?.queue.wipe();
    this.#stream?.splitter.wipe();
    this.meters.closed(reason);
    this.#owner.closed(this, reason);
  }

  #takeEarly(message: Buffer): void {
    this.meters.badFrames.early.add(1);
    if (this.#budget.take(this.#clock.monotonicMs())) this.#owner.frameEarly(this, message.length);
    else this.#refuse();
  }

  #takeFrames(message: Buffer): void {
    const arrivedAtMs = this.#clock.monotonicMs();
    const { splitter } = this.#stream!;
    const fit = splitter.fit(message);
    const isUnusable = fit === 'odd' || fit === 'empty';
    if (fit !== 'whole') this.meters.badFrames[fit].add(1);
    if (this.#badFrames.note(isUnusable, arrivedAtMs)) return this.close('bad-frames');
    const count = isUnusable ? 1 : splitter.count(message);
    for (let index = 0; index < count && this.#state === 'open'; index++) {
      this.meters.framesIn.add(1);
      if (!this.#budget.take(arrivedAtMs)) {
        this.#refuse();
        continue;
      }
      if (isUnusable) this.#owner.frameUnusable(this);
      else {
        splitter.load(message, index);
        this.#owner.frameArrived(this, splitter.samples);
      }
      this.meters.processSeconds.observe((this.#clock.monotonicMs() - arrivedAtMs) / 1000);
    }
  }

  #refuse(): void {
    this.meters.badFrames['over-rate'].add(1);
    this.meters.overRate.add(1);
    this.#owner.frameRefused(this);
    if (this.#budget.isExceeded) this.close('over-rate');
  }

  #takeText(message: LegMessage): void {
    switch (message.kind) {
      case 'connected':
        return this.#open(message.sampleRate);
      case 'key':
        if (this.#state === 'open') this.#owner.keyTold(this, message.code);
        else this.meters.ignoredTexts['bad-event'].add(1);
        return;
      case 'ignored':
        return this.meters.ignoredTexts[message.reason].add(1);
      case 'answer':
    }
  }

  #open(rate: SampleRate | null): void {
    if (this.#state === 'open') return this.close('first-message-repeated');
    if (rate === null) return this.close('content-type-unsupported');
    this.#stream = {
      rate,
      splitter: new FrameSplitter(rate),
      queue: new OutboundQueue(this.#socket, rate, this.#clock, this.meters.slowReader),
    };
    this.#state = 'open';
    this.#ticks = 0;
    this.#owner.opened(this);
  }

  #tick(): void {
    this.#cancelTick = this.#clock.after(TICK_MS, () => this.#tick());
    this.#ticks += 1;
    if (this.#state === 'connecting') {
      if (this.#ticks >= FIRST_MESSAGE_TICKS) this.close('first-message-late');
      return;
    }
    this.#silentTicks += 1;
    if (this.#silentTicks === SILENT_TICKS) this.meters.silentStreams.add(1);
    if (this.#stream!.queue.tick()) return this.close('slow-reader');
    if (this.#ticks % PING_TICKS === 0) this.#ping();
  }

  #ping(): void {
    if (this.#isPongMissing && this.#silentTicks >= PING_TICKS) return this.close('peer-lost');
    this.#isPongMissing = true;
    this.#socket.ping();
  }
}
