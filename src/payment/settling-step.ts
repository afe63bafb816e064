import type { UnknownAttempt } from '../journal/journal.ts';
import type { ProviderTraits } from './provider.ts';

/**
 * What can be done about an attempt whose outcome is unknown:
 *
 * | the attempt                                          | step        |
 * |------------------------------------------------------|-------------|
 * | only a token was wanted, and it is stored            | `take-token`|
 * | has a token, and its key is young enough             | `repeat`    |
 * | anything else, and the provider can be asked         | `look-up`   |
 * | anything else                                        | `person`    |
 *
 * A repeat is under the same key, which the provider recognises: it never charges twice. There is no step with a new
 * key. Without a token a repeat is not possible: the card is gone, rightly.
 */
export type SettlingStep = 'take-token' | 'repeat' | 'look-up' | 'person';

/**
 * A repeat may take this long to arrive, and the provider's clock may differ: the last repeat is sent this much
 * before the key dies.
 */
const KEY_MARGIN_MS = 60_000;

export function settlingStep(traits: ProviderTraits, attempt: UnknownAttempt, nowMs: number): SettlingStep {
  if (attempt.token !== null && attempt.operation === 'tokenize') return 'take-token';
  const ageMs = nowMs - Date.parse(attempt.begunAt);
  // A negative age means that the clock was set back: then nobody knows how old the key is.
  const isYoung = ageMs >= 0 && ageMs < traits.keyLifetimeMs - KEY_MARGIN_MS;
  if (attempt.token !== null && isYoung) return 'repeat';
  return traits.lookup === 'none' ? 'person' : 'look-up';
}
