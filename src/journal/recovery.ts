import type { TellChange } from './change-log.ts';
import { change, rows } from './work.ts';
import type { Work } from './work.ts';

/** How many payments a former process left unfinished, by how they were settled. */
export interface Recovered {
  readonly canceled: number;
  readonly failed: number;
  readonly unknown: number;
}

export const NOTHING_RECOVERED: Recovered = { canceled: 0, failed: 0, unknown: 0 };

const NOT_CHARGED = 'The server stopped before the payment. Nothing was charged; key the card again.';
const MAYBE_CHARGED =
  'The server stopped during the payment. The outcome is being confirmed. Do not take the card again.';

const SETTLE = `UPDATE payment SET state = :to, updated_at = :at, outcome = :outcome, message = :message
  WHERE id = :id`;

/**
 * Settles what a process that died has left, in one transaction:
 *
 * | found                                  | becomes                                              |
 * |----------------------------------------|------------------------------------------------------|
 * | attempt that was begun, not settled    | attempt and payment `unknown`: it may have left      |
 * | `processing` without such an attempt   | `failed`: nothing left without an intent in here     |
 * | `connecting`, `capturing`, `ready`     | `canceled`: the digits died with the process         |
 * | the same, self-service                 | stays: the payer has a link, and types the card anew |
 */
export function* recover(tell: TellChange, at: string): Work<Recovered> {
  function* settle(to: keyof Recovered, message: string | null, where: string): Work<number> {
    const found = yield* rows(`SELECT id FROM payment WHERE ${where} ORDER BY rowid`);
    for (const { id } of found) {
      const paymentId = String(id);
      const outcome = to === 'canceled' ? null : to;
      yield* change(SETTLE, { id: paymentId, to, outcome, at, message });
      yield* tell({ paymentId, actor: 'recovery', action: `payment-${to}`, at });
    }
    return found.length;
  }
  const unknown = yield* settle(
    'unknown',
    MAYBE_CHARGED,
    `state = 'processing' AND id IN (SELECT payment_id FROM attempt WHERE state IN ('intent', 'unknown'))`,
  );
  const failed = yield* settle('failed', NOT_CHARGED, `state = 'processing'`);
  const canceled = yield* settle(
    'canceled',
    null,
    `method = 'guided' AND state IN ('connecting', 'capturing', 'ready')`,
  );
  yield* change(`UPDATE attempt SET state = 'unknown', updated_at = :at WHERE state = 'intent'`, { at });
  return { unknown, failed, canceled };
}
