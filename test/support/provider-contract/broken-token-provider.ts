import { makesTokens } from '../../../src/payment/provider.ts';
import type {
  PaymentProvider,
  ProviderResult,
  Tokenised,
  TokenProvider,
} from '../../../src/payment/provider.ts';
import type { CardDetails } from '../../../src/vault/card-details.ts';
import type { TestCard } from '../test-card.ts';
import { promiseFor } from './outcome-promises.ts';
import type { ProviderHarness } from './provider-harness.ts';

/** A way in which an adapter that makes tokens can be wrong, and one of the promises that it breaks. */
export interface Flaw {
  readonly name: string;
  readonly breaks: string;
  readonly changes: (sound: TokenProvider) => Partial<TokenProvider>;
}

export const TOKEN_FLAWS: readonly Flaw[] = [
  {
    name: 'says failed after a timeout',
    breaks: promiseFor('never-answers'),
    changes: changingResults((result) =>
      result.outcome === 'unknown' ? { ...result, outcome: 'failed' } : result,
    ),
  },
  {
    name: 'says unknown when nothing was sent',
    breaks: promiseFor('refused'),
    changes: (sound) => ({
      tokenise: async (request, card) => {
        const tokenised = await sound.tokenise(request, card);
        return tokenised.kind === 'token' ? tokenised : endedAs(tokenised, 'unknown');
      },
    }),
  },
  {
    name: 'keeps the reference to itself',
    breaks: promiseFor('approve'),
    changes: changingResults((result) => ({ ...result, reference: null })),
  },
  {
    name: 'keeps the reason of a decline to itself',
    breaks: promiseFor('decline'),
    changes: changingResults((result) => ({ ...result, declineCode: null })),
  },
  {
    name: 'leaves a copy of the digits',
    breaks: promiseFor('approve'),
    changes: (sound) => ({
      tokenise: (request, card) => {
        card.writeInto(new Uint8Array(new ArrayBuffer(128)), 0, 'payment-card-number');
        return sound.tokenise(request, card);
      },
    }),
  },
  {
    name: 'wipes the card itself',
    breaks: promiseFor('approve'),
    changes: (sound) => ({
      tokenise: async (request, card) => {
        const tokenised = await sound.tokenise(request, card);
        (card as TestCard).wipe();
        return tokenised;
      },
    }),
  },
  {
    name: 'says digits in its message',
    breaks: promiseFor('decline'),
    changes: (sound) => {
      let digits = '';
      return {
        tokenise: (request, card) => {
          digits = digitsOf(card);
          return sound.tokenise(request, card);
        },
        charge: async (...input) => ({
          ...(await sound.charge(...input)),
          message: `The card ${digits} was declined.`,
        }),
      };
    },
  },
  {
    name: 'puts the card number into the token',
    breaks: 'keeps the token short enough to be stored, and without digits of the card',
    changes: (sound) => ({
      tokenise: async (request, card) => {
        const digits = digitsOf(card);
        const tokenised = await sound.tokenise(request, card);
        return tokenised.kind === 'token'
          ? { ...tokenised, token: `${tokenised.token}_${digits}` }
          : tokenised;
      },
      charge: (request, token, isRepeat) => sound.charge(request, token.replace(/_\d+$/, ''), isRepeat),
    }),
  },
  {
    name: 'charges while it tokenises',
    breaks: 'tokenises without moving money',
    changes: (sound) => ({
      tokenise: async (request, card) => {
        const charged = { ...request, operation: 'charge', amountMinor: 100 } as const;
        const tokenised = await sound.tokenise(charged, card);
        if (tokenised.kind === 'token') await sound.charge(charged, tokenised.token, false);
        return tokenised;
      },
    }),
  },
  {
    name: 'charges a second card under a key of its own when it is asked again',
    breaks: 'gives a repeat under the same key the first answer, and charges once',
    changes: (sound) => {
      let kept: CardDetails | null = null;
      return {
        tokenise: (request, card) => {
          kept = card;
          return sound.tokenise(request, card);
        },
        charge: async (request, token, isRepeat) => {
          if (!isRepeat || kept === null) return sound.charge(request, token, isRepeat);
          const again = { ...request, idempotencyKey: `${request.idempotencyKey}_again` };
          const tokenised = await sound.tokenise(again, kept);
          return tokenised.kind === 'token' ? sound.charge(again, tokenised.token, false) : tokenised.result;
        },
      };
    },
  },
  {
    name: 'takes a repeat that was not sent for proof',
    breaks: 'does not take a repeat that cannot be sent for proof that nothing was charged',
    changes: (sound) => ({ charge: (request, token) => sound.charge(request, token, false) }),
  },
  {
    name: 'calls failed what it does not find decided',
    breaks: 'says undecided when nobody answers a look-up',
    changes: (sound) => ({
      lookUp: async (...input) => {
        const found = (await sound.lookUp?.(...input)) ?? 'undecided';
        return found === 'undecided' ? FAILED : found;
      },
    }),
  },
  {
    name: 'calls failed by look-up what it leaves chargeable',
    breaks: 'calls nothing failed by look-up that can still be charged',
    changes: () => ({ lookUp: () => Promise.resolve(FAILED) }),
  },
  {
    name: 'charges by look-up',
    breaks: 'calls nothing failed by look-up that can still be charged',
    changes: (sound) => ({ lookUp: (request, token) => sound.charge(request, token ?? '', true) }),
  },
  {
    name: 'looks for nothing',
    breaks: 'finds a charge by look-up, and moves no money by it',
    changes: () => ({ lookUp: () => Promise.resolve('undecided') }),
  },
  {
    name: 'declares a look-up that it has not',
    breaks: 'declares traits that fit together',
    changes: () => ({ lookUp: undefined }) as unknown as Partial<TokenProvider>,
  },
  {
    name: 'declares keys that live and are not replayed',
    breaks: 'declares traits that fit together',
    changes: ({ traits }) => ({ traits: { ...traits, replays: 'none' } }),
  },
  {
    name: 'has keys shorter than ours',
    breaks: 'declares traits that fit together',
    changes: ({ traits }) => ({ traits: { ...traits, maxKeyLength: 20 } }),
  },
  {
    name: 'goes on after it was closed',
    breaks: 'is failed, with nothing sent, when it was closed before',
    changes: () => ({ close: () => Promise.resolve() }),
  },
  {
    name: 'rejects when it does not know',
    breaks: promiseFor('garbage'),
    changes: changingResults((result) => {
      if (result.outcome === 'unknown') throw new Error('no answer');
      return result;
    }),
  },
  {
    name: 'says that the card was declined when it did not become a token',
    breaks: 'is failed, since no money can have moved, when the card did not become a token',
    changes: (sound) => ({
      tokenise: async (request, card) => {
        const tokenised = await sound.tokenise(request, card);
        return tokenised.kind === 'token' ? tokenised : endedAs(tokenised, 'declined');
      },
    }),
  },
];

