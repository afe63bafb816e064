import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { SmsSender, SmsStatus } from '../core/sms.ts';
import type { SelfServicePayment } from './self-service-payment.ts';

export interface LinkMessagesDependencies {
  readonly sms: SmsSender | null;
  readonly logger: Logger;
}

/** Sends links by text message and notes what becomes of them. Neither numbers nor links are logged. */
export class LinkMessages {
  readonly #deps: LinkMessagesDependencies;
  readonly #sent = new Map<string, SelfServicePayment>();

  constructor(deps: LinkMessagesDependencies) {
    this.#deps = deps;
    deps.sms?.onStatus((messageId, status) => this.#take(messageId, status));
  }

  /** Never rejects. Without a sender nothing happens: whoever asked for the payment has the link. */
  async send(payment: SelfServicePayment, url: string): Promise<void> {
    const { sms, logger } = this.#deps;
    if (sms === null) return;
    const { tokenHash } = payment.link;
    try {
      const { messageId } = await sms.sendSms(payment.to, textOf(payment, url));
      // A newer link may have been made meanwhile, and then this message tells nothing of it.
      if (payment.link.tokenHash !== tokenHash || payment.hasEnded) return;
      this.#sent.set(messageId, payment);
      payment.messageSent(messageId);
    } catch (error) {
      logger.warn('a link was not sent', { paymentId: payment.id, ...describeError(error) });
      if (payment.link.tokenHash === tokenHash) payment.messageLost();
    }
  }

  /** After a restart: the status of what was sent before may still come. */
  resume(payment: SelfServicePayment): void {
    const { messageId } = payment.link;
    if (messageId !== null) this.#sent.set(messageId, payment);
  }

  forget(payment: SelfServicePayment): void {
    for (const [messageId, each] of this.#sent) if (each === payment) this.#sent.delete(messageId);
  }

  #take(messageId: string, status: SmsStatus): void {
    const payment = this.#sent.get(messageId);
    if (payment?.link.messageId !== messageId) return;
    switch (status) {
      case 'submitted':
        return;
      case 'delivered':
        payment.messageDelivered();
        return;
      case 'rejected':
      case 'undeliverable':
        payment.messageLost();
        return;
    }
  }
}

/** One message of 160 characters, unless the amount or the address is long. */
function textOf(payment: SelfServicePayment, url: string): string {
  const { amount, currency } = payment.view();
  const what = amount === null ? 'Save your card' : `Pay ${currency} ${amount}`;
  return `${what} securely: ${url}`;
}
