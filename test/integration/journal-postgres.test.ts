import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/app/system-clock.ts';
import { systemRandom } from '../../src/app/system-random.ts';
import { JournalError } from '../../src/journal/journal-error.ts';
import { openOperatorStore } from '../../src/journal/open-journal.ts';
import { listPayments } from '../../src/journal/operator-work.ts';
import { PostgresJournal } from '../../src/journal/postgres-journal.ts';
import { APPROVED, attemptIntent, paymentRecord } from '../support/payment-record.ts';
import { POSTGRES_MISSING, POSTGRES_PASSWORD, PostgresServer } from '../support/postgres-server.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';

/**
 * Goal: what only a database on the network can do to a journal. Method: a real server that crashes, ends connections
 * and answers late, and between it and the journal a relay that can lose answers.
 */
const INTENT = attemptIntent();

let server: PostgresServer;
let url: string;
const cleanUps: (() => unknown)[] = [];
const logger = new RecordingLogger();
const CONNECTION_LOST = 'The connection to the journal database is lost';

async function open(at = url): Promise<PostgresJournal> {
  const shared = { clock: systemClock, random: systemRandom, logger, meter: new RecordingMeter() };
  const journal = await PostgresJournal.open(at, shared);
  cleanUps.push(() => journal.close());
  return journal;
}

