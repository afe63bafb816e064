import { expect } from 'vitest';
import { makesTokens } from '../../../src/payment/provider.ts';
import type { ProviderResult } from '../../../src/payment/provider.ts';
import type { ProviderSubject, Situation } from './provider-harness.ts';
import { finish, pay, REQUEST } from './contract-payment.ts';

/** One thing that every adapter promises, as a function that throws when it does not hold. */
export interface ContractPromise {
  readonly name: string;
  /** The situations that it needs; without them it is not asked for. */
  readonly situations: readonly Situation[];
  /** Whether it is for this adapter at all; for every adapter if not given. */
  readonly isFor?: (subject: ProviderSubject) => boolean;
  check(subject: ProviderSubject): Promise<void>;
}

interface Expected {
  readonly outcome: ProviderResult['outcome'];
  /** Where it is another one, because the far end does not recognise a repeated key. */
  readonly keyless?: ProviderResult['outcome'];
  /** How often money may have moved. */
  readonly charges: readonly number[];
}

const EXPECTED: Record<Exclude<Situation, 'echo' | 'no-token'>, Expected> = {
  approve: { outcome: 'approved', charges: [1] },
  decline: { outcome: 'declined', charges: [0] },
  'error-page': { outcome: 'unknown', charges: [0] },
  'never-answers': { outcome: 'unknown', charges: [0, 1] },
  // Where the far end recognises the key, the repeat brings the first answer.
  'lost-answer': { outcome: 'approved', keyless: 'unknown', charges: [1] },
  'wrong-amount': { outcome: 'unknown', charges: [0, 1] },
  'wrong-payment': { outcome: 'unknown', charges: [0, 1] },
  garbage: { outcome: 'unknown', charges: [0, 1] },
  huge: { outcome: 'unknown', charges: [0, 1] },
  refused: { outcome: 'failed', charges: [0] },
  // A far end without keys may have acted before it was too busy to say so.
  'busy-once': { outcome: 'approved', keyless: 'unknown', charges: [0, 1] },
  'card-declined': { outcome: 'declined', charges: [0] },
};

/** What belongs to the card of the contract, in any text: runs of digits, the code, the date. */
const DIGITS = /\d{7,}|927|12\/?29/;

export const OUTCOME_PROMISES: readonly ContractPromise[] = [
  ...Object.entries(EXPECTED).map(([situation, expected]) =>
    outcomePromise(situation as Situation, expected),
  ),
  {
    name: 'does not say the digits that the far end quotes',
    situations: ['echo'],
    async check(subject) {
      const card = await subject.stage('echo');
      const { result } = await finish(subject, pay(subject, card));
      expect(['declined', 'failed', 'unknown']).toContain(result.outcome);
      expectNoDigits(subject, result);
      expectWiped(card.buffers.size, card.isZeroEverywhere);
    },
  },
  {
    name: 'is failed, since no money can have moved, when the card did not become a token',
    situations: ['no-token'],
    isFor: ({ provider }) => makesTokens(provider),
    async check(subject) {
      const card = await subject.stage('no-token');
      const { result, token } = await finish(subject, pay(subject, card));
      expect(result.outcome).toBe('failed');
      expect(token).toBeNull();
      expect(subject.charges()).toBe(0);
      expectWiped(card.buffers.size, card.isZeroEverywhere);
    },
  },
  {
    name: 'tokenises without moving money',
    situations: ['approve'],
    async check(subject) {
      const card = await subject.stage('approve');
      const request = { ...REQUEST, operation: 'tokenize', amountMinor: null } as const;
      const { provider } = subject;
      if (makesTokens(provider)) {
        const tokenised = await finish(subject, provider.tokenise(request, card));
        expect(tokenised.kind).toBe('token');
        if (tokenised.kind === 'token') expect(tokenised.token).toMatch(/^[\x21-\x7e]{1,512}$/);
        expect(subject.charges()).toBe(0);
      } else {
        expect((await finish(subject, provider.execute(request, card))).reference).not.toBeNull();
      }
      expectWiped(card.buffers.size, card.isZeroEverywhere);
    },
  },
  {
    name: 'keeps the token short enough to be stored, and without digits of the card',
    situations: ['approve'],
    isFor: ({ provider }) => makesTokens(provider),
    async check(subject) {
      const { token } = await finish(subject, pay(subject, await subject.stage('approve')));
      expect(token).toMatch(/^[\x21-\x7e]{1,512}$/);
      expect(token).not.toMatch(DIGITS);
    },
  },
];

/** The name of the promise about how a payment ends in a situation. */
export function promiseFor(situation: Situation): string {
  return `ends with the right outcome, and no digit left, in the situation: ${situation}`;
}

function outcomePromise(situation: Situation, expected: Expected): ContractPromise {
  return {
    name: promiseFor(situation),
    situations: [situation],
    async check(subject) {
      const card = await subject.stage(situation);
      const { result } = await finish(subject, pay(subject, card));
      const isKeyless = subject.provider.traits.keyLifetimeMs === 0;
      expect(result.outcome).toBe((isKeyless ? expected.keyless : undefined) ?? expected.outcome);
      expect(expected.charges).toContain(subject.charges());
      expect(result.reference !== null).toBe(result.outcome === 'approved');
      expect(result.declineCode !== null).toBe(result.outcome === 'declined');
      if (situation === 'decline') {
        expect(result.declineCode).toBe(subject.declineCode ?? 'insufficient_funds');
      }
      expect(result.message).toMatch(/^[A-Z].*\.$/);
      expectNoDigits(subject, result);
      if (situation !== 'refused') expect(card.buffers.size).toBeGreaterThan(0);
      expect(card.isZeroEverywhere).toBe(true);
      // The caller wipes the card; it may still be needed for its last four digits.
      expect(card.isWiped).toBe(false);
      expect(subject.clock.pending).toBe(0);
    },
  };
}

function expectNoDigits(subject: ProviderSubject, result: ProviderResult): void {
  const { last4, ...told } = result;
  expect(last4 ?? '1486').toMatch(/^\d{4}$/);
  expect(JSON.stringify(told) + subject.said()).not.toMatch(DIGITS);
}

function expectWiped(buffers: number, isZeroEverywhere: boolean): void {
  expect(buffers).toBeGreaterThan(0);
  expect(isZeroEverywhere).toBe(true);
}
