import type { DatabaseSync } from 'node:sqlite';

/** How many payments a former process left unfinished, by how they were settled. */
export interface Recovered {
  readonly canceled: number;
  readonly failed: number;
  readonly unknown: number;
}

/**
 * Settles what a process that died has left, in one transaction:
 *
 * | found                                  | becomes                                              |
 * |----------------------------------------|------------------------------------------------------|
 * | attempt that was begun, not settled    | attempt and payment `unknown`: it may have left      |
 * | `processing` without such an attempt   | `failed`: nothing left without an intent in here     |
 * | `connecting`, `capturing`, `ready`     | `canceled`: the digits died with the process         |
 */
export function recover(database: DatabaseSync, at: string): Recovered {
  const change = (sql: string): number => Number(database.prepare(sql).run({ at }).changes);
  database.exec('BEGIN IMMEDIATE');
  const recovered = {
    unknown: change(`UPDATE payment SET state = 'unknown', outcome = 'unknown', updated_at = :at,
      message = 'The server stopped during the payment. The charge may have gone through. '
        || 'Check with the payment provider before taking the card again.'
      WHERE state = 'processing' AND id IN (SELECT payment_id FROM attempt WHERE state IN ('intent', 'unknown'))`),
    failed: change(`UPDATE payment SET state = 'failed', outcome = 'failed', updated_at = :at,
      message = 'The server stopped before the payment. Nothing was charged; key the card again.'
      WHERE state = 'processing'`),
    canceled: change(`UPDATE payment SET state = 'canceled', updated_at = :at
      WHERE state IN ('connecting', 'capturing', 'ready')`),
  };
  change(`UPDATE attempt SET state = 'unknown', updated_at = :at WHERE state = 'intent'`);
  database.exec('COMMIT');
  return recovered;
}
