import { expect } from 'vitest';
import { makesTokens } from '../../../src/payment/provider.ts';
import type { ProviderResult } from '../../../src/payment/provider.ts';
import type { ContractPromise } from './outcome-promises.ts';
import { finish, pay, REQUEST, turn } from './contract-payment.ts';
import type { ProviderSubject, Situation } from './provider-harness.ts';

const hasKeys = ({ provider }: ProviderSubject): boolean => provider.traits.keyLifetimeMs > 0;
const looksUp = ({ provider }: ProviderSubject): boolean => provider.traits.lookup !== 'none';

/** Our own keys are this long (`makeId`). */
const KEY_LENGTH = REQUEST.idempotencyKey.length;

const PARALLEL = 20;

/** What an adapter promises about repeats, look-ups and its end. */
export const KEY_PROMISES: readonly ContractPromise[] = [
  {
    name: 'declares traits that fit together',
    situations: [],
    check({ provider }) {
      const { traits } = provider;
      expect(traits.replays === 'none').toBe(traits.keyLifetimeMs === 0);
      expect(traits.maxKeyLength).toBeGreaterThanOrEqual(KEY_LENGTH);
      expect(provider.lookUp !== undefined).toBe(traits.lookup !== 'none');
      if (traits.lookup === 'none') expect(traits.lookupConsistent).toBe(false);
      return Promise.resolve();
    },
  },
  {
    name: 'gives a repeat under the same key the first answer, and charges once',
    situations: ['approve'],
    isFor: hasKeys,
    async check(subject) {
      const first = await finish(subject, pay(subject, await subject.stage('approve')));
      expect((await again(subject, 'approve', first.token)).reference).toBe(first.result.reference);
      expect(subject.charges()).toBe(1);
    },
  },
  {
    name: 'gives a repeat after a decline the decline, and charges nothing',
    situations: ['decline'],
    isFor: hasKeys,
    async check(subject) {
      const first = await finish(subject, pay(subject, await subject.stage('decline')));
      expect((await again(subject, 'decline', first.token)).outcome).toBe('declined');
      expect(subject.charges()).toBe(0);
    },
  },
  {
    name: 'does not take a repeat that cannot be sent for proof that nothing was charged',
    situations: ['approve', 'refused'],
    isFor: ({ provider }) => makesTokens(provider),
    async check(subject) {
      const first = await finish(subject, pay(subject, await subject.stage('approve')));
      expect((await again(subject, 'refused', first.token)).outcome).toBe('unknown');
    },
  },
  {
    name: 'charges once for each of many payments at the same time',
    situations: ['approve'],
    async check(subject) {
      const cards = await Promise.all(Array.from({ length: PARALLEL }, () => subject.stage('approve')));
      const running = cards.map((card, index) =>
        pay(subject, card, { ...REQUEST, idempotencyKey: `att_${letters(index)}` }),
      );
      const paid = await finish(subject, Promise.all(running));
      expect(paid.map(({ result }) => result.outcome)).toEqual(paid.map(() => 'approved'));
      expect(new Set(paid.map(({ result }) => result.reference)).size).toBe(PARALLEL);
      expect(subject.charges()).toBe(PARALLEL);
    },
  },
  {
    name: 'finds a charge by look-up, and moves no money by it',
    situations: ['approve'],
    isFor: (subject) => looksUp(subject) && subject.provider.traits.lookupConsistent,
    async check(subject) {
      const { result, token } = await finish(subject, pay(subject, await subject.stage('approve')));
      const found = await lookUp(subject, token);
      expect(found).toMatchObject({ outcome: 'approved', reference: result.reference });
      expect(subject.charges()).toBe(1);
    },
  },
  {
    name: 'calls nothing failed by look-up that can still be charged',
    situations: ['approve'],
    isFor: (subject) => looksUp(subject) && makesTokens(subject.provider),
    async check(subject) {
      const { provider } = subject;
      if (!makesTokens(provider)) return;
      const tokenised = await finish(subject, provider.tokenise(REQUEST, await subject.stage('approve')));
      expect(tokenised.kind).toBe('token');
      if (tokenised.kind !== 'token') return;
      const found = await lookUp(subject, tokenised.token);
      expect(found === 'undecided' || found.outcome === 'failed').toBe(true);
      expect(subject.charges()).toBe(0);
      await finish(subject, provider.charge(REQUEST, tokenised.token, true));
      expect(subject.charges()).toBe(found === 'undecided' ? 1 : 0);
    },
  },
  {
    name: 'says undecided when nobody answers a look-up',
    situations: ['approve', 'refused'],
    isFor: looksUp,
    async check(subject) {
      const { token } = await finish(subject, pay(subject, await subject.stage('approve')));
      await subject.stage('refused');
      expect(await lookUp(subject, token)).toBe('undecided');
    },
  },
  {
    name: 'does not believe a look-up about another payment',
    situations: ['approve', 'wrong-payment'],
    isFor: looksUp,
    async check(subject) {
      const { token } = await finish(subject, pay(subject, await subject.stage('approve')));
      await subject.stage('wrong-payment');
      expect(await lookUp(subject, token)).toBe('undecided');
    },
  },
  {
    name: 'ends a request that is under way as unknown when it is closed',
    situations: ['never-answers'],
    async check(subject) {
      const card = await subject.stage('never-answers');
      const running = pay(subject, card);
      while (!subject.isHolding()) await turn();
      await subject.provider.close();
      expect((await finish(subject, running)).result.outcome).toBe('unknown');
      expect(card.isZeroEverywhere).toBe(true);
    },
  },
  {
    name: 'is failed, with nothing sent, when it was closed before',
    situations: ['approve'],
    async check(subject) {
      const card = await subject.stage('approve');
      await subject.provider.close();
      expect((await finish(subject, pay(subject, card))).result.outcome).toBe('failed');
      expect(subject.charges()).toBe(0);
    },
  },
];

/** The same request once more, as the reconciler sends it: the first one may have been acted on. */
async function again(
  subject: ProviderSubject,
  situation: Situation,
  token: string | null,
): Promise<ProviderResult> {
  const { provider } = subject;
  const card = await subject.stage(situation);
  if (!makesTokens(provider)) return finish(subject, provider.execute(REQUEST, card));
  expect(token).not.toBeNull();
  return finish(subject, provider.charge(REQUEST, token ?? '', true));
}

function lookUp(subject: ProviderSubject, token: string | null) {
  return finish(subject, subject.provider.lookUp?.(REQUEST, token) ?? Promise.resolve('undecided' as const));
}

/** A key without digits for each payment. */
function letters(index: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + index).padEnd(KEY_LENGTH - 4, 'z');
}
