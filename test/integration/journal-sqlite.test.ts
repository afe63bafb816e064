import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/app/system-clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import { SqliteJournal } from '../../src/journal/sqlite-journal.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { APPROVED, attemptIntent, paymentRecord } from '../support/payment-record.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';

/** Goal: the journal's thread. Method: the real thread and real files; locks and damage by a second connection. */
const INTENT = attemptIntent();

let folder: string;
let path: string;
let journals: SqliteJournal[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonewall-journal-'));
  path = join(folder, 'journal.db');
  journals = [];
});
afterEach(async () => {
  for (const journal of journals) await journal.close();
  rmSync(folder, { recursive: true });
});

async function open(clock: Clock = systemClock) {
  const logger = new RecordingLogger();
  const meter = new RecordingMeter();
  const journal = await SqliteJournal.open(path, { clock, logger, meter });
  journals.push(journal);
  return { journal, logger, meter };
}

const rejectsWith = (code: string): object =>
  expect.objectContaining({ name: 'JournalError', code }) as object;

describe('SqliteJournal', () => {
  it('runs a payment from its opening to its outcome', async () => {
    const { journal, meter } = await open(new FakeClock());
    const record = paymentRecord({ clientKey: 'order-17' });

    expect(await journal.createPayment(record)).toEqual({ created: true, payment: record });
    expect(await journal.createPayment({ ...record, id: 'pay_b' })).toEqual({
      created: false,
      payment: record,
    });
    expect(await journal.moveState('pay_a', ['connecting'], 'ready', 'agent')).toBe(true);
    expect(await journal.moveState('pay_a', ['connecting'], 'ready', 'agent')).toBe(false);
    expect(await journal.hasAttempt('att_a')).toBe(false);
    await journal.beginAttempt(INTENT, 'agent');
    expect(await journal.hasAttempt('att_a')).toBe(true);
    await expect(journal.beginAttempt({ ...INTENT, idempotencyKey: 'att_b' }, 'agent')).rejects.toEqual(
      rejectsWith('ATTEMPT_OPEN'),
    );
    await journal.settleAttempt('att_a', APPROVED, 'agent');
    const settled = { ...record, state: 'approved', outcome: APPROVED };
    expect(await journal.payment('pay_a')).toEqual(settled);
    expect(await journal.paymentByClientKey('crm', 'order-17')).toEqual(settled);
    expect(await journal.paymentsOfCall('call_a')).toEqual([settled]);
    expect(await journal.payment('pay_x')).toBeNull();
    expect(journal.health()).toEqual({ writable: true });
    expect(meter.value('journal_commit_seconds')).toBe(6);
  });

  it('stamps what it writes with the wall clock', async () => {
    const clock = new FakeClock(Date.UTC(2026, 10, 2, 13, 30));
    const { journal } = await open(clock);
    await journal.createPayment(paymentRecord());
    await journal.moveState('pay_a', ['connecting'], 'ready', 'agent');

    expect((await journal.payment('pay_a'))?.updatedAt).toBe('2026-11-02T13:30:00.000Z');
  });

  it('settles on start what a former process left, and says so', async () => {
    const first = await open();
    await first.journal.createPayment(paymentRecord());
    await first.journal.beginAttempt(INTENT, 'agent');
    await first.journal.createPayment(paymentRecord({ id: 'pay_b' }));
    await first.journal.close();
    const { journal, logger } = await open();

    expect((await journal.payment('pay_a'))?.state).toBe('unknown');
    expect((await journal.payment('pay_b'))?.state).toBe('canceled');
    expect(logger.lines.map(({ fields }) => fields)).toEqual([
      { outcome: 'unknown', count: 1 },
      { outcome: 'canceled', count: 1 },
    ]);
    await journal.settleAttempt('att_a', APPROVED, 'agent');
    expect((await journal.payment('pay_a'))?.state).toBe('approved');
  });

  it('finishes what was asked before it was closed, and refuses what comes later', async () => {
    const { journal } = await open();
    const created = Array.from({ length: 100 }, (_, index) =>
      journal.createPayment(paymentRecord({ id: `pay_${index}` })),
    );
    await journal.close();

    expect((await Promise.all(created)).every((result) => result.created)).toBe(true);
    await expect(journal.payment('pay_0')).rejects.toEqual(rejectsWith('UNAVAILABLE'));
    await journal.close();
  });

  it('takes no charge for a payment without an attempt', async () => {
    const { journal } = await open();

    expect(() => journal.endUnsent('pay_a', APPROVED, 'agent')).toThrow(
      'a payment without an attempt was not charged',
    );
  });

  it('refuses to start on a damaged file and keeps it', async () => {
    const bytes = 'nonsense'.repeat(1000);
    writeFileSync(path, bytes);

    await expect(open()).rejects.toEqual(rejectsWith('DAMAGED'));
    expect(readFileSync(path, 'utf8')).toBe(bytes);
  });

  it('refuses to start on a folder', async () => {
    path = folder;

    await expect(open()).rejects.toEqual(rejectsWith('CANNOT_OPEN'));
  });
});

