import { describe, expect, it } from 'vitest';
import { runWorld } from '../support/simulation/payment-world.ts';
import type { WorldReport, WorldSettings } from '../support/simulation/payment-world.ts';

/**
 * Goal: whatever the line, the disk and the power do, no payment is lost, doubled or misreported. Method: the real
 * flow and reconciler in a simulated world, one seed for one run; and for every guard a world without it, which must
 * be noticed, so that the checks are known to see what they are for.
 */
const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);
const WORLD = { payments: 20, crashes: 4, bank: 'tokens' } as const;

/** Whether some seed has a violation that reads so; the seeds after it are not run. */
async function isSeen(
  seeds: readonly number[],
  settings: Partial<WorldSettings>,
  seen: RegExp,
): Promise<boolean> {
  for (const seed of seeds) {
    const { violations } = await runWorld({ ...WORLD, ...settings, seed });
    if (violations.some((violation) => seen.test(violation))) return true;
  }
  return false;
}

describe('payments in a simulated world', () => {
  it.each(['tokens', 'tokens-without-keys', 'direct'] as const)(
    'keep every promise with a bank that takes: %s',
    async (bank) => {
      const reports: WorldReport[] = [];
      for (const seed of SEEDS) {
        const report = await runWorld({ ...WORLD, bank, seed });
        expect({ seed, violations: report.violations }).toEqual({ seed, violations: [] });
        reports.push(report);
      }
      expect(reports.reduce((sum, { charges }) => sum + charges, 0)).toBeGreaterThan(SEEDS.length * 10);
      expect(reports.reduce((sum, { crashes }) => sum + crashes, 0)).toBe(SEEDS.length * WORLD.crashes);
    },
  );

  it('are the same for the same seed, and others for another', async () => {
    const [first, again, other] = [
      await runWorld({ ...WORLD, seed: 7 }),
      await runWorld({ ...WORLD, seed: 7 }),
      await runWorld({ ...WORLD, seed: 8 }),
    ];

    expect(again.hash).toBe(first.hash);
    expect(other.hash).not.toBe(first.hash);
  });
});

describe('a world without a guard', () => {
  it.each<{ guard: string; settings: Partial<WorldSettings>; seen: RegExp }>([
    {
      guard: 'the same key for every repeat',
      settings: { bankMutation: 'new-key-per-repeat' },
      seen: /was charged [2-9] times/,
    },
    {
      guard: 'a timeout is unknown, not failed',
      settings: { bankMutation: 'timeout-is-failed' },
      seen: /is failed and was charged/,
    },
    {
      guard: 'a repeat that was not sent proves nothing',
      settings: { bankMutation: 'unsent-repeat-is-failed' },
      seen: /is failed and was charged/,
    },
    {
      guard: 'the intent is durable before anything leaves',
      settings: { guards: { keepsIntents: false } },
      seen: /the journal does not/,
    },
    {
      guard: 'the outcome is durable before it is told',
      settings: { guards: { keepsOutcomes: false } },
      seen: /was told approved and is/,
    },
    {
      guard: 'one open attempt for each payment',
      settings: { guards: { oneOpen: false } },
      seen: /was charged [2-9] times/,
    },
    {
      guard: 'what a crash left begun is unknown',
      settings: { guards: { doubtsAfterCrash: false } },
      seen: /is failed and was charged/,
    },
    { guard: 'the reconciler', settings: { reconciles: false }, seen: /is still unknown/ },
    { guard: 'the wipe of the card', settings: { wipes: false }, seen: /left its card unwiped/ },
  ])('is noticed: $guard', async ({ settings, seen }) => {
    expect(await isSeen(SEEDS.slice(0, 20), settings, seen)).toBe(true);
  });
});
