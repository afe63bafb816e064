import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Housekeeping } from '../../../src/app/housekeeping.ts';
import { SqliteJournal } from '../../../src/journal/sqlite-journal.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { paymentRecord } from '../../support/payment-record.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { RecordingMeter } from '../../support/recording-meter.ts';

/** Goal: the head of the audit log is known outside the database, and nothing is kept for ever. */
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'tonewall-housekeeping-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const clock = new FakeClock();
  const [meter, logger] = [new RecordingMeter(), new RecordingLogger()];
  const journal = await SqliteJournal.open(join(folder, 'journal.db'), { clock, meter, logger });
  cleanUps.push(() => journal.close());
  const anchorsPath = join(folder, 'anchors');
  const house = new Housekeeping(
    { retentionMs: 400 * 86_400_000, anchorsPath },
    { journal, clock, meter, logger },
  );
  const anchored = () => logger.lines.filter(({ fields }) => fields.auditHash !== undefined);
  return { clock, journal, house, anchored, meter, lines: () => readFileSync(anchorsPath, 'utf8') };
}

describe('Housekeeping', () => {
  it('writes the head of the audit log to the log, the file and a gauge, and only when it has grown', async () => {
    const { journal, house, anchored, meter, lines } = await setUp();
    await journal.createPayment(paymentRecord());
    await house.anchor();
    await house.anchor();

    const head = await journal.auditHead();
    expect(anchored().map(({ fields }) => fields)).toEqual([{ auditSeq: 1, auditHash: head?.hash }]);
    expect(lines()).toBe(`2026-11-02T12:00:00.000Z 1 ${head?.hash}\n`);
    expect(meter.value('audit_entries')).toBe(1);
  });

  it('anchors by itself every five minutes, and once more when it stops', async () => {
    const { clock, journal, house, anchored } = await setUp();
    house.start();
    await journal.createPayment(paymentRecord());
    clock.advance(5 * 60_000);
    while (anchored().length === 0) await journal.auditHead();
    await journal.moveState('pay_a', ['connecting'], 'canceled', 'agent');
    await house.close();

    expect(anchored().map(({ fields }) => fields.auditSeq)).toEqual([1, 2]);
    expect(clock.pending).toBe(0);
  });

  it('forgets payments that ended more than the retention ago', async () => {
    const { clock, journal, house } = await setUp();
    await journal.createPayment(paymentRecord());
    await journal.moveState('pay_a', ['connecting'], 'canceled', 'agent');
    house.start();
    clock.advance(3_600_000);
    await house.close();
    expect(await journal.payment('pay_a')).not.toBeNull();

    clock.advance(401 * 86_400_000);
    const again = startAgain(clock, journal);
    clock.advance(3_600_000);
    while ((await journal.payment('pay_a')) !== null) await new Promise((resolve) => setImmediate(resolve));
    await again.close();
  });
});

function startAgain(clock: FakeClock, journal: SqliteJournal): Housekeeping {
  const house = new Housekeeping(
    { retentionMs: 400 * 86_400_000, anchorsPath: null },
    { journal, clock, meter: new RecordingMeter(), logger: new RecordingLogger() },
  );
  house.start();
  return house;
}
