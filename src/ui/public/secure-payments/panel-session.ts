import { EventFeed } from './event-feed.ts';
import { ApiProblem, expiryOf, PanelApi } from './panel-api.ts';
import { hasEnded, withEvent } from './payment-changes.ts';
import type { Call, Credentials, FeedEvent, Payment, PaymentDraft, Profile } from './types.ts';

/** How often the panel asks again while the agent is muted, or the server cannot be reached. */
const RETRY_MS = 1000;
/** Otherwise, how often it asks whether the call still goes on: nothing tells of that while no payment is open. */
const CALL_POLL_MS = 5000;
/** How long before its end a token is renewed: time for many tries. */
const RENEW_BEFORE_MS = 3 * 60_000;
const RENEW_RETRY_MS = 10_000;
/** `setTimeout` takes no more than 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface PanelSessionObserver {
  changed(): void;
  /** Something happened on the payment, in the order in which it did. */
  event(event: FeedEvent): void;
}

/** The panel's knowledge of its call and payment, kept up to date with the server, and what it can ask for. */
export class PanelSession {
  readonly #api: PanelApi;
  readonly #observer: PanelSessionObserver;
  readonly #credentials: Credentials;
  #feed: EventFeed | null = null;
  #refreshing: Promise<void> | null = null;
  #isStale = false;
  #callTimer = 0;
  #renewTimer = 0;
  #isClosed = false;
  #isStreaming = true;
  #isReachable = true;
  readonly #lookAgain = (): void => void this.#readCall();
  profiles: readonly Profile[] = [];
  payment: Payment | null = null;
  call: Call | null = null;
  isReady = false;
  /** The token is void: only the page around the panel can go on, with a new one. */
  hasEnded = false;
  /** When what `payment` says about time was true, on the page's monotonic clock. */
  readAtMs = 0;

