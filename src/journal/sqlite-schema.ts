import type { DatabaseSync } from 'node:sqlite';
import { JournalError } from './journal-error.ts';

/**
 * The steps that lead from an empty database to today's; `user_version` counts those that were taken. A step that
 * was released is never changed.
 *
 * No column has room for card data beyond brand and last four; `token` is what a provider gave for a card. `one_open` is what keeps a payment from being
 * charged twice: the database refuses a second attempt while one is open or approved, whatever the code does.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE payment (
    id TEXT PRIMARY KEY,
    call_id TEXT NOT NULL,
    api_key_name TEXT NOT NULL,
    client_key TEXT,
    client_hash TEXT NOT NULL,
    profile_id TEXT NOT NULL,
    operation TEXT NOT NULL CHECK (operation IN ('charge', 'tokenize')),
    provider TEXT NOT NULL,
    payee TEXT,
    interaction_type TEXT,
    amount_minor INTEGER CHECK (amount_minor > 0),
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
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (api_key_name, client_key)
  ) STRICT;
  CREATE INDEX payment_of_call ON payment (call_id);
  CREATE INDEX payment_unfinished ON payment (state) WHERE state IN ('connecting', 'capturing', 'ready', 'processing');

  CREATE TABLE attempt (
    idempotency_key TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payment (id),
    operation TEXT NOT NULL CHECK (operation IN ('charge', 'tokenize')),
    amount_minor INTEGER,
    currency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('intent', 'unknown', 'approved', 'declined', 'failed')),
    provider_reference TEXT,
    decline_code TEXT,
    begun_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX one_open ON attempt (payment_id) WHERE state IN ('intent', 'unknown', 'approved');

  CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT NULL) STRICT;
  INSERT INTO probe VALUES (1, 0);
  `,
  `
  ALTER TABLE attempt ADD COLUMN token TEXT;
  ALTER TABLE attempt ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE attempt ADD COLUMN next_try_at TEXT;
  ALTER TABLE attempt ADD COLUMN escalated_at TEXT;
  CREATE INDEX attempt_unsettled ON attempt (state) WHERE state IN ('intent', 'unknown');

  CREATE TABLE audit (
    chain TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (chain, seq)
  ) STRICT;
  CREATE INDEX audit_of_subject ON audit (subject);
  CREATE TABLE audit_base (
    chain TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
  ) STRICT;

  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    payment_id TEXT NOT NULL REFERENCES payment (id),
    state TEXT NOT NULL,
    payment TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'given-up')),
    tries INTEGER NOT NULL,
    last_http_status INTEGER,
    created_at TEXT NOT NULL,
    next_try_at TEXT,
    settled_at TEXT
  ) STRICT;
  CREATE INDEX outbox_pending ON outbox (payment_id, seq) WHERE status = 'pending';
  CREATE INDEX outbox_of_payment ON outbox (payment_id);
  `,
];

/** What `user_version` is when the database is up to date. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings the database to today's schema, each step in a transaction. Throws `NEWER_VERSION`. */
export function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > MIGRATIONS.length) throw new JournalError('NEWER_VERSION');
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
