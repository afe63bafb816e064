import type { PaymentProvider } from '../../../src/payment/provider.ts';
import type { FakeClock } from '../fake-clock.ts';
import { TestCard } from '../test-card.ts';

/**
 * What a far end does with the payments that follow. Where nothing else is said it goes on doing so, whatever it is
 * asked about a charge, look-ups included.
 *
 * | situation       | the far end                                                                            |
 * |-----------------|----------------------------------------------------------------------------------------|
 * | `approve`       | charges and says so                                                                    |
 * | `decline`       | declines with `insufficient_funds`, or the subject's own `declineCode`                 |
 * | `error-page`    | answers 500 with an HTML page, charges nothing                                         |
 * | `never-answers` | reads and never answers; whether it charged is its own affair                          |
 * | `lost-answer`   | charges, then drops the connection, once; later questions it answers                   |
 * | `wrong-amount`  | charges, and names another amount in its answers                                       |
 * | `wrong-payment` | answers with what belongs to another payment                                           |
 * | `garbage`       | answers with bytes that are not HTTP                                                   |
 * | `huge`          | answers with megabytes of well-formed approval                                         |
 * | `refused`       | accepts no connection                                                                  |
 * | `busy-once`     | answers 429 to the request that charges, once, and then does as asked                  |
 * | `echo`          | declines the first request that holds digits, with a message that quotes its body      |
 * | `card-declined` | declines the card as soon as it sees it: for a token provider, before there is a token |
 * | `no-token`      | token providers only: answers 500 to the request that holds the card                   |
 */
export const SITUATIONS = [
  'approve',
  'decline',
  'error-page',
  'never-answers',
  'lost-answer',
  'wrong-amount',
  'wrong-payment',
  'garbage',
  'huge',
  'refused',
  'busy-once',
  'echo',
  'card-declined',
  'no-token',
] as const;
export type Situation = (typeof SITUATIONS)[number];

/** One adapter in front of one far end, both new. */
export interface ProviderSubject {
  readonly provider: PaymentProvider;
  /** The clock that the adapter has; the far end may have it too. */
  readonly clock: FakeClock;
  /** The far end's own code for want of funds, where it has one. */
  readonly declineCode?: string;
  /** Brings the far end into the situation, from the next request on. Returns a card to pay with, usually `contractCard()`. */
  stage(situation: Situation): Promise<TestCard>;
  /** Everything that the adapter told anyone: its log lines. */
  readonly said: () => string;
  /** How often money moved, by the far end's own ledger. */
  readonly charges: () => number;
  /** Whether the far end has a request that it will never answer, so that time may be moved over the wait for it. */
  readonly isHolding: () => boolean;
  close(): Promise<void>;
}

/** What the contract suite needs to know of one kind of provider. */
export interface ProviderHarness {
  readonly name: string;
  /** Situations into which this far end cannot be brought, and why. */
  readonly without?: { readonly situations: readonly Situation[]; readonly because: string };
  open(): Promise<ProviderSubject>;
}

export const CONTRACT_NUMBER = '4539578763621486';

/** A card with digits that the suite looks for afterwards: security code 927, valid through December 2029. */
export function contractCard(number = CONTRACT_NUMBER): TestCard {
  return new TestCard({ 'payment-card-number': number, 'expiration-date': '1229', 'security-code': '927' });
}
