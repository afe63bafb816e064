import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebhookBench } from '../support/webhook-bench.ts';
import type { ReceiverAct } from '../support/webhook-bench.ts';

/**
 * Goal: whatever a receiver, the disk and the process do, the messages of a payment arrive in their order, every one at
 * least once, and what is called delivered was taken. Method: random faults, stops and kills on a fake clock; a message
 * counts as arrived when the receiver sees it, even if its answer is lost.
 */
type Step =
  | { readonly kind: 'open'; readonly payment: number }
  | {
      readonly kind: 'settle';
      readonly payment: number;
      readonly outcome: 'unknown' | 'approved' | 'declined';
    }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'restart'; readonly how: 'stop' | 'kill' }
  | { readonly kind: 'disk-full'; readonly updates: number };

const payment = fc.integer({ min: 0, max: 3 });
const delayMs = fc.integer({ min: 0, max: 20_000 });

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('open' as const), payment }),
    fc.record({
      kind: fc.constant('settle' as const),
      payment,
      outcome: fc.constantFrom('unknown' as const, 'approved' as const, 'declined' as const),
    }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 60_000 }) }),
    fc.record({
      kind: fc.constant('restart' as const),
      how: fc.constantFrom('stop' as const, 'kill' as const),
    }),
    fc.record({ kind: fc.constant('disk-full' as const), updates: fc.integer({ min: 1, max: 3 }) }),
  ),
  { minLength: 5, maxLength: 30, size: 'max' },
);

const acts: fc.Arbitrary<ReceiverAct[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('answer' as const),
      status: fc.constantFrom(200, 204, 301, 400, 429, 500),
      delayMs,
    }),
    fc.record({ kind: fc.constant('lost' as const), delayMs }),
    fc.constant({ kind: 'stall' as const }),
  ),
  { maxLength: 30 },
);

async function take(bench: WebhookBench, step: Step): Promise<void> {
  switch (step.kind) {
    case 'open': {
      const id = `pay_${step.payment}`;
      if (bench.store.payment(id) === null) bench.openPayment(id);
      return;
    }
    case 'settle': {
      const id = `pay_${step.payment}`;
      const state = bench.store.payment(id)?.state;
      if (state === 'processing' || (state === 'unknown' && step.outcome !== 'unknown')) {
        bench.settle(id, step.outcome);
      }
      return;
    }
    case 'pass':
      return bench.pass(step.ms);
    case 'restart':
      return bench.restart(step.how);
    case 'disk-full':
      bench.updatesToFail += step.updates;
  }
}

const seqOf = (webhookId: string): number => Number(webhookId.split('_').at(-1));

describe('webhooks under random failures', () => {
  it('arrive in the order of their payment, each at least once', async () => {
    await fc.assert(
      fc.asyncProperty(steps, acts, async (script, receiver) => {
        const bench = new WebhookBench();
        try {
          bench.acts.push(...receiver);
          for (const step of script) await take(bench, step);
          // The receiver is well from here on: whatever waits is due after the longest pause at most.
          bench.acts.length = 0;
          await bench.skip(2 * 1_125_000, 10_000);
          const ids = ['pay_0', 'pay_1', 'pay_2', 'pay_3'];
          const deliveries = ids.flatMap((id) => bench.store.deliveriesOf(id));
          expect(deliveries.map(({ status }) => status)).toEqual(deliveries.map(() => 'delivered'));
          for (const id of ids) {
            const written = bench.store.deliveriesOf(id).map(({ seq }) => seq);
            const arrived = bench.arrivals
              .map((arrival) => arrival.id)
              .filter((webhookId) => webhookId.startsWith(`${id}_`))
              .map(seqOf);
            expect(arrived).toEqual(arrived.toSorted((a, b) => a - b));
            expect([...new Set(arrived)]).toEqual(written);
          }
        } finally {
          await bench.dispose();
        }
      }),
      { numRuns: 40 },
    );
  });
});
