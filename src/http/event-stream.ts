import type { ServerResponse } from 'node:http';
import type { PaymentView } from '../call/views.ts';
import type { Cancel, Clock } from '../core/clock.ts';
import type { Counter, Gauge } from '../core/meter.ts';
import type { PublishedEvent } from '../events/agent-event.ts';
import type { EventListener } from '../events/event-hub.ts';
import type { OutgoingFilter } from './outgoing-filter.ts';

/** Waiting bytes at which a reader counts as too slow; it can come back with `Last-Event-ID`. */
const MAX_WAITING_BYTES = 64 * 1024;
/** Proxies close connections that are silent for a minute; this keeps a stream well below that. */
const HEARTBEAT_MS = 15_000;
/** How long a browser waits before it comes back. */
const RETRY_MS = 2000;
/** How long a reader may take for the rest of a stream that has ended. */
const END_GRACE_MS = 1000;

export interface StreamDeps {
  readonly clock: Clock;
  readonly filter: OutgoingFilter;
  readonly clients: Gauge;
  readonly dropped: Counter;
}

/**
 * One open event stream (Server-Sent Events, WHATWG HTML 9.2). Event ids are `<payment id>.<seq>`, so that an id
 * cannot be taken for one of another payment.
 */
export class EventStream implements EventListener {
  readonly #response: ServerResponse;
  readonly #paymentId: string;
  readonly #deps: StreamDeps;
  readonly #cleanUps: (() => void)[] = [];
  #cancelBeat: Cancel | null = null;
  #isOpen = true;
  #isCheckDue = false;

  constructor(response: ServerResponse, paymentId: string, deps: StreamDeps) {
    this.#response = response;
    this.#paymentId = paymentId;
    this.#deps = deps;
  }

  /** Sends the header; everything else comes after. */
  open(): void {
    this.#deps.clients.add(1);
    this.onClose(() => this.#deps.clients.add(-1));
    this.#response.once('close', () => this.#close());
    this.#response.on('error', () => this.#close());
    if (this.#response.closed) return this.#close();
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Asks nginx not to hold events back.
      'x-accel-buffering': 'no',
    });
    this.#write(`retry: ${RETRY_MS}\n\n`);
    this.#beatLater();
  }

  /** Runs `cleanUp` when the stream ends, at once if it has ended. */
  onClose(cleanUp: () => void): void {
    if (this.#isOpen) this.#cleanUps.push(cleanUp);
    else cleanUp();
  }

  event({ seq, at, event: { type, ...fields } }: PublishedEvent): void {
    this.#send(type, seq, at, fields);
  }

  /** Tells a reader that there is a gap: what it knew is void, and what follows is the present state. */
  reset(seq: number): void {
    this.#send('reset', seq, this.#now(), {});
  }

  /** The state of the payment, for readers who missed how it came about. */
  snapshot(seq: number, { state, required, field, result }: PaymentView): void {
    this.#send('payment-state', seq, this.#now(), { state, required, field });
    if (result !== null) this.#send('payment-result', seq, this.#now(), result);
  }

  ended(): void {
    if (!this.#isWritable()) return;
    this.#response.end();
    // A reader that takes nothing would hold the connection, and the server that wants to close, for ever.
    this.onClose(this.#deps.clock.after(END_GRACE_MS, () => this.#response.destroy()));
  }

  #send(name: string, seq: number, at: string, fields: object): void {
    const data = JSON.stringify({ paymentId: this.#paymentId, seq, at, ...fields });
    this.#write(`id: ${this.#paymentId}.${seq}\nevent: ${name}\ndata: ${this.#deps.filter(data)}\n\n`);
  }

  #write(text: string): void {
    if (!this.#isWritable()) return;
    this.#response.write(text);
    if (this.#isCheckDue || !this.#isReaderBehind()) return;
    this.#isCheckDue = true;
    // What is written in one turn of the event loop leaves together at its end; only what then still waits counts.
    setImmediate(() => {
      this.#isCheckDue = false;
      if (this.#isOpen && this.#isReaderBehind()) this.#drop();
    });
  }

  #isWritable(): boolean {
    return this.#isOpen && !this.#response.writableEnded;
  }

  #isReaderBehind(): boolean {
    return this.#response.writableLength > MAX_WAITING_BYTES;
  }

  #drop(): void {
    this.#deps.dropped.add(1);
    this.#response.destroy();
    this.#close();
  }

  #beatLater(): void {
    this.#cancelBeat = this.#deps.clock.after(HEARTBEAT_MS, () => {
      this.#write(': alive\n\n');
      if (this.#isOpen) this.#beatLater();
    });
  }

  #now(): string {
    return new Date(this.#deps.clock.wallMs()).toISOString();
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#cancelBeat?.();
    for (const cleanUp of this.#cleanUps) cleanUp();
  }
}
