import { describe, it } from 'vitest';
import { KEY_PROMISES } from './key-promises.ts';
import { OUTCOME_PROMISES } from './outcome-promises.ts';
import type { ContractPromise } from './outcome-promises.ts';
import type { ProviderHarness } from './provider-harness.ts';

const PROMISES: readonly ContractPromise[] = [...OUTCOME_PROMISES, ...KEY_PROMISES];

/** Registers a test for each promise that concerns the adapter, and that its far end can be brought to ask for. */
export async function describeProviderContract(harness: ProviderHarness): Promise<void> {
  const promises = await promisesFor(harness);
  describe(`provider contract: ${harness.name}`, () => {
    it.each(promises)('$name', (promise) => hold(harness, promise));
  });
}

/** The names of the promises that an adapter breaks, and how; for the proof that the contract sees a broken one. */
export async function brokenPromises(harness: ProviderHarness): Promise<ReadonlyMap<string, string>> {
  const broken = new Map<string, string>();
  for (const promise of await promisesFor(harness)) {
    try {
      await hold(harness, promise);
    } catch (error) {
      broken.set(promise.name, error instanceof Error ? error.message : String(error));
    }
  }
  return broken;
}

async function promisesFor(harness: ProviderHarness): Promise<readonly ContractPromise[]> {
  const impossible = harness.without?.situations ?? [];
  const subject = await harness.open();
  const promises = PROMISES.filter(
    ({ situations, isFor }) =>
      !situations.some((situation) => impossible.includes(situation)) && (isFor?.(subject) ?? true),
  );
  await subject.close();
  return promises;
}

async function hold(harness: ProviderHarness, promise: ContractPromise): Promise<void> {
  const subject = await harness.open();
  try {
    await promise.check(subject);
  } finally {
    await subject.close();
  }
}
