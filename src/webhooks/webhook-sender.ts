import type { Cancel, Clock } from '../core/clock.ts';
import { blockCardNumbers } from '../core/digit-filter.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import type { Random } from '../core/random.ts';
import type { Journal } from '../journal/journal.ts';
import type { DeliveryUpdate, OutboxMessage, OutboxState } from '../journal/outbox.ts';
import { pauseAfter } from './delivery-schedule.ts';
import { webhookBodyOf, webhookIdOf } from './webhook-message.ts';
import type { PostWebhook, WebhookReply, WebhookRequest } from './webhook-post.ts';
import { webhookSignature } from './webhook-signature.ts';

export interface WebhookSenderDependencies {
  readonly journal: Pick<Journal, 'outbox' | 'updateDelivery' | 'pruneOutbox'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Logger;
  /** Signs with each of them. */
  readonly keys: readonly Uint8Array[];
  readonly post: PostWebhook;
}

/** How often the outbox is looked into. */
const LOOK_MS = 1000;
/** Requests at the same time: a receiver that stalls holds this many sockets and no more. */
const PARALLEL_MAX = 8;
/** Standard Webhooks, "Request timeouts": somewhere between 15 and 30 s. */
const TIMEOUT_MS = 15_000;
/** What the end of the last calls left is worth this much of a drain; the rest stays for the next start. */
const FLUSH_MS = 3000;
const PRUNE_EVERY_MS = 3_600_000;
const KEEP_SETTLED_MS = 30 * 24 * 3_600_000;

/**
 * Tells the integrator how payments ended, from the journal's outbox: at least once, in the order of each payment, and
 * again and again for twelve hours. What is not confirmed stays in the outbox, whatever happens to this process.
 */
export class WebhookSender {
  readonly #deps: WebhookSenderDependencies;
  /** By payment: the next message of a payment waits for the one under way. */
  readonly #running = new Map<string, Promise<void>>();
  /** Payments whose message was under way at some time since the last look began: what it read of them may be old. */
  readonly #touched = new Set<string>();
  /** What became of tries whose end the journal did not take yet, by `seq`. They are not sent again for that. */
  readonly #unstored = new Map<number, { readonly tries: number; readonly update: DeliveryUpdate }>();
  /** One for each open request. `AbortSignal.any` on one that lives as long as the process would leak 1 KB a time. */
  readonly #open = new Set<AbortController>();
  /** Due messages that wait for a free request. */
  #queue: OutboxMessage[] = [];
  #looking: Promise<void> | null = null;
  #stopLooking: Cancel | null = null;
  #stopPruning: Cancel | null = null;
  #isClosing = false;
  #isCut = false;
  #isFailing = false;

  constructor(deps: WebhookSenderDependencies) {
    this.#deps = deps;
  }

  start(): void {
    void this.#look();
    void this.#prune();
  }

  /** Sends what can be sent within three seconds; what is under way then is cut off and will be sent again. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#stopLooking?.();
    this.#stopPruning?.();
    const stopCut = this.#deps.clock.after(FLUSH_MS, () => this.#cutOff());
    await this.#looking;
    await this.#look();
    while (this.#running.size > 0 || this.#looking !== null) {
      await Promise.all([this.#looking, ...this.#running.values()]);
    }
    stopCut();
  }

  #cutOff(): void {
    this.#isCut = true;
    for (const request of this.#open) request.abort();
  }

  /** Looks into the outbox now, or joins the look under way. Never rejects. */
  #look(): Promise<void> {
    this.#stopLooking?.();
    this.#looking ??= this.#fillQueue()
      .catch((error: unknown) => {
        this.#deps.logger.error('The journal did not say which webhooks are due', describeError(error));
      })
      .finally(() => {
        this.#looking = null;
        if (!this.#isClosing) this.#stopLooking = this.#deps.clock.after(LOOK_MS, () => void this.#look());
      });
    return this.#looking;
  }

  async #fillQueue(): Promise<void> {
    this.#touched.clear();
    for (const paymentId of this.#running.keys()) this.#touched.add(paymentId);
    const outbox = await this.#deps.journal.outbox();
    this.#measure(outbox);
    // It begins with what is new, so that a backlog does not hold that up.
    this.#queue = outbox.due.filter(({ paymentId }) => !this.#touched.has(paymentId));
    this.#startNext();
  }

