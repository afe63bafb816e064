import { EventParser } from './event-parser.ts';
import { ApiProblem } from './panel-api.ts';
import type { FeedEvent } from './types.ts';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** The server sends a sign of life every 15 s; without two of them the connection is dead, whatever TCP says. */
const SILENCE_MS = 35_000;

export interface EventFeedObserver {
  /** Opens the stream after this event; an empty id asks for everything so far. */
  open(lastEventId: string, signal: AbortSignal): Promise<Response>;
  event(event: FeedEvent): void;
  /** The stream is open, or was lost and is being opened again. */
  connected(isConnected: boolean): void;
  /** The server will not open it again: the token is void or the payment gone. */
  refused(problem: ApiProblem): void;
}

/**
 * The payment's events by `fetch`, since the token goes into a header, which `EventSource` cannot send. A lost
 * stream is resumed after the last event that arrived, after waits that double from half a second to 15 s.
 */
export class EventFeed {
  readonly #observer: EventFeedObserver;
  #lastEventId: string;
  #abort = new AbortController();
  #isStopped = false;
  #failures = 0;
  #wake: (() => void) | null = null;
  readonly #retryNow = (): void => this.#wake?.();

  constructor(observer: EventFeedObserver, lastEventId = '') {
    this.#observer = observer;
    this.#lastEventId = lastEventId;
    globalThis.addEventListener('online', this.#retryNow);
    void this.#run();
  }

  get lastEventId(): string {
    return this.#lastEventId;
  }

  stop(): void {
    this.#isStopped = true;
    globalThis.removeEventListener('online', this.#retryNow);
    this.#abort.abort();
    this.#wake?.();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        await this.#readOnce();
      } catch (error) {
        if (error instanceof ApiProblem && error.code !== 'OFFLINE' && error.code !== 'UNKNOWN') {
          if (!this.#isStopped) this.#observer.refused(error);
          return;
        }
        // Everything else is a connection that broke, which the next round mends.
      }
      if (this.#isStopped) return;
      this.#observer.connected(false);
      await this.#pause();
    }
  }

  async #readOnce(): Promise<void> {
    this.#abort = new AbortController();
    const response = await this.#observer.open(this.#lastEventId, this.#abort.signal);
    if (response.body === null) return;
    this.#observer.connected(true);
    const parser = new EventParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let watchdog = this.#watch();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(watchdog);
        watchdog = this.#watch();
        this.#failures = 0;
        for (const event of parser.take(value)) {
          if (this.#isStopped) return;
          this.#lastEventId = event.id;
          this.#observer.event(event);
        }
      }
    } finally {
      clearTimeout(watchdog);
    }
  }

  #watch(): number {
    return setTimeout(() => this.#abort.abort(), SILENCE_MS);
  }

  /** Waits with some chance, so that a thousand panels do not all come back at the same moment. */
  #pause(): Promise<void> {
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures);
    this.#failures += 1;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, longest * (0.5 + 0.5 * Math.random()));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
