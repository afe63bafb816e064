import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { Random } from '../core/random.ts';
import { JournalError } from '../journal/journal-error.ts';
import { backOffMs, pause } from '../core/back-off.ts';

export interface CommitDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const BACK_OFF = { firstMs: 500, maxMs: 30_000 };

/**
 * Commits how a payment ended, with repeats for as long as the journal is away. `write` may be repeated after it was
 * stored. Resolves to true when the journal has stored it, to false when it has refused it for good; never rejects.
 */
export async function commit(
  { clock, random, logger }: CommitDependencies,
  paymentId: string,
  write: () => Promise<unknown>,
): Promise<boolean> {
  for (let repeats = 0; ; repeats += 1) {
    try {
      await write();
      return true;
    } catch (error) {
      logger.error('The end of a payment was not stored', { paymentId, ...describeError(error) });
      if (isRefusal(error)) return false;
    }
    await pause(clock, backOffMs(BACK_OFF, repeats, random));
  }
}

/** Whether the journal answered, and would answer the same again. */
export function isRefusal(error: unknown): boolean {
  return error instanceof JournalError && error.code !== 'UNAVAILABLE' && error.code !== 'UNCLEAR';
}
