import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { JournalError } from '../journal/journal-error.ts';
import { backOffMs, pause } from '../core/back-off.ts';
import { isRefusal } from './commit.ts';

/** How far a commit got. `refused`: the journal knows of another attempt, or of an end. */
export type Stored = 'stored' | 'not-stored' | 'unclear' | 'refused';

/** A write to the journal, and the question whether it was stored. */
export interface CarefulWrite {
  readonly write: () => Promise<'stored' | 'refused'>;
  readonly isStored: () => Promise<boolean>;
}

/** Digits are held no longer than this for a journal that is away. */
const JOURNAL_WAIT_MS = 10_000;
const BACK_OFF = { firstMs: 100, maxMs: 1000 };

/** Commits within 10 s, with repeats; a commit whose answer was lost is read back before anything else. */
export async function storeWithin(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  careful: CarefulWrite,
): Promise<Stored> {
  const untilMs = clock.monotonicMs() + JOURNAL_WAIT_MS;
  let stored: Stored = 'not-stored';
  for (let tries = 0; ; tries += 1) {
    stored = await tryOnce(careful, stored === 'unclear');
    if (stored === 'stored' || stored === 'refused') return stored;
    const pauseMs = backOffMs(BACK_OFF, tries, random);
    if (clock.monotonicMs() + pauseMs >= untilMs) return stored;
    await pause(clock, pauseMs);
  }
}

/** Writes once; what may be stored already is read back first. */
async function tryOnce({ write, isStored }: CarefulWrite, mayBeStored: boolean): Promise<Stored> {
  try {
    if (mayBeStored && (await isStored())) return 'stored';
  } catch {
    return 'unclear';
  }
  try {
    return await write();
  } catch (error) {
    if (isRefusal(error)) return 'refused';
    return error instanceof JournalError && error.code === 'UNAVAILABLE' ? 'not-stored' : 'unclear';
  }
}
