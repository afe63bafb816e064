import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemRandom } from '../../src/app/system-random.ts';
import { main } from '../../src/cli/main.ts';
import { openJournal } from '../../src/journal/open-journal.ts';
import { openSqliteStore } from '../../src/journal/sqlite-store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { paymentRecord } from '../support/payment-record.ts';
import { POSTGRES_MISSING, POSTGRES_PASSWORD, PostgresServer } from '../support/postgres-server.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';

/** Goal: an operator can see and settle what is unknown, and prove that the audit log is as it was written. */
const AT = '2026-11-02T12:00:00.000Z';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A journal with an approved payment and one that a crash left unknown, with the server still running. */
function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'tonewall-operator-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'journal.db');
  const first = openSqliteStore(path, null);
  for (const id of ['pay_a', 'pay_b']) {
    first.createPayment(paymentRecord({ id }));
    first.beginAttempt(
      {
        idempotencyKey: `att_${id}`,
        paymentId: id,
        operation: 'charge',
        amountMinor: 4250,
        currency: 'GBP',
        token: 'tok_a',
      },
      'agent',
      AT,
    );
  }
  const approved = { outcome: 'approved', providerReference: 'ch_1', brand: 'visa', last4: '1486' } as const;
  first.settleAttempt('att_pay_a', { ...approved, declineCode: null, message: 'Approved.' }, 'agent', AT);
  first.close();
  const server = openSqliteStore(path, AT);
  cleanUps.push(() => server.close());
  return { folder, path, server };
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void (out += `${text}\n`));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void (err += `${text}\n`));
  const code = await main(args);
  return { code, out, err };
}

describe('tonewall payments', () => {
  it('lists what is unknown, with the key to look for at the provider', async () => {
    const { path } = setUp();
    const { code, out } = await run('payments', 'list', '--unknown', '--database', path);

    expect(code).toBe(0);
    expect(out.trim().split('\n')).toEqual([
      expect.stringMatching(/pay_b {2}unknown {2}simulator {2}42\.50 GBP {2}key att_pay_b/),
    ]);
    const all = JSON.parse((await run('payments', 'list', '--json', '--database', path)).out) as {
      payments: { id: string; state: string; providerReference: string | null }[];
    };
    expect(all.payments.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'pay_b unknown',
      'pay_a approved',
    ]);
    expect(JSON.stringify(all)).not.toContain('tok_a');
  });

  it('settles an unknown payment on evidence, beside the running server, and says who did it', async () => {
    const { path, server } = setUp();
    const settle = ['payments', 'settle', 'pay_b', '--as', 'approved', '--by', 'jo', '--database', path];
    const { code, out } = await run(...settle, '--evidence', 'seen in the dashboard', '--reference', 'ch_9');

    expect({ code, out }).toEqual({ code: 0, out: 'pay_b is approved\n' });
    expect(server.payment('pay_b')).toMatchObject({
      state: 'approved',
      outcome: { outcome: 'approved', providerReference: 'ch_9' },
    });
    expect(server.unknownAttempts()).toEqual([]);
    const database = new DatabaseSync(path, { readOnly: true });
    cleanUps.push(() => database.close());
    expect(database.prepare('SELECT actor, action, detail FROM audit ORDER BY seq DESC').get()).toEqual({
      actor: 'operator:jo',
      action: 'payment-approved-by-hand',
      detail: expect.stringContaining('"evidence":"seen in the dashboard"') as string,
    });
  });

  it.each([
    { name: 'no such payment', args: ['pay_x', '--as', 'failed'], says: 'there is no payment pay_x' },
    { name: 'one that is not unknown', args: ['pay_a', '--as', 'failed'], says: 'it is approved' },
    { name: 'an unknown outcome', args: ['pay_b', '--as', 'maybe'], says: 'expected approved or declined' },
    { name: 'an approval without an id', args: ['pay_b', '--as', 'approved'], says: '--reference' },
    {
      name: 'a card number as evidence',
      args: ['pay_b', '--as', 'failed', '--evidence', 'card 4539 5787 6362 1486'],
      says: 'must not hold a card number',
    },
  ])('refuses $name and changes nothing', async ({ args, says }) => {
    const { path, server } = setUp();
    const more = args.includes('--evidence') ? [] : ['--evidence', 'seen'];
    const { code, err } = await run('payments', 'settle', ...args, '--by', 'jo', ...more, '--database', path);

    expect(code).toBe(2);
    expect(err).toContain(says);
    expect(server.payment('pay_b')?.state).toBe('unknown');
  });

  it('refuses a file that is not there', async () => {
    const { folder } = setUp();
    const { code, err } = await run('payments', 'list', '--database', join(folder, 'none.db'));

    expect({ code, lines: err.trim().split('\n').length }).toEqual({ code: 2, lines: 1 });
  });
});

