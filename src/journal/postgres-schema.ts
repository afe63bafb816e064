import { JournalError } from './journal-error.ts';
import type { PostgresConnection } from './postgres-connection.ts';

/** One row: how far the tables are, and how often the journal was taken over (see postgres-owner.ts). */
const JOURNAL = `CREATE TABLE IF NOT EXISTS journal (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    epoch BIGINT NOT NULL
  );
  INSERT INTO journal VALUES (1, 0, 0) ON CONFLICT (id) DO NOTHING`;

/**
 * The steps that lead from an empty database to today's; `journal.version` counts those that were taken. A step that
 * was released is never changed.
 *
 * The tables are SQLite's (see sqlite-schema.ts), and `rowid` is a column. Times are ISO 8601 text in UTC, compared by
 * their bytes, so that both databases hold and answer the same.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE payment (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
    id TEXT PRIMARY KEY,
    method TEXT NOT NULL CHECK (method IN ('guided', 'self-service')),
    call_id TEXT NOT NULL,
    api_key_name TEXT NOT NULL,
    client_key TEXT,
    client_hash TEXT NOT NULL,
    profile_id TEXT NOT NULL,
    operation TEXT NOT NULL CHECK (operation IN ('charge', 'tokenize')),
    provider TEXT NOT NULL,
    payee TEXT,
    interaction_type TEXT,
    amount_minor BIGINT CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    reference TEXT,
    description TEXT,
    state TEXT NOT NULL CHECK (state IN ('connecting', 'capturing', 'ready', 'processing', 'approved', 'declined',
      'failed', 'unknown', 'canceled', 'expired')),
    outcome TEXT CHECK (outcome IN ('approved', 'declined', 'failed', 'unknown')),
    provider_reference TEXT,
    brand TEXT,
    last4 TEXT CHECK (length(last4) = 4),
    decline_code TEXT,
    message TEXT,
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    UNIQUE (api_key_name, client_key)
  );
  CREATE INDEX payment_of_call ON payment (call_id, rowid);
  CREATE INDEX payment_unfinished ON payment (state)
    WHERE state IN ('connecting', 'capturing', 'ready', 'processing', 'unknown');
  CREATE INDEX payment_updated ON payment (updated_at);

  CREATE TABLE link (
    payment_id TEXT PRIMARY KEY REFERENCES payment (id),
    token_hash TEXT NOT NULL UNIQUE CHECK (length(token_hash) = 64),
    sent_to TEXT,
    state TEXT NOT NULL CHECK (state IN ('created', 'sent', 'undelivered', 'delivered', 'opened', 'submitted',
      'expired')),
    expires_at TEXT COLLATE "C" NOT NULL,
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    links INTEGER NOT NULL,
    message_id TEXT
  );

  CREATE TABLE attempt (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
    idempotency_key TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payment (id),
    operation TEXT NOT NULL CHECK (operation IN ('charge', 'tokenize')),
    amount_minor BIGINT,
    currency TEXT NOT NULL,
    token TEXT,
    state TEXT NOT NULL CHECK (state IN ('intent', 'unknown', 'approved', 'declined', 'failed')),
    provider_reference TEXT,
    decline_code TEXT,
    begun_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT COLLATE "C",
    escalated_at TEXT COLLATE "C"
  );
  CREATE UNIQUE INDEX one_open ON attempt (payment_id) WHERE state IN ('intent', 'unknown', 'approved');
  CREATE INDEX attempt_of_payment ON attempt (payment_id);
  CREATE INDEX attempt_unsettled ON attempt (state) WHERE state IN ('intent', 'unknown');

  CREATE TABLE audit (
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    prev_hash BYTEA NOT NULL CHECK (length(prev_hash) = 32),
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (chain, seq)
  );
  CREATE INDEX audit_of_subject ON audit (subject);
  CREATE TABLE audit_base (
    chain TEXT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32)
  );

  CREATE TABLE outbox (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payment (id),
    state TEXT NOT NULL,
    payment TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'given-up')),
    tries INTEGER NOT NULL,
    last_http_status INTEGER,
    created_at TEXT COLLATE "C" NOT NULL,
    next_try_at TEXT COLLATE "C",
    settled_at TEXT COLLATE "C"
  );
  CREATE INDEX outbox_pending ON outbox (payment_id, seq) WHERE status = 'pending';
  CREATE INDEX outbox_of_payment ON outbox (payment_id);

  CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), count BIGINT NOT NULL);
  INSERT INTO probe VALUES (1, 0);
  `,
];

const VERSION = 'SELECT version FROM journal';

/** Brings the tables to today's, each step in a transaction. To be called by the owner alone. Throws `NEWER_VERSION`. */
export async function migratePostgres(connection: PostgresConnection): Promise<void> {
  await connection.first(JOURNAL);
  const version = Number((await connection.first(VERSION))?.['version']);
  if (version > MIGRATIONS.length) throw new JournalError('NEWER_VERSION');
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < version) continue;
    await connection.first(`BEGIN; ${step}; UPDATE journal SET version = ${index + 1}; COMMIT`);
  }
}

/** Throws `OLDER_VERSION` or `NEWER_VERSION` unless the tables are today's. */
export async function checkVersion(connection: PostgresConnection): Promise<void> {
  const exists = await connection.first(`SELECT to_regclass('journal') AS name`);
  const found = exists?.['name'] === null ? null : await connection.first(VERSION);
  const version = Number(found?.['version'] ?? 0);
  if (version > MIGRATIONS.length) throw new JournalError('NEWER_VERSION');
  if (version < MIGRATIONS.length) throw new JournalError('OLDER_VERSION');
}
