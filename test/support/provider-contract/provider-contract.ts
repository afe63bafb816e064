import { describe, expect, it } from 'vitest';
import { KEY_PROMISES } from './key-promises.ts';
import { OUTCOME_PROMISES } from './outcome-promises.ts';
import type { ContractPromise } from './outcome-promises.ts';
import type { ProviderHarness } from './provider-harness.ts';

const PROMISES: readonly ContractPromise[] = [...OUTCOME_PROMISES, ...KEY_PROMISES];

/** Registers a test for each promise that concerns the adapter, and that its far end can be brought to ask for. */
export async function describeProviderContract(harness: ProviderHarness): Promise<void> {
  const promises = await promisesFor(harness);
  describe(`provider contract: ${harness.name}`, () => {
    it.each(promises)('$name', async (promise) => {
      await expect(hold(harness, promise)).resolves.toBeUndefined();
    });
  });
}

/** Whether one promise, by its name, does not hold: for the proof that the contract sees a broken adapter. */
export async function isBroken(harness: ProviderHarness, name: string): Promise<boolean> {
  const promise = (await promisesFor(harness)).find((candidate) => candidate.name === name);
  if (promise === undefined) throw new Error(`There is no promise for it: ${name}`);
  try {
    await hold(harness, promise);
    return false;
  } catch {
    return true;
  }
}

/** The names of the promises that do not hold. */
export async function brokenPromises(harness: ProviderHarness): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const { name } of await promisesFor(harness)) if (await isBroken(harness, name)) broken.push(name);
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