describe('tonewall audit verify', () => {
  it('finds an untouched log intact', async () => {
    const { path } = setUp();
    const { code, out } = await run('audit', 'verify', '--database', path);

    expect(code).toBe(0);
    // Two payments opened and begun, one approved, and one found unknown at the start.
    expect(out).toMatch(/^intact: 6 entries, the last is 6 [a-z]{64}; 0 anchors\n$/);
  });

  it('names the first entry that was changed', async () => {
    const { path } = setUp();
    const database = new DatabaseSync(path);
    database.exec(`UPDATE audit SET actor = 'somebody' WHERE seq = 3`);
    database.close();
    const { code, out } = await run('audit', 'verify', '--database', path);

    expect({ code, out }).toEqual({ code: 3, out: 'broken at entry 3: it was changed\n' });
  });

  it('notices a cut end by the anchors of the file or of the log', async () => {
    const { path, folder, server } = setUp();
    const head = server.auditHead();
    const anchors = join(folder, 'anchors');
    writeFileSync(anchors, `${AT} ${head?.seq} ${head?.hash}\n`);
    const log = join(folder, 'log');
    writeFileSync(log, `{"level":"info","auditSeq":${head?.seq},"auditHash":"${head?.hash}","msg":"x"}\n`);
    expect((await run('audit', 'verify', '--database', path, '--anchors', anchors)).code).toBe(0);

    const database = new DatabaseSync(path);
    database.exec('DELETE FROM audit WHERE seq > 4');
    database.close();
    expect((await run('audit', 'verify', '--database', path)).code).toBe(0);
    for (const file of [anchors, log]) {
      const { code, out } = await run('audit', 'verify', '--database', path, '--anchors', file);
      expect({ code, out }).toEqual({
        code: 3,
        out: 'broken at entry 5: it is missing: an anchor names a later entry\n',
      });
    }
  });

  it('is still intact when what is old was forgotten, and payments that ended with it', async () => {
    const { path, server } = setUp();
    server.prune('2026-12-01T00:00:00.000Z');

    expect(server.payment('pay_a')).toBeNull();
    expect(server.payment('pay_b')?.state).toBe('unknown');
    const { code, out } = await run('audit', 'verify', '--database', path);
    expect(code).toBe(0);
    expect(out).toMatch(/^intact: 1 entries, the last is 6 /);
  });
});

describe.skipIf(POSTGRES_MISSING !== null)(
  `the commands on a PostgreSQL URL ${POSTGRES_MISSING ?? ''}`,
  () => {
    it('list, settle and verify beside the running server, and never show the password', async () => {
      const postgres = await PostgresServer.start();
      cleanUps.push(() => postgres.close());
      const url = await postgres.database();
      const shared = {
        clock: new FakeClock(),
        random: systemRandom,
        meter: new RecordingMeter(),
        logger: new RecordingLogger(),
      };
      const server = await openJournal(url, shared);
      cleanUps.push(() => server.close());
      await server.createPayment(paymentRecord());
      const { operation, amountMinor, currency } = paymentRecord();
      const order = { paymentId: 'pay_a', operation, amountMinor, currency, token: null };
      await server.beginAttempt({ idempotencyKey: 'att_a', ...order }, 'agent');
      const unknown = { outcome: 'unknown', providerReference: null, brand: null, last4: null } as const;
      await server.settleAttempt('att_a', { ...unknown, declineCode: null, message: 'Unknown.' }, 'agent');
      const on = ['--database', url];

      const listed = await run('payments', 'list', '--unknown', ...on);
      expect(listed).toMatchObject({ code: 0, err: '' });
      expect(listed.out).toMatch(/pay_a {2}unknown {2}simulator {2}42\.50 GBP {2}key att_a/);
      const settle = [
        'payments',
        'settle',
        'pay_a',
        '--as',
        'failed',
        '--by',
        'jo',
        '--evidence',
        'not there',
      ];
      expect(await run(...settle, ...on)).toEqual({ code: 0, out: 'pay_a is failed\n', err: '' });
      expect((await server.payment('pay_a'))?.state).toBe('failed');
      expect((await run('audit', 'verify', ...on)).out).toMatch(
        /^intact: 4 entries, the last is 4 [a-z]{64};/,
      );
      await postgres.query("UPDATE audit SET actor = 'nobody' WHERE seq = 2", url);
      expect(await run('audit', 'verify', ...on)).toMatchObject({
        code: 3,
        out: 'broken at entry 2: it was changed\n',
      });

      const wrong = await run('payments', 'list', '--database', url.replace('/journal_', '/journey_'));
      expect(wrong.code).toBe(2);
      expect(wrong.err).toMatch(/^tonewall: .*there is no database of that name\.\n$/);
      expect(wrong.err).not.toContain(POSTGRES_PASSWORD);
    });
  },
);
