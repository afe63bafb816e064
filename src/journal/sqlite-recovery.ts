import type { DatabaseSync } from 'node:sqlite';
import type { PaymentState } from '../core/payment-state.ts';
import type { ChangeLog } from './sqlite-change-log.ts';

/** How many payments a former process left unfinished, by how they were settled. */
export interface Recovered {
  readonly canceled: number;
  readonly failed: number;
  readonly unknown: number;
}

const NOT_CHARGED = 'The server stopped before the payment. Nothing was charged; key the card again.';
const MAYBE_CHARGED =
  'The server stopped during the payment. The outcome is being confirmed. Do not take the card again.';

/**
 * Settles what a process that died has left, in one transaction:
 *
 * | found                                  | becomes                                              |
 * |----------------------------------------|------------------------------------------------------|
 * | attempt that was begun, not settled    | attempt and payment `unknown`: it may have left      |
 * | `processing` without such an attempt   | `failed`: nothing left without an intent in here     |
 * | `connecting`, `capturing`, `ready`     | `canceled`: the digits died with the process         |
 */
export function recover(database: DatabaseSync, changes: ChangeLog, at: string): Recovered {
  const recovered = { unknown: 0, failed: 0, canceled: 0 };
  const settle = (to: 'unknown' | 'failed' | 'canceled', message: string | null, where: string): void => {
    const ids = database.prepare(`SELECT id FROM payment WHERE ${where} ORDER BY rowid`).all();
    const update = database.prepare(`UPDATE payment SET state = :to, updated_at = :at,
      outcome = CASE :to WHEN 'canceled' THEN NULL ELSE :to END, message = :message WHERE id = :id`);
    for (const { id } of ids) {
      update.run({ id: id as string, to, at, message });
      changes.append(id as string, 'recovery', actionOf(to), at);
    }
    recovered[to] = ids.length;
  };
  database.exec('BEGIN IMMEDIATE');
  settle(
    'unknown',
    MAYBE_CHARGED,
    `state = 'processing' AND id IN (SELECT payment_id FROM attempt WHERE state IN ('intent', 'unknown'))`,
  );
  settle('failed', NOT_CHARGED, `state = 'processing'`);
  settle('canceled', null, `state IN ('connecting', 'capturing', 'ready')`);
  database.prepare(`UPDATE attempt SET state = 'unknown', updated_at = ? WHERE state = 'intent'`).run(at);
  database.exec('COMMIT');
  return recovered;
}

function actionOf(state: PaymentState): string {
  return `payment-${state}`;
}
