import type { Clock } from '../core/clock.ts';
import { blockCardNumbers } from '../core/digit-filter.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import { makeId } from '../core/random.ts';
import type { Random } from '../core/random.ts';
import type { PostForm, PostResult } from './callback-client.ts';
import { twilioSignature } from './signature.ts';

/** Callbacks that wait behind a slow receiver. A payment has about ten that are not partial. */
const MAX_WAITING = 50;
/** Pauses before the second and the third try. */
const RETRY_AFTER_MS: readonly number[] = [500, 2000];

export interface Callback {
  readonly url: URL;
  readonly form: Readonly<Record<string, string>>;
  /** The next one of the same field says all that this one says. */
  readonly isPartial: boolean;
}

export interface CallbackQueueDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Logger;
  readonly authToken: string;
  readonly post: PostForm;
}

/**
 * The callbacks of one payment: one at a time and in order, each tried three times. When the receiver is slower than
 * the caller's keys, a partial callback that waits gives way to the next one of its field.
 */
export class CallbackQueue {
  readonly #deps: CallbackQueueDeps;
  readonly #paymentId: string;
  #waiting: Callback[] = [];
  #sending: Promise<void> | null = null;

  constructor(deps: CallbackQueueDeps, paymentId: string) {
    this.#deps = deps;
    this.#paymentId = paymentId;
  }

  push(callback: Callback): void {
    const last = this.#waiting.at(-1);
    const replaces =
      callback.isPartial &&
      last?.isPartial === true &&
      last.url.href === callback.url.href &&
      last.form['Capture'] === callback.form['Capture'];
    if (replaces) this.#waiting.pop();
    if (this.#waiting.length >= MAX_WAITING) this.#dropOne();
    this.#waiting.push(callback);
    this.#sending ??= this.#sendAll();
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    await this.#sending;
  }

  /** The oldest, and of those the first whose loss matters least. */
  #dropOne(): void {
    const partial = this.#waiting.findIndex((each) => each.isPartial);
    this.#waiting.splice(Math.max(0, partial), 1);
    this.#count('dropped');
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#send(next);
    }
    this.#sending = null;
  }

  async #send(callback: Callback): Promise<void> {
    const { clock, random, authToken, post, logger } = this.#deps;
    const url = callback.url.href;
    const form = this.#filtered(callback.form);
    const headers = {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'user-agent': 'tonewall',
      'x-twilio-signature': twilioSignature(authToken, url, form),
      // The same for every try, so that the receiver can tell a repeat.
      'i-twilio-idempotency-token': makeId(random, 'callback'),
    };
    const body = new URLSearchParams(form).toString();
    for (const pauseMs of [...RETRY_AFTER_MS, null]) {
      const result = await post(callback.url, headers, body);
      if (result.type === 'answered' && result.status >= 200 && result.status < 300) {
        this.#count('delivered');
        return;
      }
      if (pauseMs === null || !isWorthRepeating(result)) {
        const cause = result.type === 'answered' ? { status: result.status } : { code: result.code };
        logger.warn('a status callback was not delivered', { paymentId: this.#paymentId, ...cause });
        this.#count('failed');
        return;
      }
      await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
    }
  }

  /** The last line of defence, as for everything that leaves over HTTP. */
  #filtered(form: Callback['form']): Callback['form'] {
    const { meter, logger } = this.#deps;
    let blocked = 0;
    const entries = Object.entries(form).map(([name, value]): [string, string] => {
      const filtered = blockCardNumbers(value);
      blocked += filtered.blocked;
      return [name, filtered.text];
    });
    if (blocked > 0) {
      meter.counter('digit_leak_blocked_total', { sink: 'http' }).add(blocked);
      logger.error('digits were blocked in a status callback', {
        paymentId: this.#paymentId,
        count: blocked,
      });
    }
    return Object.fromEntries(entries);
  }

  #count(result: 'delivered' | 'failed' | 'dropped'): void {
    this.#deps.meter.counter('status_callbacks_total', { result }).add(1);
  }
}

/** No answer, too busy, or an error on the receiver's side. */
function isWorthRepeating(result: PostResult): boolean {
  if (result.type === 'failed') return result.code !== 'ADDRESS_FORBIDDEN';
  return result.status === 429 || result.status >= 500;
}
