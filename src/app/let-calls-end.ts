import type { CallRegistry } from '../call/call-registry.ts';
import type { Clock } from '../core/clock.ts';

/** What a caller who is keying a card when the drain time is over may need to finish: the time of a few fields. */
const OPEN_PAYMENT_MS = 120_000;

/**
 * Takes no new calls and returns when none is open any more. After `drainMs` calls without an open payment are ended;
 * the others may go on for as long again, two minutes at most. `hurry` ends all waiting.
 */
export async function letCallsEnd(
  calls: Pick<CallRegistry, 'drain' | 'endIdle' | 'endAll'>,
  clock: Clock,
  drainMs: number,
  hurry: Promise<void>,
): Promise<void> {
  let isHurried = false;
  const hurried = hurry.then(() => (isHurried = true));
  const drained = calls.drain();
  const elapsed = (delayMs: number): Promise<void> => new Promise((resolve) => clock.after(delayMs, resolve));
  await Promise.race([drained, hurried, elapsed(drainMs)]);
  if (!isHurried) {
    calls.endIdle();
    await Promise.race([drained, hurried, elapsed(Math.min(drainMs, OPEN_PAYMENT_MS))]);
  }
  calls.endAll();
}
