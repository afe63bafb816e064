import { makesTokens } from '../../../src/payment/provider.ts';
import type { ProviderRequest, ProviderResult } from '../../../src/payment/provider.ts';
import type { TestCard } from '../test-card.ts';
import type { ProviderSubject } from './provider-harness.ts';

export const REQUEST: ProviderRequest = {
  operation: 'charge',
  idempotencyKey: 'att_abcdefghjkmnpqrsabcdefghjkmnpqrs',
  amountMinor: 4250,
  currency: 'GBP',
  reference: 'order-17',
  description: 'Two tickets',
};

/** How a payment ended, with the token that was charged; null when there was none. */
export interface Paid {
  readonly result: ProviderResult;
  readonly token: string | null;
}

/** Pays as the payment flow does: a token first, where the provider makes tokens. */
export async function pay(
  { provider }: ProviderSubject,
  card: TestCard,
  request: ProviderRequest = REQUEST,
): Promise<Paid> {
  if (!makesTokens(provider)) return { result: await provider.execute(request, card), token: null };
  const tokenised = await provider.tokenise(request, card);
  if (tokenised.kind === 'ended') return { result: tokenised.result, token: null };
  return { result: await provider.charge(request, tokenised.token, false), token: tokenised.token };
}

/** Pauses between repeats are at most this long; the wait for one answer is longer. */
const PAUSE_MS_MAX = 4000;
/** Nothing here takes longer, in real time, unless the adapter waits for what will never come. */
const REAL_MS_MAX = 20_000;

/**
 * Runs to the end. Sockets take the time they need; the clock is moved over pauses between repeats, and over the wait
 * for an answer as soon as the far end holds a request that it will not answer. Throws when that does not end.
 */
export async function finish<T>(
  { clock, isHolding }: Pick<ProviderSubject, 'clock' | 'isHolding'>,
  running: Promise<T>,
): Promise<T> {
  let isDone = false;
  const done = running.finally(() => (isDone = true));
  done.catch(() => undefined);
  const untilMs = performance.now() + REAL_MS_MAX;
  while (!isDone) {
    if (performance.now() > untilMs) throw new Error('The adapter waits for what will never come.');
    await turn();
    const nextInMs = clock.nextInMs ?? Infinity;
    // A difference of sums of fractions: the longest pause may come out a hair longer than it is.
    if (Math.floor(nextInMs) <= PAUSE_MS_MAX || (nextInMs < Infinity && isHolding())) clock.advance(nextInMs);
  }
  return done;
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
