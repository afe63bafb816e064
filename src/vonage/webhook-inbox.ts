import { createHash } from 'node:crypto';
import type { Clock } from '../core/clock.ts';

/** The platform repeats a webhook once, within seconds; some keep theirs for minutes. */
const KEEP_MS = 10 * 60_000;
/** Beyond that the oldest are forgotten: a repeat that comes in spite of it is taken as news. */
const KEPT_MAX = 100_000;

/** Remembers the answers to webhooks, so that a repeat gets the same answer and changes nothing. */
export class WebhookInbox<Answer> {
  readonly #clock: Clock;
  readonly #answers = new Map<string, { readonly answer: Answer; readonly untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The answer to the first one with this content, and whether it was this one. `answer` may throw: then it counts as not received. */
  receive(
    address: string,
    content: Buffer,
    answer: () => Answer,
  ): { readonly isNew: boolean; readonly answer: Answer } {
    const nowMs = this.#clock.monotonicMs();
    const hash = createHash('sha256').update(address).update('\0').update(content).digest('base64');
    const earlier = this.#answers.get(hash);
    if (earlier !== undefined && earlier.untilMs > nowMs) return { isNew: false, answer: earlier.answer };
    const made = answer();
    this.#answers.set(hash, { answer: made, untilMs: nowMs + KEEP_MS });
    for (const [oldest, { untilMs }] of this.#answers) {
      if (untilMs > nowMs && this.#answers.size <= KEPT_MAX) break;
      this.#answers.delete(oldest);
    }
    return { isNew: true, answer: made };
  }
}
