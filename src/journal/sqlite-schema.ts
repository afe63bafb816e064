import type { DatabaseSync } from 'node:sqlite';
import { JournalError } from './journal-error.ts';

/**
 * The steps that lead from an empty database to today's; `user_version` counts those that were taken. A step that
 * was released is never changed.
 *
 * No column has room for card data beyond brand and last four. `one_open` is what keeps a payment from being
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
];

/** Brings the database to today's schema, each step in a transaction. Throws `NEWER_VERSION`. */
export function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > MIGRATIONS.length) throw new JournalError('NEWER_VERSION');
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