  constructor(base: string, credentials: Credentials, observer: PanelSessionObserver) {
    this.#api = new PanelApi(base, credentials);
    this.#credentials = credentials;
    this.#observer = observer;
    this.#renewLater(this.#untilRenewal());
    globalThis.addEventListener('offline', this.#lookAgain);
  }

  /** The credentials with the newest token. */
  get credentials(): Credentials {
    return { ...this.#credentials, token: this.#api.token };
  }

  /** Whether what is shown is what the server knows now. */
  get isConnected(): boolean {
    return this.#isStreaming && this.#isReachable;
  }

  get canOpen(): boolean {
    return this.#credentials.kind === 'call';
  }

  get lastEventId(): string {
    return this.#feed?.lastEventId ?? '';
  }

  /** Reads what is there; `paymentId` and `lastEventId` are where an earlier page was. */
  async start(paymentId: string | null, lastEventId: string): Promise<void> {
    await this.#guard(() => this.#findPayment(paymentId, lastEventId));
    while (!this.#isReachable && !this.#isClosed) {
      this.#changed();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      await this.#guard(() => this.#findPayment(paymentId, lastEventId));
    }
    await this.#readCall();
    this.isReady = true;
    this.#changed();
  }

  async #findPayment(paymentId: string | null, lastEventId: string): Promise<void> {
    const { kind, id } = this.#credentials;
    if (kind === 'payment') return this.#watch(await this.#api.payment(id), lastEventId);
    this.profiles = await this.#api.profiles();
    const payments = await this.#api.paymentsOf(id);
    const left = payments.find((payment) => payment.id === paymentId);
    const open = payments.find((payment) => !hasEnded(payment) || payment.state === 'unknown');
    const payment = left ?? open;
    if (payment !== undefined) this.#watch(payment, payment === left ? lastEventId : '');
  }

  close(): void {
    this.#isClosed = true;
    globalThis.removeEventListener('offline', this.#lookAgain);
    this.#feed?.stop();
    clearTimeout(this.#callTimer);
    clearTimeout(this.#renewTimer);
  }

  async open(draft: PaymentDraft, key: string): Promise<void> {
    const profile = this.profiles.find(({ id }) => id === draft.profileId);
    if (profile === undefined) return;
    try {
      this.#watch(await this.#api.open(this.#credentials.id, profile, draft, key), '');
    } catch (error) {
      // Another screen was faster: this one shows the same payment.
      if (!(error instanceof ApiProblem) || error.code !== 'PAYMENT_OPEN' || error.paymentId === null)
        throw error;
      this.#watch(await this.#api.payment(error.paymentId), '');
    }
    await this.#readCall();
  }

  /** One of the things an agent does with the payment. */
  async act(action: (api: PanelApi, paymentId: string) => Promise<Payment>): Promise<void> {
    if (this.payment === null) return;
    this.#take(await action(this.#api, this.payment.id));
  }

  /** Lets the payment go, so that another one can be opened. */
  leave(): void {
    this.#feed?.stop();
    this.#feed = null;
    this.payment = null;
    this.#isStreaming = true;
    this.#changed();
  }

  #watch(payment: Payment, lastEventId: string): void {
    this.#feed?.stop();
    this.#take(payment);
    this.#feed = new EventFeed(
      {
        open: (after, signal) => this.#api.events(payment.id, after, signal),
        event: (event) => this.#happened(event),
        connected: (isConnected) => this.#connection(isConnected),
        refused: (problem) => this.#refused(problem),
      },
      lastEventId,
    );
  }

  #happened(event: FeedEvent): void {
    const { payment } = this;
    if (payment === null) return;
    // A new stream tells everything from the start; what the payment as read already shows is no news.
    const isOld = String(event.data['at']) < payment.updatedAt;
    if (!isOld && event.name !== 'reset') {
      this.payment = withEvent(payment, event);
      this.#observer.event(event);
    }
    this.#isStale = true;
    this.#refresh();
    if (event.name === 'masking-alarm' || event.name === 'payment-state' || event.data['length'] === 0) {
      void this.#readCall();
    }
    this.#changed();
  }

  /** Reads the payment again; what arrives meanwhile makes it read once more, so that nothing older is shown. */
  #refresh(): void {
    this.#refreshing ??= this.#readPayment().finally(() => {
      this.#refreshing = null;
    });
  }

  async #readPayment(): Promise<void> {
    while (this.#isStale && this.payment !== null && !this.#isClosed) {
      this.#isStale = false;
      const { id } = this.payment;
      await this.#guard(async () => {
        const payment = await this.#api.payment(id);
        if (!this.#isStale && this.payment?.id === id) this.#take(payment);
      });
      if (this.#isReachable) continue;
      this.#isStale = true;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  #take(payment: Payment): void {
    this.payment = payment;
    this.readAtMs = performance.now();
    this.#changed();
  }

  async #readCall(): Promise<void> {
    const id = this.#credentials.kind === 'call' ? this.#credentials.id : this.payment?.callId;
    if (id === undefined || id === null || this.#isClosed) return;
    clearTimeout(this.#callTimer);
    await this.#guard(async () => {
      this.call = await this.#api.call(id);
    });
    this.#changed();
    if (this.#isClosed || this.call?.state === 'ended') return;
    const isUrgent = this.call?.masking === 'muted' || !this.#isReachable;
    this.#callTimer = setTimeout(() => void this.#readCall(), isUrgent ? RETRY_MS : CALL_POLL_MS);
  }

  #connection(isConnected: boolean): void {
    const { payment } = this;
    // After the end the server closes the stream; only an unknown outcome is still waited for.
    if (!isConnected && payment !== null && hasEnded(payment) && payment.state !== 'unknown') {
      this.#feed?.stop();
      return;
    }
    this.#isStreaming = isConnected;
    if (isConnected) {
      this.#isStale = true;
      this.#refresh();
    }
    this.#changed();
  }

  #refused(problem: ApiProblem): void {
    if (problem.code === 'CREDENTIAL_INVALID' || problem.code === 'ACCESS_DENIED') this.hasEnded = true;
    this.#changed();
  }

  /** Runs what may fail without anyone having asked for it: a lost connection shows, a void token ends the session. */
  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#isReachable = true;
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.#isReachable = error.code !== 'OFFLINE';
      this.#refused(error);
    }
  }

  #untilRenewal(): number {
    const expiresMs = expiryOf(this.#api.token);
    if (expiresMs === null) return LONGEST_TIMER_MS;
    return Math.min(LONGEST_TIMER_MS, Math.max(0, expiresMs - Date.now() - RENEW_BEFORE_MS));
  }

  #renewLater(delayMs: number): void {
    this.#renewTimer = setTimeout(() => void this.#renew(), delayMs);
  }

  async #renew(): Promise<void> {
    try {
      await this.#api.renew();
      this.#changed();
      this.#renewLater(this.#untilRenewal());
    } catch (error) {
      // A call or payment that has ended needs no token any more.
      const isOver =
        error instanceof ApiProblem && !['OFFLINE', 'UNKNOWN', 'RATE_LIMITED'].includes(error.code);
      if (!isOver && !this.#isClosed) this.#renewLater(RENEW_RETRY_MS);
    }
  }

  #changed(): void {
    if (!this.#isClosed) this.#observer.changed();
  }
}