async function failureOf(work: Promise<unknown>): Promise<JournalError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof JournalError))
    throw new Error('it did not fail as a journal does', { cause: error });
  return error;
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe.skipIf(POSTGRES_MISSING !== null)(`PostgresJournal ${POSTGRES_MISSING ?? ''}`, () => {
  beforeAll(async () => void (server = await PostgresServer.start()));
  afterAll(() => server.close());
  beforeEach(async () => void (url = await server.database()));
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    if (JSON.stringify(logger.lines).includes(POSTGRES_PASSWORD)) throw new Error('the password was logged');
    logger.lines.length = 0;
  });

  describe('at the start', () => {
    it.each([
      {
        name: 'a server that is not there',
        change: (to: string) => to.replace('host=', 'host=%2Fnowhere'),
        says: /\/nowhere.* \/journal_\d+: there is no such socket\.$/,
      },
      {
        name: 'a host that does not exist',
        change: () => `postgres://tonewall:${POSTGRES_PASSWORD}@tonewall.invalid/x`,
        says: /tonewall\.invalid \/x: there is no host of that name\.$|cannot be resolved now\.$/,
      },
      {
        name: 'a port where nothing listens',
        change: () => `postgres://tonewall:${POSTGRES_PASSWORD}@127.0.0.1:1/x`,
        says: /127\.0\.0\.1:1 \/x: nothing listens there\.$/,
      },
      {
        name: 'another password',
        change: (to: string) => to.replace(POSTGRES_PASSWORD, `not-${POSTGRES_PASSWORD}`),
        says: /user or password is wrong\.$/,
      },
      {
        name: 'a database that does not exist',
        change: (to: string) => to.replace('/journal_', '/journey_'),
        says: /there is no database of that name\.$/,
      },
      {
        name: 'a server without TLS, when it is asked for',
        change: (to: string) => `${to}&sslmode=verify-full`,
        says: /: .+\.$/,
      },
    ])('says what is wrong with $name, and no password', async ({ change, says }) => {
      for (const opening of [open, openOperatorStore]) {
        const { code, message } = await failureOf(opening(change(url)));
        expect(code).toBe('CANNOT_CONNECT');
        expect(message).toMatch(says);
        expect(message).not.toContain(POSTGRES_PASSWORD);
      }
    });

    it('is refused while another server has the database, and told who that is', async () => {
      const first = await open();
      await first.createPayment(paymentRecord());
      const { code, message } = await failureOf(open());
      expect(code).toBe('IN_USE');
      expect(message).toMatch(
        new RegExp(`“tonewall .* ${process.pid}”, connected from a local socket since `),
      );
      expect((await first.payment('pay_a'))?.state).toBe('connecting');
      await first.close();

      expect((await (await open()).payment('pay_a'))?.state).toBe('canceled');
    });

    it('refuses the tables of a newer version, and an operator those of an older one', async () => {
      expect((await failureOf(openOperatorStore(url))).code).toBe('OLDER_VERSION');
      await (await open()).close();
      await server.query('UPDATE journal SET version = 99', url);
      expect((await failureOf(open())).code).toBe('NEWER_VERSION');
      expect((await failureOf(openOperatorStore(url))).code).toBe('NEWER_VERSION');
    });

    it('commits durably, whatever the default of the database', async () => {
      const name = new URL(url).pathname.slice(1);
      await server.query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
      const journal = await open();
      await journal.createPayment(paymentRecord());
      await server.restart();
      // The log keeps what may be over before anybody looks.
      await until(() => logger.lines.some(({ message }) => message === CONNECTION_LOST));
      await until(() => journal.health().writable);

      expect(await journal.payment('pay_a')).toEqual(paymentRecord());
    });
  });

  describe('while it runs', () => {
    it('refuses what is asked while the server is down, and goes on with living payments after it', async () => {
      const journal = await open();
      await journal.createPayment(paymentRecord());
      await server.down();
      await until(() => !journal.health().writable);
      expect((await failureOf(journal.beginAttempt(INTENT, 'agent'))).code).toBe('UNAVAILABLE');
      expect((await failureOf(journal.payment('pay_a'))).code).toBe('UNAVAILABLE');
      await server.up();
      await until(() => journal.health().writable);

      expect(await journal.payment('pay_a')).toEqual(paymentRecord());
      await journal.beginAttempt(INTENT, 'agent');
      await journal.settleAttempt('att_a', APPROVED, 'agent');
      expect(logger.lines.map(({ message }) => message)).toEqual([
        CONNECTION_LOST,
        'The journal cannot be written',
        'The journal can be written again',
      ]);
    });

    it('cannot write once another server has taken over, and settles what that one left when it comes back', async () => {
      const journal = await open();
      await journal.createPayment(paymentRecord());
      await journal.beginAttempt(INTENT, 'agent');
      await server.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'tonewall %'`,
      );
      const other = await open();
      expect((await other.payment('pay_a'))?.state).toBe('unknown');
      expect((await failureOf(journal.settleAttempt('att_a', APPROVED, 'agent'))).code).toBe('UNAVAILABLE');
      await other.createPayment(paymentRecord({ id: 'pay_b' }));
      await other.close();
      await until(() => journal.health().writable);

      expect((await journal.payment('pay_b'))?.state).toBe('canceled');
      await journal.settleAttempt('att_a', APPROVED, 'agent');
      expect((await journal.payment('pay_a'))?.state).toBe('approved');
    });

    it('writes nothing when the epoch is another one, although it holds the connection', async () => {
      const journal = await open();
      await journal.createPayment(paymentRecord());
      await server.query('UPDATE journal SET epoch = epoch + 1', url);

      expect((await failureOf(journal.beginAttempt(INTENT, 'agent'))).code).toBe('UNAVAILABLE');
      expect(await server.query('SELECT * FROM attempt', url)).toEqual([]);
      expect(journal.health()).toEqual({ writable: false });
    });

    it('refuses writes on a server that became read-only, reads on, and writes again after it', async () => {
      const journal = await open();
      await journal.createPayment(paymentRecord());
      await server.query('ALTER SYSTEM SET default_transaction_read_only = on');
      await server.query('SELECT pg_reload_conf()');
      await server.query('SELECT pg_sleep(0.2)');
      expect((await failureOf(journal.beginAttempt(INTENT, 'agent'))).code).toBe('UNAVAILABLE');
      expect(journal.health()).toEqual({ writable: false });
      expect((await journal.payment('pay_a'))?.state).toBe('connecting');
      await server.query('ALTER SYSTEM RESET default_transaction_read_only');
      await server.query('SELECT pg_reload_conf()');
      await until(() => journal.health().writable);

      await journal.beginAttempt(INTENT, 'agent');
    });

    it('waits for the lock of an operator for two seconds, then refuses, and holds up nobody else', async () => {
      const journal = await open();
      await journal.createPayment(paymentRecord());
      const blocked = server.query(
        'BEGIN; SELECT * FROM journal FOR UPDATE; SELECT pg_sleep(5); COMMIT',
        url,
      );
      await server.query('SELECT pg_sleep(0.3)');
      const startedMs = performance.now();
      expect((await failureOf(journal.beginAttempt(INTENT, 'agent'))).code).toBe('UNAVAILABLE');
      expect(performance.now() - startedMs).toBeGreaterThan(1500);
      expect((await journal.payment('pay_a'))?.state).toBe('connecting');
      await blocked;
      await until(() => journal.health().writable);
      await journal.beginAttempt(INTENT, 'agent');
    });
  });

  describe('behind a network that loses answers', () => {
    it.each([
      { name: 'was stored', isDelivered: true },
      { name: 'was not', isDelivered: false },
    ])(
      'does not know whether a commit whose answer was lost $name, and reads it back',
      async ({ isDelivered }) => {
        const relay = await Relay.open(join(server.folder, '.s.PGSQL.5432'));
        cleanUps.push(() => relay.close());
        const journal = await open(relay.url(url));
        await journal.createPayment(paymentRecord());
        relay.loseCommit(isDelivered);
        expect((await failureOf(journal.beginAttempt(INTENT, 'agent'))).code).toBe('UNCLEAR');
        expect(journal.health()).toEqual({ writable: false });
        await until(() => journal.health().writable);

        expect(await journal.hasAttempt('att_a')).toBe(isDelivered);
        expect((await journal.payment('pay_a'))?.state).toBe(isDelivered ? 'processing' : 'connecting');
      },
    );

    it('ends a connection on which nothing comes back, and the server’s side of it too', async () => {
      const relay = await Relay.open(join(server.folder, '.s.PGSQL.5432'));
      cleanUps.push(() => relay.close());
      const journal = await open(relay.url(url));
      relay.stopReading();
      const startedMs = performance.now();
      expect((await failureOf(journal.payment('pay_a'))).code).toBe('UNAVAILABLE');
      expect(performance.now() - startedMs).toBeLessThan(8000);
      await until(() => journal.health().writable);

      expect((await journal.createPayment(paymentRecord())).created).toBe(true);
    });
  });

  it('speaks TLS by the URL’s sslmode, and trusts nobody it was not told to trust', async () => {
    const port = await freePort();
    const secured = await PostgresServer.start(port);
    cleanUps.push(() => secured.close());
    const direct = new URL(await secured.database());
    const over = (query: string): string => `${direct.href.split('?')[0]}?${query}`;
    const certificate = encodeURIComponent(join(import.meta.dirname, '../fixtures/tls/certificate.pem'));

    const { message } = await failureOf(open(over('sslmode=verify-full')));
    expect(message).toMatch(/nobody trusted has signed the server’s certificate\.$/);
    for (const query of [`sslmode=verify-full&sslrootcert=${certificate}`, 'sslmode=no-verify']) {
      const journal = await open(over(query));
      const used = await secured.query(
        `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'tonewall %'`,
      );
      expect(used).toEqual([{ ssl: true }]);
      await journal.close();
    }
  });

  it('lists for an operator what is unknown', async () => {
    const journal = await open();
    await journal.createPayment(paymentRecord());
    const operator = await openOperatorStore(url);
    cleanUps.push(() => operator.close());

    expect(await operator.read(listPayments(false, 10))).toMatchObject([{ id: 'pay_a' }]);
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** Between the journal and the server, on a port of its own. */
class Relay {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #lossOfCommit: 'none' | 'delivered' | 'dropped' = 'none';

  private constructor(socket: string) {
    this.#server = createServer((client) => {
      const upstream = connect(socket);
      const pair = [client, upstream] as const;
      this.#pairs.add(pair);
      client.on('data', (chunk) => this.#forward(chunk, pair));
      upstream.on('data', (chunk) => client.write(chunk));
      for (const [one, other] of [pair, pair.toReversed()] as [Socket, Socket][]) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.end());
      }
    });
  }

  static async open(socket: string): Promise<Relay> {
    const relay = new Relay(socket);
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  url(direct: string): string {
    const address = this.#server.address();
    const url = new URL(direct);
    url.search = '';
    url.host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    return url.href;
  }

  /** The next commit reaches the server or not; its answer, and the connection, are lost in any case. */
  loseCommit(isDelivered: boolean): void {
    this.#lossOfCommit = isDelivered ? 'delivered' : 'dropped';
  }

  /** The connections of now go silent in both directions, and are not closed. */
  stopReading(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #forward(chunk: Buffer, [client, upstream]: readonly [Socket, Socket]): void {
    const loss = chunk.includes('COMMIT') ? this.#lossOfCommit : 'none';
    if (loss === 'none') upstream.write(chunk);
    else {
      this.#lossOfCommit = 'none';
      if (loss === 'delivered') upstream.end(chunk);
      else upstream.destroy();
      client.destroy();
    }
  }
}
