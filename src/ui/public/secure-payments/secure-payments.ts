import { LitElement } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { announcementOf } from './announcement.ts';
import { messagesFor } from './messages/messages.ts';
import { ApiProblem } from './panel-api.ts';
import { forget, recall, remember } from './panel-memory.ts';
import { PanelSession } from './panel-session.ts';
import { hasEnded } from './payment-changes.ts';
import { EMPTY_DRAFT, wrongPartsOf } from './payment-draft.ts';
import { styles } from './styles.ts';
import type { Credentials, FeedEvent, PaymentDraft } from './types.ts';
import { panelView } from './views/panel-view.ts';
import type { PanelActions, PanelView } from './views/view-model.ts';

/** The server that this script came from is the one that the panel talks to. */
const SERVER = new URL(import.meta.url).origin;
const TICK_MS = 250;

/**
 * `<secure-payments>`: the agent's panel for card payments, for any page. See docs/embedding.md.
 *
 * Attributes: `call` or `payment` with `token`; `payee`, `interaction-type`, `amount`, `reference`, `phone` to fill
 * the form; `lang`; `theme` (`light`, `dark`; else as the system has it); `remember` to survive a reload of the page.
 * The token's attribute is removed as soon as it was read. Event: `secure-payments-event` with `name` and `data` of
 * each event of the payment.
 */
export class SecurePayments extends LitElement {
  static override styles = styles;
  static override properties = {
    call: {},
    payment: {},
    token: {},
    payee: {},
    interactionType: { attribute: 'interaction-type' },
    amount: {},
    reference: {},
    phone: {},
    lang: {},
    theme: { reflect: true },
    remember: { type: Boolean },
  };

  declare call: string | null;
  declare payment: string | null;
  declare token: string | null;
  declare payee: string | null;
  declare interactionType: string | null;
  declare amount: string | null;
  declare reference: string | null;
  declare phone: string | null;
  declare theme: string | null;
  declare remember: boolean;

  #session: PanelSession | null = null;
  #draft = EMPTY_DRAFT;
  #wrong = new Set<keyof PaymentDraft>();
  #idempotencyKey = '';
  #isBusy = false;
  #isAskingToCancel = false;
  #problem: string | null = null;
  #announcement = '';
  #shownStage = '';
  /** Before the update, which may take away what had it. */
  #hadFocus = false;
  #ticker = 0;

