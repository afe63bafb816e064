import type { NewPayment, Payments, PaymentView } from '../../src/call/views.ts';
import type { CaptureField } from '../../src/core/capture-field.ts';
import { AppError } from '../../src/core/errors.ts';
import type { PaymentState } from '../../src/core/payment-state.ts';

const TIME = '2026-11-23T10:00:00.000Z';

interface Held {
  readonly reach: () => void;
  readonly released: Promise<void>;
}

/** Payments in memory: the port as the HTTP edge sees it, without digits. */
export class FakePayments implements Payments {
  readonly opened: {
    readonly payment: NewPayment;
    readonly apiKeyName: string;
    readonly clientKey: string | null;
  }[] = [];
  /** Thrown by every method, if set. */
  failure: Error | null = null;
  /** How often `process` was asked for. */
  processed = 0;
  #held: Held | null = null;
  readonly #payments = new Map<string, PaymentView>();

  async open(payment: NewPayment, apiKeyName: string, clientKey: string | null) {
    this.#fail();
    const repeated = this.opened.findIndex(
      (earlier) => clientKey !== null && earlier.clientKey === clientKey,
    );
    const existing = [...this.#payments.values()][repeated];
    if (existing !== undefined) return { created: false, payment: existing };
    this.opened.push({ payment, apiKeyName, clientKey });
    const view: PaymentView = {
      id: `pay_${'abcdefghjk'[this.#payments.size]}`,
      ...payment,
      method: 'guided',
      operation: 'charge',
      state: 'capturing',
      required: ['payment-card-number', 'security-code'],
      field: 'payment-card-number',
      fields: [
        {
          field: 'payment-card-number',
          state: 'collecting',
          length: 3,
          masked: '***',
          brand: 'visa',
          reason: null,
          attemptsLeft: 2,
        },
      ],
      fieldTimer: { remainingMs: 15_000, durationMs: 20_000 },
      currency: payment.currency ?? 'GBP',
      result: null,
      createdAt: TIME,
      updatedAt: TIME,
    };
    this.#payments.set(view.id, view);
    return { created: true, payment: view };
  }

  async get(id: string): Promise<PaymentView> {
    this.#fail();
    const view = this.#payments.get(id);
    if (view === undefined) throw new AppError('PAYMENT_NOT_FOUND');
    return view;
  }

  async ofCall(callId: string): Promise<readonly PaymentView[]> {
    this.#fail();
    return [...this.#payments.values()].filter((view) => view.callId === callId);
  }

  async capture(id: string, field: CaptureField): Promise<PaymentView> {
    return this.#change(id, { field });
  }

  async giveMoreTime(id: string): Promise<PaymentView> {
    return this.get(id);
  }

  async process(id: string): Promise<PaymentView> {
    this.processed += 1;
    this.#held?.reach();
    await this.#held?.released;
    return this.settle(id, 'approved');
  }

  /** Lets every `process` wait until `release`; `reached` resolves when the first one waits. */
  hold(): { readonly reached: Promise<void>; readonly release: () => void } {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    this.#held = { reach: reached.resolve, released: released.promise };
    return { reached: reached.promise, release: released.resolve };
  }

  async cancel(id: string): Promise<PaymentView> {
    return this.#change(id, { state: 'canceled', field: null });
  }

  /** Gives a payment the state that a test needs. */
  async settle(id: string, state: PaymentState): Promise<PaymentView> {
    const isOutcome =
      state === 'approved' || state === 'declined' || state === 'failed' || state === 'unknown';
    const result: PaymentView['result'] = isOutcome
      ? {
          outcome: state,
          reference: 'ch_1',
          brand: 'visa',
          last4: '1111',
          declineCode: null,
          message: 'Done.',
        }
      : null;
    return this.#change(id, { state, required: [], field: null, result });
  }

  async #change(id: string, change: Partial<PaymentView>): Promise<PaymentView> {
    const view = { ...(await this.get(id)), ...change };
    this.#payments.set(id, view);
    return view;
  }

  #fail(): void {
    if (this.failure !== null) throw this.failure;
  }
}
