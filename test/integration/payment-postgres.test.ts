import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/app/system-clock.ts';
import { systemRandom } from '../../src/app/system-random.ts';
import { makeId } from '../../src/core/random.ts';
import { verifyAuditLog } from '../../src/journal/audit-log.ts';
import { openJournal, openOperatorStore } from '../../src/journal/open-journal.ts';
import { runPayment } from '../../src/payment/payment-flow.ts';
import { createProvider } from '../../src/payment/provider-registry.ts';
import { KILL_BANKS } from '../support/kill-banks.ts';
import { readPayments, runKillMatrix, violationsOf } from '../support/kill-matrix.ts';
import { paymentRecord } from '../support/payment-record.ts';
import { POSTGRES_MISSING, PostgresServer } from '../support/postgres-server.ts';
import { ENDPOINT_CERTIFICATE } from '../support/provider-endpoint.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';
import { TestCard } from '../support/test-card.ts';

/**
 * Goal: with the journal in PostgreSQL nothing is lost, doubled or misreported when the database crashes in the middle
 * of payments, or the program does. Method: a real server that is stopped at once and started again, and children
 * that kill themselves at each named point; then the provider's list of charges is held against the journal.
 */
const RESTARTS = 4;
/** Payments approved before each crash: told otherwise, as just after a crash, may mean that nothing was charged. */
const APPROVED_BETWEEN = 20;
/** Payments under way at any time. */
const AT_ONCE = 4;

let server: PostgresServer;
const cleanUps: (() => unknown)[] = [];

describe.skipIf(POSTGRES_MISSING !== null)(
  `payments journaled in PostgreSQL ${POSTGRES_MISSING ?? ''}`,
  () => {
    beforeAll(async () => void (server = await PostgresServer.start()));
    afterAll(() => server.close());
    afterEach(async () => {
      for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    });

    it('survive crashes of the database, with a provider that would charge twice', async () => {
      const url = await server.database();
      const bank = await KILL_BANKS[1]!();
      cleanUps.push(() => bank.close());
      const shared = {
        clock: systemClock,
        random: systemRandom,
        meter: new RecordingMeter(),
        logger: new RecordingLogger(),
      };
      const journal = await openJournal(url, shared);
      cleanUps.push(() => journal.close());
      const provider = createProvider(bank.settings, {
        ...shared,
        trustedCertificates: ENDPOINT_CERTIFICATE,
      });
      cleanUps.push(() => provider.close());
      const told: string[] = [];
      let approved = 0;
      let isEnough = false;
      const payOn = async (): Promise<void> => {
        while (!isEnough) {
          const payment = paymentRecord({ id: makeId(systemRandom, 'pay') });
          const isOpen = await journal.createPayment(payment).then(
            () => true,
            () => false,
          );
          if (!isOpen) {
            await new Promise((resolve) => setTimeout(resolve, 20));
            continue;
          }
          const card = new TestCard({ 'payment-card-number': '4539578763621486' });
          const { outcome } = await runPayment({ ...shared, journal, provider }, payment, card, 'agent');
          told.push(`told ${payment.id} ${outcome}`);
          if (outcome === 'approved') approved += 1;
        }
      };
      const paying = Array.from({ length: AT_ONCE }, payOn);
      for (let restart = 0; restart < RESTARTS; restart += 1) {
        const enough = approved + APPROVED_BETWEEN;
        while (approved < enough) await new Promise((resolve) => setTimeout(resolve, 5));
        await server.restart();
      }
      isEnough = true;
      await Promise.all(paying);
      // Payments whose opening was answered by a lost connection: nobody went on with them.
      await journal.close();
      await (await openJournal(url, shared)).close();

      expect(violationsOf(await readPayments(url), bank.charges(), told)).toEqual([]);
      expect(bank.charges().length).toBeGreaterThanOrEqual(RESTARTS * APPROVED_BETWEEN);
      const operator = await openOperatorStore(url);
      expect(await operator.read(verifyAuditLog([]))).toMatchObject({ isIntact: true });
      await operator.close();
    }, 300_000);

    it('survive kills of the program at every point, with and without tokens', async () => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      for (const open of [KILL_BANKS[1]!, KILL_BANKS[2]!]) {
        const bank = await open();
        cleanUps.push(() => bank.close());
        const report = await runKillMatrix(bank, 1, seed, await server.database());
        expect({ seed, bank: bank.name, violations: report.violations }).toEqual({
          seed,
          bank: bank.name,
          violations: [],
        });
        expect(report.kills).toBeGreaterThanOrEqual(6);
      }
    }, 300_000);
  },
);