describe('SqliteJournal while the database is locked', () => {
  it('refuses writes, goes on reading, and is healthy again when a probe has written', async () => {
    const { journal, logger } = await open();
    await journal.createPayment(paymentRecord());
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');

    await expect(journal.beginAttempt(INTENT, 'agent')).rejects.toEqual(rejectsWith('UNAVAILABLE'));
    expect(journal.health()).toEqual({ writable: false });
    expect((await journal.payment('pay_a'))?.state).toBe('connecting');
    expect(await journal.hasAttempt('att_a')).toBe(false);
    other.exec('ROLLBACK');
    other.close();
    await until(() => journal.health().writable);
    await journal.beginAttempt(INTENT, 'agent');

    expect(await journal.hasAttempt('att_a')).toBe(true);
    expect(logger.lines.map(({ message }) => message)).toEqual([
      'The journal cannot be written',
      'The journal can be written again',
    ]);
  });

  it('does not hold up this thread', async () => {
    const { journal } = await open();
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const refused = journal.createPayment(paymentRecord()).catch((error: unknown) => error);
    const startedMs = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    const turnMs = performance.now() - startedMs;
    expect(await refused).toEqual(rejectsWith('UNAVAILABLE'));
    other.exec('ROLLBACK');
    other.close();

    // SQLite waits two seconds for the lock, on its own thread.
    expect(turnMs).toBeLessThan(500);
    expect(performance.now() - startedMs).toBeGreaterThan(1900);
  });

  it('says that an answer was lost when there is none within ten seconds', async () => {
    const clock = new FakeClock();
    const { journal } = await open(clock);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const lost = journal.createPayment(paymentRecord()).catch((error: unknown) => error);
    clock.advance(10_000);
    expect(await lost).toEqual(rejectsWith('UNCLEAR'));
    expect(journal.health()).toEqual({ writable: false });
    other.exec('ROLLBACK');
    other.close();

    // Asked after the lost commit, so answered after it: that is what makes reading back safe.
    expect(await journal.payment('pay_a')).toEqual(paymentRecord());
  });
});

describe('SqliteJournal after the end of its thread', () => {
  /** Makes SQLite fail in a way after which the thread gives up: the table it writes is gone. */
  async function breakThread(journal: SqliteJournal): Promise<void> {
    const other = new DatabaseSync(path);
    other.exec('ALTER TABLE attempt RENAME TO hidden');
    await expect(journal.beginAttempt(INTENT, 'agent')).rejects.toEqual(rejectsWith('UNCLEAR'));
    other.exec('ALTER TABLE hidden RENAME TO attempt');
    other.close();
  }

  it('starts another one that leaves living payments alone', async () => {
    const clock = new FakeClock();
    const { journal, logger } = await open(clock);
    await journal.createPayment(paymentRecord());
    await breakThread(journal);
    expect(journal.health()).toEqual({ writable: false });
    await expect(journal.payment('pay_a')).rejects.toEqual(rejectsWith('UNAVAILABLE'));
    clock.advance(1000);
    await until(() => journal.health().writable);

    expect(await journal.hasAttempt('att_a')).toBe(false);
    expect((await journal.payment('pay_a'))?.state).toBe('connecting');
    await journal.beginAttempt(INTENT, 'agent');
    expect((await journal.payment('pay_a'))?.state).toBe('processing');
    expect(logger.lines.map(({ message }) => message)).toContain('The journal thread failed');
  });

  it('answers everything that was asked of the thread', async () => {
    const { journal } = await open(new FakeClock());
    await journal.createPayment(paymentRecord());
    const other = new DatabaseSync(path);
    other.exec('ALTER TABLE attempt RENAME TO hidden');
    other.close();
    const asked = [
      journal.beginAttempt(INTENT, 'agent'),
      journal.payment('pay_a'),
      journal.hasAttempt('att_a'),
    ];
    const codes = (await Promise.allSettled(asked)).map((result) =>
      result.status === 'rejected' ? (result.reason as { code: string }).code : 'answered',
    );

    expect(codes).toEqual(['UNCLEAR', 'UNCLEAR', 'UNCLEAR']);
  });

  it('can be closed while it has no thread', async () => {
    const { journal } = await open(new FakeClock());
    await journal.createPayment(paymentRecord());
    await breakThread(journal);
    await journal.close();

    expect(journal.health()).toEqual({ writable: false });
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