const FAILED: ProviderResult = {
  outcome: 'failed',
  reference: null,
  brand: null,
  last4: null,
  declineCode: null,
  message: 'Not found.',
};

/** The same far end with a flawed adapter in front of it. */
export function withFlaw(harness: ProviderHarness, { name, changes }: Flaw): ProviderHarness {
  return {
    ...harness,
    name: `${harness.name}, which ${name}`,
    open: async () => {
      const subject = await harness.open();
      const { provider: sound } = subject;
      if (!makesTokens(sound)) throw new Error('a flaw for adapters that make tokens');
      return {
        ...subject,
        provider: flawed(sound, changes(sound)),
        close: async () => {
          await sound.close();
          await subject.close();
        },
      };
    },
  };
}

function flawed(sound: TokenProvider, changes: Partial<TokenProvider>): PaymentProvider {
  return {
    kind: sound.kind,
    traits: sound.traits,
    tokenise: (request, card) => sound.tokenise(request, card),
    charge: (request, token, isRepeat) => sound.charge(request, token, isRepeat),
    lookUp: (request, token) => sound.lookUp?.(request, token) ?? Promise.resolve('undecided'),
    close: () => sound.close(),
    ...changes,
  };
}

function changingResults(change: (result: ProviderResult) => ProviderResult): Flaw['changes'] {
  return (sound) => ({ charge: async (...input) => change(await sound.charge(...input)) });
}

/** `unknown` is an outcome that tokenising cannot have: an adapter in JavaScript could say it all the same. */
function endedAs(
  ended: Extract<Tokenised, { kind: 'ended' }>,
  outcome: ProviderResult['outcome'],
): Tokenised {
  return { kind: 'ended', result: { ...ended.result, outcome } } as Tokenised;
}

function digitsOf(card: CardDetails): string {
  const bytes = Buffer.alloc(card.length('payment-card-number'));
  card.writeInto(bytes, 0, 'payment-card-number');
  const text = bytes.toString('latin1');
  bytes.fill(0);
  return text;
}
