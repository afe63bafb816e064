import { assert } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';

/** An answer as it went out. */
export interface KeptAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The first request under a key, from its start on. */
export interface KeptRequest {
  /** Of what was asked: tells a repeat from a conflict. */
  readonly hash: string;
  /** Resolves when it was answered; null when its answer is not one to repeat. */
  readonly answer: Promise<KeptAnswer | null>;
}

interface Entry extends KeptRequest {
  readonly bornMs: number;
  readonly settle: (answer: KeptAnswer | null) => void;
  isSettled: boolean;
}

/** How long a client may repeat a request. Stripe's keys, which the trade knows, live as long. */
const KEEP_MS = 24 * 3_600_000;

/** First answers by key: in memory, the newest `max` of at most 24 hours. What is under way is never forgotten. */
export class AnswerMemory {
  readonly #clock: Clock;
  readonly #max: number;
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#max = max;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The first request under this key; null when there is none, or it is forgotten. */
  find(key: string): KeptRequest | null {
    this.#forgetOld();
    return this.#entries.get(key) ?? null;
  }

  /** Notes that the first request under this key is under way; `settle` must follow. */
  begin(key: string, hash: string): void {
    assert(!this.#entries.has(key), 'a key has one first request');
    const { promise: answer, resolve: settle } = Promise.withResolvers<KeptAnswer | null>();
    this.#entries.set(key, { hash, answer, settle, bornMs: this.#clock.monotonicMs(), isSettled: false });
    this.#forgetOld();
  }

  /** Its answer; null frees the key, and the next request under it is a first one again. */
  settle(key: string, answer: KeptAnswer | null): void {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.isSettled) return;
    entry.isSettled = true;
    if (answer === null) this.#entries.delete(key);
    entry.settle(answer);
  }

  #forgetOld(): void {
    const oldestMs = this.#clock.monotonicMs() - KEEP_MS;
    for (const [key, { bornMs, isSettled }] of this.#entries) {
      if (bornMs > oldestMs && this.#entries.size <= this.#max) return;
      if (isSettled) this.#entries.delete(key);
    }
  }
}
