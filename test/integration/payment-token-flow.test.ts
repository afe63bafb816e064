import { describe, expect, it } from 'vitest';
import { runPayment } from '../../src/payment/payment-flow.ts';
import type {
  ProviderRequest,
  ProviderResult,
  Tokenised,
  TokenProvider,
} from '../../src/payment/provider.ts';
import { APPROVED, finish, readAll, setUp, until } from '../support/payment-flow-setup.ts';
import { paymentRecord } from '../support/payment-record.ts';
import type { TestCard } from '../support/test-card.ts';

/**
 * Goal: with a provider that makes tokens, the card leaves once and before the intent, and only the token can be
 * charged. Method: as in `payment-flow.test.ts`, with a provider that notes what the journal knew at each step.
 */
/** Makes a token, and notes what the journal knew at each step. */
class TokenisingProvider implements TokenProvider {
  readonly kind = 'simulator';
  readonly traits = {
    tokenises: true,
    keyLifetimeMs: 3_600_000,
    replays: 'all',
    lookup: 'none',
    lookupConsistent: false,
    maxKeyLength: 64,
  } as const;
  readonly steps: unknown[] = [];
  tokenised: Tokenised = { kind: 'token', token: 'tok_a', brand: 'visa', last4: '1486' };
  readonly #database: string;
  readonly #card: TestCard;

  constructor(database: string, card: TestCard) {
    this.#database = database;
    this.#card = card;
  }

  tokenise(): Promise<Tokenised> {
    this.steps.push({ step: 'tokenise', ...this.#stored(), isWiped: this.#card.isWiped });
    return Promise.resolve(this.tokenised);
  }

  charge(_request: ProviderRequest, token: string, isRepeat: boolean): Promise<ProviderResult> {
    this.steps.push({ step: 'charge', token, isRepeat, ...this.#stored(), isWiped: this.#card.isWiped });
    return Promise.resolve(APPROVED);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #stored() {
    const [payment] = readAll(this.#database, 'SELECT state FROM payment');
    const [attempt] = readAll(this.#database, 'SELECT state, token FROM attempt');
    return { payment: payment?.['state'], attempt: attempt?.['state'], stored: attempt?.['token'] };
  }
}

describe('runPayment with a provider that makes tokens', () => {
  async function setUpTokens() {
    const world = await setUp();
    const tokens = new TokenisingProvider(world.path, world.card);
    const dependencies = { ...world.dependencies, provider: tokens };
    const pay = () => runPayment(dependencies, world.payment, world.card, 'agent');
    return { ...world, tokens, pay };
  }

  it('tokenises, wipes the card, commits the intent with the token, and charges the token', async () => {
    const { tokens, pay, stored } = await setUpTokens();
    const outcome = await pay();

    expect(outcome).toMatchObject({ outcome: 'approved', providerReference: 'ch_1', last4: '1486' });
    expect(tokens.steps).toEqual([
      { step: 'tokenise', payment: 'processing', isWiped: false },
      {
        step: 'charge',
        token: 'tok_a',
        isRepeat: false,
        payment: 'processing',
        attempt: 'intent',
        stored: 'tok_a',
        isWiped: true,
      },
    ]);
    expect(await stored()).toMatchObject({ state: 'approved', attempts: ['approved'] });
  });

  it('charges nothing when the card gives no token, and stores that before it is told', async () => {
    const { tokens, pay, stored, card } = await setUpTokens();
    const refused = {
      ...APPROVED,
      outcome: 'declined',
      reference: null,
      declineCode: 'expired_card',
    } as const;
    tokens.tokenised = { kind: 'ended', result: refused };

    expect(await pay()).toMatchObject({ outcome: 'declined', declineCode: 'expired_card' });
    expect(tokens.steps).toHaveLength(1);
    expect(await stored()).toMatchObject({ state: 'declined', attempts: [] });
    expect(card.isWiped).toBe(true);
  });

  it('has the token as its result when a token is all that is wanted', async () => {
    const { real, tokens, dependencies, card } = await setUpTokens();
    const payment = paymentRecord({ id: 'pay_t', operation: 'tokenize', amountMinor: null });
    await real.createPayment(payment);

    const outcome = await runPayment({ ...dependencies, provider: tokens }, payment, card, 'agent');
    expect(outcome).toMatchObject({ outcome: 'approved', providerReference: 'tok_a' });
    expect(tokens.steps).toHaveLength(1);
  });

  it('sends nothing to the provider when `processing` cannot be stored', async () => {
    const { journal, tokens, clock, pay, card } = await setUpTokens();
    journal.forever = 'away';

    expect((await finish(clock, pay())).outcome).toBe('failed');
    expect(tokens.steps).toEqual([]);
    expect(card.isWiped).toBe(true);
  });

  it('does not charge the token when the intent cannot be stored', async () => {
    const { journal, tokens, clock, pay, stored } = await setUpTokens();
    journal.faults.beginAttempt.push(...Array.from({ length: 100 }, () => 'away' as const));

    expect((await finish(clock, pay())).outcome).toBe('failed');
    expect(tokens.steps).toHaveLength(1);
    await until(clock, async () => (await stored()).state === 'failed');
  });
});
