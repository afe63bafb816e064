import { describe, expect, it } from 'vitest';
import { KILL_BANKS } from '../support/kill-banks.ts';
import type { KillBank } from '../support/kill-banks.ts';
import { runKillMatrix } from '../support/kill-matrix.ts';
import type { KillReport } from '../support/kill-matrix.ts';

/**
 * Goal: a process that is killed at any point of a payment, with any provider, loses, doubles and misreports nothing.
 * Method: children that kill themselves at each named point (and with `sent` a moment later), on one journal for each
 * provider; the last one settles what is left; then the journal is held against the provider's list of charges.
 * Two rounds are about 80 kills; `npm run test:kills` makes 17, at least 500.
 */
const ROUNDS = Number(process.env['TONEWALL_TEST_KILL_ROUNDS'] ?? 2);
const KILLS_MIN = 30 * ROUNDS;

async function killWith(open: () => Promise<KillBank>, seed: number): Promise<KillReport> {
  const bank = await open();
  try {
    const report = await runKillMatrix(bank, ROUNDS, seed);
    const { violations } = report;
    expect({ seed, bank: bank.name, violations }).toEqual({ seed, bank: bank.name, violations: [] });
    return report;
  } finally {
    await bank.close();
  }
}

describe('a payment side that is killed', () => {
  it(
    'keeps every promise with every provider, at every point',
    async () => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const reports = await Promise.all(KILL_BANKS.map((open) => killWith(open, seed)));
      const sum = (pick: (report: KillReport) => number): number =>
        reports.reduce((total, report) => total + pick(report), 0);
      expect(sum(({ kills }) => kills)).toBeGreaterThanOrEqual(KILLS_MIN);
      expect(sum(({ charges }) => charges)).toBeGreaterThan(KILL_BANKS.length * ROUNDS);
    },
    ROUNDS * 300_000,
  );
});