  readonly #actions: PanelActions = {
    change: (change) => this.#change(change),
    proceed: () => void this.#proceed(),
    capture: (field) => void this.#do((session) => session.act((api, id) => api.capture(id, field))),
    moreTime: () => void this.#do((session) => session.act((api, id) => api.act(id, 'more-time'))),
    process: () => void this.#do((session) => session.act((api, id) => api.act(id, 'process'))),
    askToCancel: (isAsking) => this.#askToCancel(isAsking),
    cancel: () => void this.#do((session) => session.act((api, id) => api.act(id, 'cancel'))),
    another: () => this.#another(),
  };

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('keydown', this.#keyDown);
    this.#ticker = setInterval(() => {
      if (this.#session?.payment?.fieldTimer != null) this.requestUpdate();
    }, TICK_MS);
    if (this.token === null || this.token === undefined) this.#resume();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener('keydown', this.#keyDown);
    clearInterval(this.#ticker);
    this.#session?.close();
    this.#session = null;
  }

  override willUpdate(changed: PropertyValues): void {
    const { call, payment, token } = this;
    if (changed.has('token') && token) {
      this.token = null;
      this.removeAttribute('token');
      if (call) this.#start({ kind: 'call', id: call, token }, payment);
      else if (payment) this.#start({ kind: 'payment', id: payment, token }, payment);
    }
    this.#prefill(changed);
    this.#hadFocus = this.matches(':focus-within');
  }

  override render(): TemplateResult {
    return panelView(this.#view(), this.#actions);
  }

  /** A new stage (form, payment, outcome) takes the focus, so that keyboard and screen reader go along. */
  override updated(): void {
    const { phase, payment } = this.#view();
    const stage = payment === null ? phase : hasEnded(payment) ? 'outcome' : 'payment';
    if (stage === this.#shownStage) return;
    const wasShown = this.#shownStage !== '' && this.#shownStage !== 'loading';
    this.#shownStage = stage;
    if (!this.#hadFocus || !wasShown) return;
    const target = stage === 'outcome' ? '.outcome h3' : stage === 'form' ? 'input' : '#title';
    this.renderRoot.querySelector<HTMLElement>(target)?.focus();
  }

  #start(credentials: Credentials, paymentId: string | null, lastEventId = ''): void {
    this.#session?.close();
    this.#session = new PanelSession(SERVER, credentials, {
      changed: () => this.#changed(),
      event: (event) => this.#happened(event),
    });
    void this.#session.start(paymentId, lastEventId);
  }

  #resume(): void {
    const place = this.remember ? recall() : null;
    if (place !== null) this.#start(place.credentials, place.paymentId, place.lastEventId);
  }

  #changed(): void {
    const session = this.#session;
    if (session !== null && this.remember) {
      if (session.hasEnded) forget();
      else {
        const { credentials, payment, lastEventId } = session;
        remember({ credentials, paymentId: payment?.id ?? null, lastEventId });
      }
    }
    if (this.#draft.profileId === '' && session?.profiles[0] !== undefined) {
      this.#draft = { ...this.#draft, profileId: session.profiles[0].id };
    }
    this.requestUpdate();
  }

  #happened(event: FeedEvent): void {
    const announcement = announcementOf(event, this.#texts().texts);
    if (announcement !== null) this.#announcement = announcement;
    const { name, data } = event;
    this.dispatchEvent(
      new CustomEvent('secure-payments-event', { detail: { name, data }, bubbles: true, composed: true }),
    );
  }

  #prefill(changed: PropertyValues): void {
    const values = {
      payee: this.payee,
      interactionType: this.interactionType,
      amount: this.amount,
      reference: this.reference,
      to: this.phone,
    };
    const property = (name: string): string => (name === 'to' ? 'phone' : name);
    for (const [name, value] of Object.entries(values)) {
      if (changed.has(property(name)) && value) this.#draft = { ...this.#draft, [name]: value };
    }
  }

  #change(change: Partial<PaymentDraft>): void {
    this.#draft = { ...this.#draft, ...change };
    for (const name of Object.keys(change)) this.#wrong.delete(name as keyof PaymentDraft);
    // Another draft is another payment; only the same one may be repeated under the same key.
    this.#idempotencyKey = '';
    this.requestUpdate();
  }

  async #proceed(): Promise<void> {
    const profile = this.#session?.profiles.find(({ id }) => id === this.#draft.profileId);
    if (profile === undefined || this.#isBusy) return;
    this.#wrong = new Set(wrongPartsOf(this.#draft, profile));
    const [first] = this.#wrong;
    if (first !== undefined) {
      this.requestUpdate();
      await this.updateComplete;
      this.renderRoot.querySelector<HTMLElement>(`[name=${first}]`)?.focus();
      return;
    }
    if (this.#idempotencyKey === '') this.#idempotencyKey = crypto.randomUUID();
    await this.#do((session) => session.open(this.#draft, this.#idempotencyKey));
  }

  async #do(work: (session: PanelSession) => Promise<void>): Promise<void> {
    const session = this.#session;
    if (session === null || this.#isBusy) return;
    this.#isBusy = true;
    this.#problem = null;
    this.requestUpdate();
    try {
      await work(session);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.#problem = error.message;
    } finally {
      this.#isBusy = false;
      this.#isAskingToCancel = false;
      this.requestUpdate();
    }
  }

  async #askToCancel(isAsking: boolean): Promise<void> {
    this.#isAskingToCancel = isAsking;
    this.requestUpdate();
    await this.updateComplete;
    const action = isAsking ? 'cancel-no' : 'cancel';
    this.renderRoot.querySelector<HTMLElement>(`[data-action=${action}]`)?.focus();
  }

  #another(): void {
    const { profileId, payee, interactionType } = this.#draft;
    this.#draft = { ...EMPTY_DRAFT, profileId, payee, interactionType };
    this.#idempotencyKey = '';
    this.#problem = null;
    this.#announcement = '';
    this.#session?.leave();
  }

  readonly #keyDown = (event: KeyboardEvent): void => {
    const payment = this.#session?.payment ?? null;
    if (event.key === 'Escape' && this.#isAskingToCancel) void this.#askToCancel(false);
    else if (event.altKey && event.key === 'Enter') {
      if (payment === null) this.#actions.proceed();
      else if (payment.state === 'ready') this.#actions.process();
    } else if (event.altKey && event.code === 'KeyM' && payment?.fieldTimer != null) this.#actions.moreTime();
    else return;
    event.preventDefault();
  };

  #texts(): ReturnType<typeof messagesFor> {
    return messagesFor([this.lang, document.documentElement.lang, ...navigator.languages].filter(Boolean));
  }

  #view(): PanelView {
    const session = this.#session;
    const { language, texts } = this.#texts();
    return {
      texts,
      language,
      phase: phaseOf(session),
      profiles: session?.profiles ?? [],
      draft: this.#draft,
      wrong: this.#wrong,
      payment: session?.payment ?? null,
      call: session?.call ?? null,
      masking: session?.call?.masking ?? 'unknown',
      timer: timerOf(session),
      isConnected: session?.isConnected ?? true,
      isBusy: this.#isBusy,
      isAskingToCancel: this.#isAskingToCancel,
      canOpen: session?.canOpen ?? false,
      problem: this.#problem,
      announcement: this.#announcement,
    };
  }
}

function phaseOf(session: PanelSession | null): PanelView['phase'] {
  if (session === null) return 'no-credentials';
  if (session.hasEnded) return 'session-ended';
  if (session.payment !== null) return 'payment';
  return session.isReady ? 'form' : 'loading';
}

function timerOf(session: PanelSession | null): PanelView['timer'] {
  const timer = session?.payment?.fieldTimer ?? null;
  if (session === null || timer === null) return null;
  const { remainingMs, durationMs } = timer;
  return { remainingMs: Math.max(0, remainingMs - (performance.now() - session.readAtMs)), durationMs };
}

customElements.define('secure-payments', SecurePayments);
