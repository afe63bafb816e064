import type { Clock } from '../core/clock.ts';
import type { Counter } from '../core/meter.ts';
import type { SampleRate } from '../core/sample-rate.ts';
import { frameBytes, frameSamples } from './audio-format.ts';
import type { LegSocket } from './leg-socket.ts';

/** Frames handed to the socket and not yet reported as sent. What is handed over cannot be taken back. */
const IN_FLIGHT_MAX = 8;

/** Older frames are of no use to a conversation. */
const STALE_MS = 200;

/** The largest burst that a leg accepts (`FrameBudget`). */
const WAITING_MAX = 250;

/** Frames kept for use again after a burst; a leg whose reader keeps up needs one or two. */
const SPARE_MAX = IN_FLIGHT_MAX;

/** Calls of `tick`, one a second, without a single frame sent after which the reader is given up. */
const STALLED_TICKS_MAX = 2;

interface Frame {
  readonly samples: Int16Array;
  readonly bytes: Buffer;
  readonly sent: () => void;
  queuedAtMs: number;
  /** The one that was queued next. */
  newer: Frame | null;
}

/**
 * Frames on their way to one socket, oldest first. It uses its buffers again, wipes each one when the socket has
 * sent it, and drops what a slow reader left waiting for too long.
 *
 * The age of the frames is the measure and not the socket's `bufferedAmount`, which on TLS is high for a moment
 * after every honest burst and on plain connections stays at zero for long.
 */
export class OutboundQueue {
  readonly #socket: LegSocket;
  readonly #rate: SampleRate;
  readonly #clock: Clock;
  readonly #dropped: Counter;
  readonly #spare: Frame[] = [];
  /** Frames that wait, linked from the oldest to the newest: a burst costs no more per frame than a steady stream. */
  #oldest: Frame | null = null;
  #newest: Frame | null = null;
  #waitingCount = 0;
  #inFlight = 0;
  #stalledTicks = 0;
  #next: Frame;

  constructor(socket: LegSocket, rate: SampleRate, clock: Clock, dropped: Counter) {
    this.#socket = socket;
    this.#rate = rate;
    this.#clock = clock;
    this.#dropped = dropped;
    this.#next = this.#makeFrame();
  }

  /** The samples of the frame to be sent next, to be rendered in place. `commit` sends it. */
  get next(): Int16Array {
    return this.#next.samples;
  }

  commit(): void {
    const frame = this.#next;
    frame.queuedAtMs = this.#clock.monotonicMs();
    if (this.#waitingCount === WAITING_MAX) this.#drop();
    if (this.#newest === null) this.#oldest = frame;
    else this.#newest.newer = frame;
    this.#newest = frame;
    this.#waitingCount += 1;
    this.#next = this.#spare.pop() ?? this.#makeFrame();
    this.#handOver(frame.queuedAtMs);
  }

  /** To be called once a second. True when frames wait and the reader took none of them for two seconds. */
  tick(): boolean {
    this.#stalledTicks = this.#inFlight === 0 ? 0 : this.#stalledTicks + 1;
    return this.#stalledTicks > STALLED_TICKS_MAX;
  }

  /** Forgets and zeroes what waits. Frames that the socket holds are zeroed when it gives them back. */
  wipe(): void {
    while (this.#oldest !== null) this.#recycle(this.#takeOldest());
    this.#next.samples.fill(0);
  }

  #handOver(nowMs: number): void {
    for (let oldest = this.#oldest; oldest !== null; oldest = this.#oldest) {
      if (nowMs - oldest.queuedAtMs > STALE_MS) this.#drop();
      else if (this.#inFlight < IN_FLIGHT_MAX) {
        this.#inFlight += 1;
        this.#socket.send(oldest.bytes, this.#takeOldest().sent);
      } else return;
    }
  }

  #drop(): void {
    this.#recycle(this.#takeOldest());
    this.#dropped.add(1);
  }

  #takeOldest(): Frame {
    const frame = this.#oldest!;
    this.#oldest = frame.newer;
    if (frame.newer === null) this.#newest = null;
    frame.newer = null;
    this.#waitingCount -= 1;
    return frame;
  }

  #sent(frame: Frame): void {
    this.#recycle(frame);
    this.#inFlight -= 1;
    this.#stalledTicks = 0;
    this.#handOver(this.#clock.monotonicMs());
  }

  #recycle(frame: Frame): void {
    frame.samples.fill(0);
    if (this.#spare.length < SPARE_MAX) this.#spare.push(frame);
  }

  #makeFrame(): Frame {
    const bytes = Buffer.alloc(frameBytes(this.#rate));
    const frame: Frame = {
      bytes,
      samples: new Int16Array(bytes.buffer, bytes.byteOffset, frameSamples(this.#rate)),
      sent: () => this.#sent(frame),
      queuedAtMs: 0,
      newer: null,
    };
    return frame;
  }
}
