import type { Deliveries, DeliveryView } from '../../src/call/views.ts';
import { AppError } from '../../src/core/errors.ts';

/** The webhooks of one payment, `pay_a`, the first of which was given up: the port as the HTTP edge sees it. */
export class FakeDeliveries implements Deliveries {
  readonly redeliveries: { readonly paymentId: string; readonly actor: string }[] = [];

  async of(paymentId: string): Promise<readonly DeliveryView[]> {
    if (paymentId !== 'pay_a') throw new AppError('PAYMENT_NOT_FOUND');
    return [
      {
        id: 'pay_a_1',
        type: 'payment.unknown',
        status: 'given-up',
        tries: 56,
        lastHttpStatus: 503,
        createdAt: '2026-11-23T10:00:00.000Z',
        nextTryAt: null,
        settledAt: '2026-11-23T22:00:00.000Z',
      },
    ];
  }

  async redeliver(paymentId: string, actor: string): Promise<readonly DeliveryView[]> {
    this.redeliveries.push({ paymentId, actor });
    return this.of(paymentId);
  }
}
