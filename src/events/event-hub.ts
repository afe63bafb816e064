import type { Cancel, Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { Counter, Meter } from '../core/meter.ts';
import type { AgentEvent, PublishedEvent } from './agent-event.ts';
import { makeSafe } from './safe-event.ts';

/** Events that are kept per payment. A payment has about 40; a reader who is further behind needs a fresh view. */
const MAX_EVENTS = 1000;
/** Readers per payment: the agent's screen, a supervisor's, a back end, and some that reconnect. */
const MAX_READERS = 20;
/** How long an ended payment's events can still be read. */
const KEEP_MS = 15 * 60_000;

/** Gets events in order, each once, never inside the publisher's call. */
export interface EventListener {
  event(event: PublishedEvent): void;
  /** Nothing more will come. */
  ended(): void;
}

interface Reader {
  readonly listener: EventListener;
  lastSeq: number;
}

interface Channel {
  readonly paymentId: string;
  readonly events: PublishedEvent[];
  readonly readers: Set<Reader>;
  lastSeq: number;
  isDeliveryDue: boolean;
  cancelExpiry: Cancel | null;
}

export interface EventHubDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

/**
 * Events from payments to whoever watches, with a bounded memory for those who come late or come back.
 *
 * The publisher may be a call's audio path: publishing stores the event and returns. Delivery runs on its own
 * turn of the event loop, and a listener that throws loses its subscription and disturbs nobody.
 */
export class EventHub {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #blocked: Counter;
  readonly #channels = new Map<string, Channel>();

  constructor(deps: EventHubDeps) {
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#blocked = deps.meter.counter('digit_leak_blocked_total', { sink: 'event' });
  }

  publish(paymentId: string, event: AgentEvent): PublishedEvent {
    const safe = makeSafe(event);
    if (safe.blocked > 0) {
      this.#blocked.add(safe.blocked);
      this.#logger.error('digits were blocked in an event', { paymentId, count: safe.blocked });
    }
    const channel = this.#channelOf(paymentId);
    channel.lastSeq += 1;
    const at = new Date(this.#clock.wallMs()).toISOString();
    const published = { paymentId, seq: channel.lastSeq, at, event: safe.event };
    channel.events.push(published);
    if (channel.events.length > MAX_EVENTS) channel.events.shift();
    this.#scheduleDelivery(channel);
    return published;
  }

  /** Number of the payment's newest event; 0 if none is known. */
  lastSeq(paymentId: string): number {
    return this.#channels.get(paymentId)?.lastSeq ?? 0;
  }

  /** Whether every event after number `afterSeq` is still known, so that a reader can go on from there. */
  canResume(paymentId: string, afterSeq: number): boolean {
    const channel = this.#channels.get(paymentId);
    const firstSeq = channel?.events[0]?.seq;
    return (
      channel !== undefined &&
      firstSeq !== undefined &&
      afterSeq >= firstSeq - 1 &&
      afterSeq <= channel.lastSeq
    );
  }

  /**
   * Sends the listener every known event after number `afterSeq`, then each new one, until the returned function
   * is called. Throws `RATE_LIMITED` if the payment has too many readers.
   */
  subscribe(paymentId: string, afterSeq: number, listener: EventListener): () => void {
    const channel = this.#channelOf(paymentId);
    if (channel.readers.size >= MAX_READERS) {
      throw new AppError('RATE_LIMITED', { detail: `A payment has at most ${MAX_READERS} event streams.` });
    }
    const reader: Reader = { listener, lastSeq: afterSeq };
    channel.readers.add(reader);
    this.#scheduleDelivery(channel);
    return () => {
      channel.readers.delete(reader);
      // A channel that only readers made would stay for ever: nobody ends it.
      if (channel.readers.size === 0 && channel.lastSeq === 0) this.#close(channel);
    };
  }

  /** The payment has ended: forgets its events after 15 minutes. More events may still follow, then end it again. */
  end(paymentId: string): void {
    const channel = this.#channels.get(paymentId);
    if (channel === undefined || channel.cancelExpiry !== null) return;
    channel.cancelExpiry = this.#clock.after(KEEP_MS, () => this.#close(channel));
  }

  /** Ends every subscription, when the process ends. */
  close(): void {
    for (const channel of this.#channels.values()) this.#close(channel);
  }

  #channelOf(paymentId: string): Channel {
    let channel = this.#channels.get(paymentId);
    if (channel === undefined) {
      channel = {
        paymentId,
        events: [],
        readers: new Set(),
        lastSeq: 0,
        isDeliveryDue: false,
        cancelExpiry: null,
      };
      this.#channels.set(paymentId, channel);
    }
    return channel;
  }

  #scheduleDelivery(channel: Channel): void {
    if (channel.isDeliveryDue || channel.readers.size === 0) return;
    channel.isDeliveryDue = true;
    this.#clock.after(0, () => this.#deliver(channel));
  }

  #deliver(channel: Channel): void {
    channel.isDeliveryDue = false;
    for (const reader of channel.readers) {
      for (const event of channel.events) {
        if (event.seq <= reader.lastSeq || !channel.readers.has(reader)) continue;
        reader.lastSeq = event.seq;
        this.#guard(channel, reader, () => reader.listener.event(event));
      }
    }
  }

  #close(channel: Channel): void {
    channel.cancelExpiry?.();
    if (this.#channels.get(channel.paymentId) === channel) this.#channels.delete(channel.paymentId);
    for (const reader of channel.readers) this.#guard(channel, reader, () => reader.listener.ended());
    channel.readers.clear();
  }

  #guard(channel: Channel, reader: Reader, call: () => void): void {
    try {
      call();
    } catch (error) {
      channel.readers.delete(reader);
      this.#logger.error('an event listener failed', {
        paymentId: channel.paymentId,
        ...describeError(error),
      });
    }
  }
}
