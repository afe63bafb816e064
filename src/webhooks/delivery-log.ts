import type { Deliveries, DeliveryView } from '../call/views.ts';
import { askJournal } from '../call/ask-journal.ts';
import { AppError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { Journal } from '../journal/journal.ts';
import { webhookIdOf, webhookTypeOf } from './webhook-message.ts';

export interface DeliveryLogDependencies {
  readonly journal: Pick<Journal, 'payment' | 'deliveriesOf' | 'redeliver'>;
  readonly logger: Logger;
  /** Whether there is a receiver. */
  readonly isSending: boolean;
}

/** The journal's deliveries as the API shows them. */
export class DeliveryLog implements Deliveries {
  readonly #deps: DeliveryLogDependencies;

  constructor(deps: DeliveryLogDependencies) {
    this.#deps = deps;
  }

  async of(paymentId: string): Promise<readonly DeliveryView[]> {
    const { journal, logger } = this.#deps;
    const records = await askJournal(logger, async () => {
      const payment = await journal.payment(paymentId);
      return payment === null ? null : journal.deliveriesOf(paymentId);
    });
    if (records === null) throw new AppError('PAYMENT_NOT_FOUND');
    return records.map(({ seq, state, ...record }) => ({
      id: webhookIdOf({ seq }, paymentId),
      type: webhookTypeOf(state),
      ...record,
    }));
  }

  async redeliver(paymentId: string, actor: string): Promise<readonly DeliveryView[]> {
    await this.of(paymentId);
    if (!this.#deps.isSending) throw new AppError('WEBHOOKS_OFF');
    await askJournal(this.#deps.logger, () => this.#deps.journal.redeliver(paymentId, actor));
    return this.of(paymentId);
  }
}
