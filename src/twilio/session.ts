import type { CaptureField } from '../core/capture-field.ts';
import type { Clock } from '../core/clock.ts';
import type { EventListener } from '../events/event-hub.ts';
import type { PublishedEvent } from '../events/agent-event.ts';
import {
  captureParameters,
  commonParameters,
  endParameters,
  resultParameters,
  rfc2822OfMs,
} from './callback-parameters.ts';
import type { EndCause, SessionIdentity } from './callback-parameters.ts';
import type { CallbackQueue } from './callback-queue.ts';
import { afterEvent, afterRefusal, afterRequest, BLANK_PICTURE } from './payment-picture.ts';
import type { Notice, PaymentPicture, Told } from './payment-picture.ts';

/** Keys of update requests that are remembered; the oldest is forgotten first. */
const MAX_KEYS = 500;

export interface SessionDeps {
  readonly clock: Clock;
  readonly queue: CallbackQueue;
  /** Asked when the payment has ended without a cancel request of this API. */
  readonly hasCallEnded: () => boolean;
  /** Nothing will be said of the payment any more. */
  readonly onForgotten: () => void;
}

/** One payment as its Twilio client sees it: from requests and events to callbacks. */
export class Session implements EventListener {
  readonly paymentId: string;
  readonly identity: SessionIdentity;
  readonly #deps: SessionDeps;
  readonly #updates = new Map<string, Promise<void>>();
  #url: URL;
  #picture: PaymentPicture = BLANK_PICTURE;
  #isCancelRequested = false;

  constructor(paymentId: string, identity: SessionIdentity, url: URL, deps: SessionDeps) {
    this.paymentId = paymentId;
    this.identity = identity;
    this.#url = url;
    this.#deps = deps;
    deps.queue.push({ url, form: commonParameters(identity), isPartial: false });
  }

  /**
   * Runs an update once: a repeat with the same key and the same content joins the first. One that failed may be
   * tried again.
   */
  async once(key: string, update: () => Promise<void>): Promise<void> {
    const first = this.#updates.get(key);
    if (first !== undefined) return first;
    const [oldest] = this.#updates.keys();
    if (this.#updates.size >= MAX_KEYS && oldest !== undefined) this.#updates.delete(oldest);
    const running = update();
    this.#updates.set(key, running);
    try {
      await running;
    } catch (error) {
      this.#updates.delete(key);
      throw error;
    }
  }

  /** `field` is captured from now on. */
  captureRequested(field: CaptureField, required: readonly CaptureField[], url: URL): void {
    this.#url = url;
    this.#tell(afterRequest(this.#picture, field, required));
  }

  /** `field` cannot be captured yet. */
  captureRefused(field: CaptureField, error: Parameters<typeof afterRefusal>[2], url: URL): void {
    this.#url = url;
    this.#tell(afterRefusal(this.#picture, field, error));
  }

  /** The payment is about to be processed, or was canceled. */
  endRequested(kind: 'complete' | 'cancel', url: URL): void {
    this.#url = url;
    if (kind === 'cancel') this.#isCancelRequested = true;
  }

  event({ event }: PublishedEvent): void {
    this.#tell(afterEvent(this.#picture, event));
  }

  ended(): void {
    this.#deps.onForgotten();
  }

  async settled(): Promise<void> {
    await this.#deps.queue.settled();
  }

  #tell({ picture, notice }: Told): void {
    this.#picture = picture;
    if (notice === null) return;
    const { clock, queue } = this.#deps;
    queue.push({
      url: this.#url,
      form: {
        ...commonParameters(this.identity),
        DateUpdated: rfc2822OfMs(clock.wallMs()),
        ...this.#parametersOf(notice),
      },
      isPartial: notice.type === 'capture' && notice.isPartial,
    });
  }

  #parametersOf(notice: Notice): Readonly<Record<string, string>> {
    const { labels } = this.identity;
    switch (notice.type) {
      case 'capture':
        return captureParameters(labels, this.#picture, notice);
      case 'result':
        return resultParameters(labels, notice.result);
      case 'ended':
        return endParameters(this.#endCause(notice.state));
    }
  }

  #endCause(state: 'canceled' | 'expired'): EndCause {
    if (state === 'expired') return 'expired';
    return !this.#isCancelRequested && this.#deps.hasCallEnded() ? 'caller-hung-up' : 'requested';
  }
}
