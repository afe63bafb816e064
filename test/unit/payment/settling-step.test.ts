import { describe, expect, it } from 'vitest';
import type { UnknownAttempt } from '../../../src/journal/journal.ts';
import { settlingStep } from '../../../src/payment/settling-step.ts';
import type { ProviderTraits } from '../../../src/payment/provider.ts';

/** Goal: an unknown charge is repeated only under a key that the provider still recognises, never otherwise. */
const BEGUN = '2026-11-02T12:00:00.000Z';
const HOUR_MS = 3_600_000;
const TOKENS: ProviderTraits = {
  tokenises: true,
  keyLifetimeMs: 24 * HOUR_MS,
  replays: 'all',
  lookup: 'by-id',
  lookupConsistent: true,
  maxKeyLength: 255,
};
const attempt = (changes: Partial<UnknownAttempt> = {}): UnknownAttempt => ({
  idempotencyKey: 'att_a',
  paymentId: 'pay_a',
  operation: 'charge',
  amountMinor: 4250,
  currency: 'GBP',
  token: 'tok_a',
  profileId: 'card-gbp',
  reference: null,
  description: null,
  brand: null,
  last4: null,
  begunAt: BEGUN,
  tries: 0,
  nextTryAt: null,
  escalatedAt: null,
  ...changes,
});
const at = (ms: number): number => Date.parse(BEGUN) + ms;

describe('settlingStep', () => {
  it.each([
    { name: 'a young key', traits: TOKENS, ageMs: HOUR_MS, step: 'repeat' },
    { name: 'the last minute of a key', traits: TOKENS, ageMs: 24 * HOUR_MS - 60_000, step: 'look-up' },
    { name: 'a dead key', traits: TOKENS, ageMs: 25 * HOUR_MS, step: 'look-up' },
    { name: 'a clock that was set back', traits: TOKENS, ageMs: -HOUR_MS, step: 'look-up' },
    { name: 'no keys at all', traits: { ...TOKENS, keyLifetimeMs: 0 }, ageMs: 0, step: 'look-up' },
    {
      name: 'a dead key and nobody to ask',
      traits: { ...TOKENS, lookup: 'none' },
      ageMs: 25 * HOUR_MS,
      step: 'person',
    },
  ] as const)('with $name: $step', ({ traits, ageMs, step }) => {
    expect(settlingStep(traits, attempt(), at(ageMs))).toBe(step);
  });

  it('never repeats without a token: the card is gone', () => {
    expect(settlingStep(TOKENS, attempt({ token: null }), at(1000))).toBe('look-up');
    expect(settlingStep({ ...TOKENS, lookup: 'none' }, attempt({ token: null }), at(1000))).toBe('person');
  });

  it('takes the stored token when a token is all that was wanted', () => {
    expect(settlingStep(TOKENS, attempt({ operation: 'tokenize' }), at(100 * HOUR_MS))).toBe('take-token');
  });
});