  #startNext(): void {
    while (this.#running.size < PARALLEL_MAX && !this.#isCut) {
      const message = this.#queue.shift();
      if (message === undefined) return;
      this.#touched.add(message.paymentId);
      this.#running.set(message.paymentId, this.#run(message));
    }
  }

  async #run(message: OutboxMessage): Promise<void> {
    const { paymentId } = message;
    let isSettled = false;
    try {
      isSettled = await this.#deliver(message);
    } catch (error) {
      this.#deps.logger.error('What became of a webhook was not stored', {
        paymentId,
        ...describeError(error),
      });
    }
    this.#running.delete(paymentId);
    this.#startNext();
    // The payment's next message may have waited for this one.
    if (isSettled && this.#queue.length === 0) void this.#look();
  }

  /** Whether the message is done with, one way or the other. */
  async #deliver(message: OutboxMessage): Promise<boolean> {
    const { seq, tries } = message;
    const earlier = this.#unstored.get(seq);
    // With another count it was stored after all, and what is due now is a new try.
    const update = earlier?.tries === tries ? earlier.update : await this.#try(message);
    if (update === null) return false;
    this.#unstored.set(seq, { tries, update });
    await this.#deps.journal.updateDelivery(seq, update);
    this.#unstored.delete(seq);
    return update.status !== 'pending';
  }

  /** Null when it was cut off by the end of this process. */
  async #try(message: OutboxMessage): Promise<DeliveryUpdate | null> {
    const { clock, post } = this.#deps;
    const sent = this.#requestOf(message);
    const request = new AbortController();
    this.#open.add(request);
    const stopTimeout = clock.after(TIMEOUT_MS, () => request.abort());
    const reply = await post(sent, request.signal).finally(() => {
      stopTimeout();
      this.#open.delete(request);
    });
    if (reply.kind === 'answered' && reply.status >= 200 && reply.status < 300) {
      this.#count('delivered');
      this.#noteHealth(null);
      return { status: 'delivered', lastHttpStatus: reply.status };
    }
    if (reply.kind === 'no-answer' && this.#isCut) return null;
    const isTimeout = reply.kind === 'no-answer' && request.signal.aborted;
    this.#count(isTimeout ? 'timeout' : reply.kind === 'answered' ? 'refused' : 'unreachable');
    this.#noteHealth(isTimeout ? { kind: 'no-answer', code: 'TIMEOUT' } : reply);
    return this.#failed(message, reply);
  }

  #failed({ paymentId, tries }: OutboxMessage, reply: WebhookReply): DeliveryUpdate {
    const { clock, random, logger } = this.#deps;
    const lastHttpStatus = reply.kind === 'answered' ? reply.status : null;
    const askedMs = reply.kind === 'answered' ? reply.retryAfterMs : null;
    const pauseMs = pauseAfter(tries + 1, askedMs, random);
    if (pauseMs === null) {
      this.#count('given-up');
      logger.error('A webhook was given up', {
        paymentId,
        count: tries + 1,
        ...(lastHttpStatus === null ? {} : { status: lastHttpStatus }),
      });
      return { status: 'given-up', lastHttpStatus };
    }
    const nextTryAt = new Date(clock.wallMs() + pauseMs).toISOString();
    return { status: 'pending', lastHttpStatus, nextTryAt };
  }

  #requestOf(message: OutboxMessage): WebhookRequest {
    const { keys, clock, meter, logger } = this.#deps;
    const { paymentId } = message;
    const { text: body, blocked } = blockCardNumbers(webhookBodyOf(message));
    if (blocked > 0) {
      meter.counter('digit_leak_blocked_total', { sink: 'webhook' }).add(blocked);
      logger.error('digits were blocked in a webhook', { paymentId, count: blocked });
    }
    const id = webhookIdOf(message, paymentId);
    const timestamp = Math.floor(clock.wallMs() / 1000);
    return {
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': webhookSignature(keys, id, timestamp, body),
      },
      body,
    };
  }

  /** One line when the receiver begins to fail and one when it is back, not one for every try. */
  #noteHealth(failure: WebhookReply | null): void {
    const { logger } = this.#deps;
    if (failure === null) {
      if (this.#isFailing) logger.info('The webhook receiver takes messages again');
    } else if (!this.#isFailing) {
      logger.warn('The webhook receiver does not take a message; it is tried again', {
        ...(failure.kind === 'answered' ? { status: failure.status } : {}),
        ...(failure.kind === 'no-answer' && failure.code !== null ? { code: failure.code } : {}),
      });
    }
    this.#isFailing = failure !== null;
  }

  #count(result: 'delivered' | 'refused' | 'unreachable' | 'timeout' | 'given-up'): void {
    this.#deps.meter.counter('webhook_deliveries_total', { result }).add(1);
  }

  #measure({ undelivered, oldestAt }: OutboxState): void {
    const { meter, clock } = this.#deps;
    const ageMs = oldestAt === null ? 0 : Math.max(0, clock.wallMs() - Date.parse(oldestAt));
    meter.gauge('webhooks_undelivered', {}).set(undelivered);
    meter.gauge('webhook_oldest_undelivered_seconds', {}).set(ageMs / 1000);
  }

  async #prune(): Promise<void> {
    const { journal, clock, logger } = this.#deps;
    try {
      await journal.pruneOutbox(new Date(clock.wallMs() - KEEP_SETTLED_MS).toISOString());
    } catch (error) {
      logger.error('Old webhooks were not deleted', describeError(error));
    }
    if (!this.#isClosing) this.#stopPruning = clock.after(PRUNE_EVERY_MS, () => void this.#prune());
  }
}
