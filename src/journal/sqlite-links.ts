import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { LinkRecord } from './journal.ts';

const SELECT_LINK = `SELECT payment_id AS paymentId, token_hash AS tokenHash, sent_to AS "to", link.state,
    expires_at AS expiresAt, tries_left AS triesLeft, links, message_id AS messageId FROM link`;

const SAVE_LINK = `INSERT INTO link
    (payment_id, token_hash, sent_to, state, expires_at, tries_left, links, message_id)
  VALUES (:paymentId, :tokenHash, :to, :state, :expiresAt, :triesLeft, :links, :messageId)
  ON CONFLICT (payment_id) DO UPDATE SET token_hash = :tokenHash, sent_to = :to, state = :state,
    expires_at = :expiresAt, tries_left = :triesLeft, links = :links, message_id = :messageId`;

/** The links of self-service payments. */
export class SqliteLinks {
  readonly #save: StatementSync;
  readonly #byToken: StatementSync;
  readonly #waiting: StatementSync;

  constructor(database: DatabaseSync) {
    this.#save = database.prepare(SAVE_LINK);
    this.#byToken = database.prepare(`${SELECT_LINK} WHERE token_hash = ?`);
    this.#waiting = database.prepare(`${SELECT_LINK} JOIN payment ON payment.id = link.payment_id
      WHERE payment.state IN ('connecting', 'capturing', 'ready') ORDER BY payment.rowid`);
  }

  save(link: LinkRecord): void {
    this.#save.run({ ...link });
  }

  byToken(tokenHash: string): LinkRecord | null {
    return (this.#byToken.get(tokenHash) as unknown as LinkRecord | undefined) ?? null;
  }

  waiting(): readonly LinkRecord[] {
    return this.#waiting.all() as unknown as readonly LinkRecord[];
  }
}
