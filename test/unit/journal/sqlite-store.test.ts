import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../../src/journal/sqlite-store.ts';
import type { SqliteStore } from '../../../src/journal/sqlite-store.ts';
import { attemptIntent, paymentRecord } from '../../support/payment-record.ts';

const AT = '2026-11-02T12:00:01.000Z';
const LATER = '2026-11-02T12:00:02.000Z';

let folder: string;
let path: string;
let stores: SqliteStore[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonewall-store-'));
  path = join(folder, 'data', 'journal.db');
  stores = [];
});
afterEach(() => {
  for (const store of stores) store.close();
  rmSync(folder, { recursive: true });
});

function open(recoverAt: string | null = AT): SqliteStore {
  const store = openSqliteStore(path, recoverAt);
  stores.push(store);
  return store;
}

/** Closes the store as a crash would not: SQLite keeps the same rows either way. */
function reopen(recoverAt: string | null = LATER): SqliteStore {
  stores.pop()?.close();
  return open(recoverAt);
}

const errorCode = (code: string): object => expect.objectContaining({ name: 'JournalError', code }) as object;

describe('SqliteStore', () => {
  it('creates its folder and a file for this user alone', () => {
    open();

    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
  });

  it('makes every commit survive a power cut', () => {
    const store = open();
    store.createPayment(paymentRecord());
    const database = new DatabaseSync(path);

    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 });
    database.close();
  });
});

describe('SqliteStore while another one has the file', () => {
  it('refuses to open, leaves living payments alone, and opens when the other is closed', () => {
    const first = open();
    first.createPayment(paymentRecord());
    first.beginAttempt(attemptIntent(), 'agent', AT);

    expect(() => openSqliteStore(path, LATER)).toThrow(errorCode('IN_USE'));
    expect(first.payment('pay_a')?.state).toBe('processing');
    expect(reopen().recovered).toEqual({ canceled: 0, failed: 0, unknown: 1 });
  });

  it('is not misled by a link', () => {
    open();
    const link = join(folder, 'link.db');
    symlinkSync(path, link);

    expect(() => openSqliteStore(link, LATER)).toThrow(errorCode('IN_USE'));
  });
});

describe('SqliteStore on a bad file', () => {
  it.each([
    { name: 'is no database', bytes: 'this is not a database'.repeat(100) },
    { name: 'has a damaged header', bytes: 'SQLite format 3\u0000'.padEnd(4096, '\u0001') },
  ])('refuses to start and keeps the file when it $name', ({ bytes }) => {
    const file = join(folder, 'bad.db');
    writeFileSync(file, bytes);

    expect(() => openSqliteStore(file, AT)).toThrow(errorCode('DAMAGED'));
    expect(readFileSync(file, 'utf8')).toBe(bytes);
  });

  it('refuses to start and keeps the file when a page is damaged', () => {
    const store = open();
    for (let index = 0; index < 200; index += 1) store.createPayment(paymentRecord({ id: `pay_${index}` }));
    stores.pop()?.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 3 * 4096, 8 * 4096);
    writeFileSync(path, bytes);

    expect(() => openSqliteStore(path, AT)).toThrow(errorCode('DAMAGED'));
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it('refuses a database of a newer version', () => {
    open();
    stores.pop()?.close();
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();

    expect(() => openSqliteStore(path, AT)).toThrow(errorCode('NEWER_VERSION'));
  });

  it.each([
    { name: 'a folder', place: () => folder },
    { name: 'inside a file', place: () => join(folder, 'file', 'journal.db') },
  ])('refuses a path that is $name', ({ place }) => {
    writeFileSync(join(folder, 'file'), '');

    expect(() => openSqliteStore(place(), AT)).toThrow(errorCode('CANNOT_OPEN'));
    expect(existsSync(join(folder, 'file', 'journal.db'))).toBe(false);
  });
});
