import { describe, expect, it } from 'vitest';
import { TOKEN_FLAWS, withFlaw } from '../support/provider-contract/broken-token-provider.ts';
import { processorHarness } from '../support/provider-contract/connector-harness.ts';
import { NAIVE_FLAWS, NaiveConnector } from '../support/provider-contract/naive-connector.ts';
import type { NaiveFlaw } from '../support/provider-contract/naive-connector.ts';
import { brokenPromises, isBroken } from '../support/provider-contract/provider-contract.ts';
import { stripeHarness } from '../support/provider-contract/stripe-harness.ts';

/**
 * Goal: the provider contract sees an adapter that breaks it. Method: adapters with one flaw each; at least the
 * promise that the flaw is about must fail, and without a flaw none.
 */
const naive = (flaw: NaiveFlaw | null) =>
  processorHarness('a naive adapter', {
    tls: false,
    recognisesKeys: true,
    makeProvider: (url, dependencies) => new NaiveConnector(url, dependencies, flaw),
  });

describe('the provider contract', () => {
  it('has nothing against a sound adapter', async () => {
    expect(await brokenPromises(naive(null))).toEqual([]);
    const sound = { name: 'has no flaw', breaks: '', changes: () => ({}) };
    expect(await brokenPromises(withFlaw(stripeHarness(false), sound))).toEqual([]);
  });

  it.each(NAIVE_FLAWS)('sees an adapter with the flaw $flaw', async ({ flaw, breaks }) => {
    expect(await isBroken(naive(flaw), breaks)).toBe(true);
  });

  it.each(TOKEN_FLAWS)('sees an adapter that $name', async (flaw) => {
    expect(await isBroken(withFlaw(stripeHarness(false), flaw), flaw.breaks)).toBe(true);
  });
});
