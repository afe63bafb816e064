/**
 * The journal's statements that are more than a line, or that the server and the operator's commands share. SQLite and
 * PostgreSQL read them alike: names that are not lower case are quoted, and `rowid` is the order of insertion in both.
 */

export const SETTLE_ATTEMPT = `UPDATE attempt
  SET state = :outcome, provider_reference = :providerReference, decline_code = :declineCode, updated_at = :at
  WHERE idempotency_key = :key AND state IN ('intent', 'unknown')`;

export const SET_OUTCOME = `UPDATE payment
  SET state = :outcome, outcome = :outcome, provider_reference = :providerReference, brand = :brand, last4 = :last4,
    decline_code = :declineCode, message = :message, updated_at = :at`;

/** The attempt ended without a charge, and the payment goes on with another card. */
export const OPEN_AGAIN = `UPDATE payment SET state = 'capturing', updated_at = :at
  WHERE id = :id AND state = 'processing'`;

export const BEGIN_PROCESSING = `UPDATE payment SET state = 'processing', updated_at = :at
  WHERE id = :paymentId AND state IN ('connecting', 'capturing', 'ready', 'processing')
    AND operation = :operation AND amount_minor IS NOT DISTINCT FROM :amountMinor AND currency = :currency`;

export const INSERT_ATTEMPT = `INSERT INTO attempt
  (idempotency_key, payment_id, operation, amount_minor, currency, token, state, begun_at, updated_at)
  VALUES (:idempotencyKey, :paymentId, :operation, :amountMinor, :currency, :token, 'intent', :at, :at)`;

export const UNKNOWN_ATTEMPTS = `SELECT a.idempotency_key AS "idempotencyKey", a.payment_id AS "paymentId", a.operation,
    a.amount_minor AS "amountMinor", a.currency, a.token, p.profile_id AS "profileId", p.reference, p.description,
    p.brand, p.last4, a.begun_at AS "begunAt", a.tries, a.next_try_at AS "nextTryAt", a.escalated_at AS "escalatedAt"
  FROM attempt a JOIN payment p ON p.id = a.payment_id
  WHERE a.state = 'unknown' ORDER BY a.rowid LIMIT 500`;

export const END_UNSENT = `${SET_OUTCOME}
  WHERE id = :id AND state IN ('connecting', 'capturing', 'ready', 'processing') AND NOT EXISTS
    (SELECT 1 FROM attempt WHERE payment_id = :id AND state IN ('intent', 'unknown', 'approved'))`;

export const DEFER_ATTEMPT = `UPDATE attempt
  SET tries = :tries, next_try_at = :nextTryAt, escalated_at = :escalatedAt, updated_at = :at
  WHERE idempotency_key = :key AND state = 'unknown'`;

/** So many payments or entries are forgotten in one transaction: payments of now wait for it. */
const PRUNED_MAX = 500;

/** A payment whose outcome is unknown, or that is under way, is never forgotten, however old it is. */
const OLD = `SELECT id FROM payment WHERE updated_at < :before
  AND state IN ('approved', 'declined', 'failed', 'canceled', 'expired') ORDER BY rowid LIMIT ${PRUNED_MAX}`;

/** Forgets payments that have not changed since `before`, with all that belongs to them. The last one counts them. */
export const PRUNE_PAYMENTS: readonly string[] = [
  `DELETE FROM outbox WHERE payment_id IN (${OLD})`,
  `DELETE FROM attempt WHERE payment_id IN (${OLD})`,
  `DELETE FROM link WHERE payment_id IN (${OLD})`,
  `DELETE FROM payment WHERE id IN (${OLD})`,
];

/**
 * Of the audit log the newest entry stays, and the number and hash of the last one that goes, so that the rest can
 * still be verified.
 */
export const MOVE_AUDIT_BASE = `INSERT INTO audit_base (chain, seq, hash)
    SELECT chain, seq, hash FROM audit WHERE chain = :chain AND at < :before
      AND seq < (SELECT max(seq) FROM audit WHERE chain = :chain)
      AND seq < (SELECT min(seq) + ${PRUNED_MAX} FROM audit WHERE chain = :chain) ORDER BY seq DESC LIMIT 1
    ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`;

export const PRUNE_AUDIT = `DELETE FROM audit
  WHERE chain = :chain AND seq <= (SELECT seq FROM audit_base WHERE chain = :chain)`;
