import type { LinkedPayment, LinkRecord } from './journal.ts';
import { paymentById } from './payment-reads.ts';
import { change, row, rows } from './work.ts';
import type { Work } from './work.ts';

const SELECT_LINK = `SELECT payment_id AS "paymentId", token_hash AS "tokenHash", sent_to AS "to", link.state,
    expires_at AS "expiresAt", tries_left AS "triesLeft", links, message_id AS "messageId" FROM link`;

const SAVE_LINK = `INSERT INTO link
    (payment_id, token_hash, sent_to, state, expires_at, tries_left, links, message_id)
  VALUES (:paymentId, :tokenHash, :to, :state, :expiresAt, :triesLeft, :links, :messageId)
  ON CONFLICT (payment_id) DO UPDATE SET token_hash = :tokenHash, sent_to = :to, state = :state,
    expires_at = :expiresAt, tries_left = :triesLeft, links = :links, message_id = :messageId`;

const WAITING = `${SELECT_LINK} JOIN payment ON payment.id = link.payment_id
  WHERE payment.state IN ('connecting', 'capturing', 'ready') ORDER BY payment.rowid`;

/** Stores the link of a self-service payment, or replaces it. */
export function* saveLink(link: LinkRecord): Work<void> {
  yield* change(SAVE_LINK, { ...link });
}

export function* linkedPayment(tokenHash: string): Work<LinkedPayment | null> {
  const link = yield* row(`${SELECT_LINK} WHERE token_hash = :tokenHash`, { tokenHash });
  return link === null ? null : yield* withPayment(link as unknown as LinkRecord);
}

export function* waitingLinks(): Work<readonly LinkedPayment[]> {
  const found: LinkedPayment[] = [];
  for (const link of (yield* rows(WAITING)) as unknown as readonly LinkRecord[]) {
    const linked = yield* withPayment(link);
    if (linked !== null) found.push(linked);
  }
  return found;
}

function* withPayment(link: LinkRecord): Work<LinkedPayment | null> {
  const payment = yield* paymentById(link.paymentId);
  return payment === null ? null : { payment, link };
}
