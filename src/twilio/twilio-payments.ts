import { createHmac } from 'node:crypto';
import type { Calls, Payments, PaymentView } from '../call/views.ts';
import { entryOf } from '../core/capture-field.ts';
import type { CaptureField } from '../core/capture-field.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import type { PaymentProfile } from '../core/payment-profile.ts';
import { isEnded } from '../core/payment-state.ts';
import type { Random } from '../core/random.ts';
import type { TwilioAccount } from '../core/twilio-account.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { PostForm } from './callback-client.ts';
import { rfc2822 } from './callback-parameters.ts';
import { CallbackQueue } from './callback-queue.ts';
import { parseCallbackUrl } from './callback-url.ts';
import { readCreateRequest } from './create-request.ts';
import type { CreateRequest } from './create-request.ts';
import { paymentSid } from './payment-sid.ts';
import { Session } from './session.ts';
import { toTwilioError, TwilioError } from './twilio-error.ts';
import { readUpdateRequest } from './update-request.ts';
import type { UpdateRequest } from './update-request.ts';

export interface TwilioPaymentsDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Logger;
  readonly calls: Pick<Calls, 'get'>;
  readonly payments: Payments;
  readonly events: EventHub;
  readonly profiles: readonly PaymentProfile[];
  readonly post: PostForm;
}

/** A payment as Twilio's clients read it. */
export interface PaymentResource {
  readonly account_sid: string;
  readonly call_sid: string;
  /** RFC 2822. */
  readonly date_created: string;
  readonly date_updated: string;
  readonly sid: string;
  readonly uri: string;
}

/**
 * Twilio's Payments API (https://www.twilio.com/docs/voice/api/payment-resource) on our payments. What it must
 * remember of a payment lives as long as the payment's events. Every method rejects with `TwilioError` alone.
 */
export class TwilioPayments {
  readonly account: TwilioAccount;
  readonly #deps: TwilioPaymentsDeps;
  readonly #sessions = new Map<string, Session>();

  constructor(account: TwilioAccount, deps: TwilioPaymentsDeps) {
    this.account = account;
    this.#deps = deps;
  }

  /** Opens a payment on a call; a repeat under the same `IdempotencyKey` gets the first one. */
  async create(callSid: string, form: URLSearchParams): Promise<PaymentResource> {
    const request = readCreateRequest(form, callSid, this.#deps.profiles);
    const url = parseCallbackUrl(request.statusCallback, this.account.callbackBase);
    const { payment } = await this.#ask(() =>
      this.#deps.payments.open(request.payment, this.#owner(), this.#keyed(request.idempotencyKey)),
    );
    const sid = paymentSid(payment.id);
    if (!this.#sessions.has(sid) && !isEnded(payment.state)) this.#begin(payment, sid, request, url);
    return this.#resource(payment.callId, sid, payment.createdAt, payment.createdAt);
  }

  /** Captures a field, or completes or cancels the payment. */
  async update(callSid: string, sid: string, form: URLSearchParams): Promise<PaymentResource> {
    const session = this.#sessions.get(sid);
    if (session === undefined || session.identity.callSid !== callSid) {
      throw new TwilioError(20404, 'There is no such payment on this call.');
    }
    const request = readUpdateRequest(form);
    const url = parseCallbackUrl(request.statusCallback, this.account.callbackBase);
    const { action, idempotencyKey } = request;
    const key = JSON.stringify([idempotencyKey, url.href, action]);
    await session.once(key, () => this.#ask(() => this.#act(session, action, url)));
    const view = await this.#ask(() => this.#deps.payments.get(session.paymentId));
    return this.#resource(view.callId, sid, view.createdAt, view.updatedAt);
  }

  /** Resolves when no callback waits any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.settled()));
  }

  #begin(payment: PaymentView, sid: string, { labels }: CreateRequest, url: URL): void {
    const { calls, clock, events } = this.#deps;
    const identity = {
      accountSid: this.account.accountSid,
      callSid: payment.callId,
      sid,
      createdAt: payment.createdAt,
      labels,
    };
    const session = new Session(payment.id, identity, url, {
      clock,
      queue: new CallbackQueue({ ...this.#deps, authToken: this.account.authToken }, payment.id),
      hasCallEnded: () => hasEnded(calls, payment.callId),
      onForgotten: () => this.#sessions.delete(sid),
    });
    this.#sessions.set(sid, session);
    events.subscribe(payment.id, 0, session);
  }

  async #act(session: Session, action: UpdateRequest['action'], url: URL): Promise<void> {
    const { payments } = this.#deps;
    switch (action.type) {
      case 'capture':
        return this.#capture(session, action.field, url);
      case 'cancel':
        await payments.cancel(session.paymentId, this.#owner());
        session.endRequested('cancel', url);
        return;
      case 'complete':
        return this.#complete(session, url);
    }
  }

  async #capture(session: Session, field: CaptureField, url: URL): Promise<void> {
    const { payments } = this.#deps;
    const { required, fields, state } = await payments.get(session.paymentId);
    const isOpen = !isEnded(state) && state !== 'processing';
    const isAsked = fields.some((each) => each.field === field);
    const entry = entryOf(field);
    if (isOpen && isAsked && field === 'security-code' && required.includes('payment-card-number')) {
      session.captureRefused(field, 'invalid-card-number-security-code-capture-sequence', url);
    } else if (isOpen && isAsked && entry !== null && required.includes(entry)) {
      session.captureRefused(field, 'input-matching-failed', url);
    } else {
      const view = await payments.capture(session.paymentId, field);
      session.captureRequested(field, view.required, url);
    }
  }

  /** Answers as soon as the payment is being processed; the outcome comes by callback. */
  async #complete(session: Session, url: URL): Promise<void> {
    const { payments, logger } = this.#deps;
    const { paymentId } = session;
    const { state, required } = await payments.get(paymentId);
    if (state === 'processing') throw new AppError('PAYMENT_PROCESSING');
    if (isEnded(state)) throw new AppError('PAYMENT_ENDED');
    if (state !== 'ready') throw new AppError('PAYMENT_NOT_READY', { missing: required });
    session.endRequested('complete', url);
    payments.process(paymentId, this.#owner()).catch((error: unknown) => {
      logger.error('a payment was not processed', { paymentId, ...describeError(error) });
    });
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      if (error instanceof AppError) throw toTwilioError(error);
      throw error;
    }
  }

  /** For the audit log, and for idempotency keys: the names of the REST API's keys have no colon. */
  #owner(): string {
    return `twilio:${this.account.accountSid}`;
  }

  /** Clients put anything into the key, times and numbers too, so the journal gets a digest. */
  #keyed(idempotencyKey: string): string {
    return createHmac('sha256', this.account.authToken).update(idempotencyKey).digest('base64url');
  }

  #resource(callSid: string, sid: string, createdAt: string, updatedAt: string): PaymentResource {
    const { accountSid } = this.account;
    return {
      account_sid: accountSid,
      call_sid: callSid,
      date_created: rfc2822(createdAt),
      date_updated: rfc2822(updatedAt),
      sid,
      uri: `/2010-04-01/Accounts/${accountSid}/Calls/${callSid}/Payments/${sid}.json`,
    };
  }
}

/** A call that nobody remembers has ended long ago. */
function hasEnded(calls: Pick<Calls, 'get'>, callId: string): boolean {
  try {
    return calls.get(callId).state === 'ended';
  } catch {
    return true;
  }
}
