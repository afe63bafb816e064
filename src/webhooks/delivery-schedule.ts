import type { Random } from '../core/random.ts';

/** The first pauses are short, for a receiver that is being restarted; later ones leave a broken one alone. */
const FIRST_MS = 5000;
const LONGEST_MS = 15 * 60_000;
/** Vonage's Payment API, which integrators know, tries for 12 hours. */
const WHOLE_MS = 12 * 3_600_000;
/** Each pause is up to a quarter shorter or longer, so that what failed together is not repeated together. */
const JITTER = 0.25;
/** A receiver may ask for a longer pause, but not for one that would outlast its own repair. */
const ASKED_MAX_MS = 3_600_000;

/** Pauses before the second try, the third and so on, without jitter: doubling, capped, twelve hours in all. */
const PAUSES_MS: readonly number[] = pauses();

function pauses(): number[] {
  const list: number[] = [];
  for (let sumMs = 0; sumMs < WHOLE_MS; sumMs += list.at(-1) ?? 0) {
    list.push(Math.min(LONGEST_MS, FIRST_MS * 2 ** list.length, WHOLE_MS - sumMs));
  }
  return list;
}

/**
 * Milliseconds until the next try after `tries` in vain; null when it was the last. `askedMs` is what the receiver asked
 * for (`Retry-After`), null when it asked for nothing.
 *
 * It counts tries and not hours: time in which this server is down, or in which a message waits for an earlier one of
 * its payment, is not taken from anybody.
 */
export function pauseAfter(tries: number, askedMs: number | null, random: Random): number | null {
  const wholeMs = PAUSES_MS[tries - 1];
  if (wholeMs === undefined) return null;
  const share = (random.bytes(1)[0] ?? 0) / 255;
  const pauseMs = wholeMs * (1 - JITTER + 2 * JITTER * share);
  return Math.max(pauseMs, Math.min(askedMs ?? 0, ASKED_MAX_MS));
}
