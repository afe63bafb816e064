import type { CallRegistry } from '../call/call-registry.ts';
import type { PaymentService } from '../call/payment-service.ts';
import type { LinkedView, NewPayment, OpenedPayment, Payments, PaymentView } from '../call/views.ts';
import type { CaptureField } from '../core/capture-field.ts';
import { AppError } from '../core/errors.ts';
import type { PaymentProfile } from '../core/payment-profile.ts';
import type { OutcomeRecord } from '../journal/journal.ts';
import type { SelfServicePayments } from './self-service-payments.ts';

export interface AllPaymentsDependencies {
  readonly guided: PaymentService;
  readonly selfService: SelfServicePayments;
  readonly calls: Pick<CallRegistry, 'openCall'>;
  readonly profiles: ReadonlyMap<string, PaymentProfile>;
}

/** Payments of both methods behind one port. A call has at most one open payment, of whichever method. */
export class AllPayments implements Payments {
  readonly #deps: AllPaymentsDependencies;

  constructor(deps: AllPaymentsDependencies) {
    this.#deps = deps;
  }

  async open(asked: NewPayment, apiKeyName: string, clientKey: string | null): Promise<OpenedPayment> {
    const { guided, selfService, profiles } = this.#deps;
    const profile = profiles.get(asked.profileId);
    if (profile?.method === 'self-service') {
      if (asked.currency !== null && asked.currency !== profile.currency) {
        throw new AppError('CURRENCY_MISMATCH', { detail: `The payment profile takes ${profile.currency}.` });
      }
      return selfService.open(asked, profile, apiKeyName, clientKey, (callId) => this.#refuseBusy(callId));
    }
    const { callId } = asked;
    if (callId === null) {
      throw new AppError('REQUEST_INVALID', { detail: 'A guided payment needs `callId`.' });
    }
    if (asked.to !== undefined) {
      throw new AppError('REQUEST_INVALID', { detail: '`to` is for self-service payments.' });
    }
    const opened = await guided.open({ ...asked, callId }, apiKeyName, clientKey);
    return { ...opened, payUrl: null };
  }

  async get(id: string): Promise<PaymentView> {
    const { guided, selfService } = this.#deps;
    return selfService.live(id)?.paymentView() ?? guided.get(id);
  }

  async ofCall(callId: string): Promise<readonly PaymentView[]> {
    const { guided, selfService } = this.#deps;
    const views = await guided.ofCall(callId);
    return views.map((view) => selfService.live(view.id)?.paymentView() ?? view);
  }

  async capture(id: string, field: CaptureField): Promise<PaymentView> {
    this.#refuseSelfService(id);
    return this.#deps.guided.capture(id, field);
  }

  async process(id: string, actor: string): Promise<PaymentView> {
    this.#refuseSelfService(id);
    return this.#deps.guided.process(id, actor);
  }

  async giveMoreTime(id: string): Promise<PaymentView> {
    this.#refuseSelfService(id);
    return this.#deps.guided.giveMoreTime(id);
  }

  async cancel(id: string, actor: string): Promise<PaymentView> {
    const { guided, selfService } = this.#deps;
    const payment = selfService.live(id);
    if (payment === null) return guided.cancel(id, actor);
    selfService.cancel(payment, actor);
    return payment.paymentView();
  }

  async resend(id: string, actor: string): Promise<LinkedView> {
    const { selfService } = this.#deps;
    const payment = selfService.live(id);
    if (payment !== null) return selfService.resend(payment, actor);
    const { method, state } = await this.get(id);
    if (method === 'self-service') throw new AppError('PAYMENT_ENDED', { paymentId: id, state });
    throw new AppError('METHOD_NOT_SUPPORTED');
  }

  outcomeSettled(id: string, outcome: OutcomeRecord): void {
    const { guided, selfService } = this.#deps;
    // Of what is not in memory the guided service tells, whatever its method.
    if (!selfService.outcomeSettled(id, outcome)) guided.outcomeSettled(id, outcome);
  }

  async settled(): Promise<void> {
    await Promise.all([this.#deps.guided.settled(), this.#deps.selfService.settled()]);
  }

  async endsStored(): Promise<void> {
    await Promise.all([this.#deps.guided.endsStored(), this.#deps.selfService.stored()]);
  }

  /** Throws unless the call is open and free. */
  #refuseBusy(callId: string): void {
    const { calls, selfService } = this.#deps;
    refuseOpen(calls.openCall(callId).payment);
    refuseOpen(selfService.openOnCall(callId));
  }

  #refuseSelfService(id: string): void {
    if (this.#deps.selfService.live(id) !== null) throw new AppError('METHOD_NOT_SUPPORTED');
  }
}

interface MaybeOpen {
  readonly id: string;
  readonly state: PaymentView['state'];
  readonly hasEnded: boolean;
}

function refuseOpen(payment: MaybeOpen | null): void {
  if (payment === null || payment.hasEnded) return;
  throw new AppError('PAYMENT_OPEN', { paymentId: payment.id, state: payment.state });
}
