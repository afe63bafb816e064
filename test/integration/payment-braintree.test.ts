import { afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/app/system-random.ts';
import { Braintree } from '../../src/payment/braintree/braintree.ts';
import { FakeBraintree } from '../support/fake-braintree.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { finish, REQUEST } from '../support/provider-contract/contract-payment.ts';
import { contractCard } from '../support/provider-contract/provider-harness.ts';
import type { EndpointAct } from '../support/provider-endpoint.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';

/** Beyond the provider contract: what is Braintree's own. */
const RESET: EndpointAct = { kind: 'reset' };
const TOKENIZE = { ...REQUEST, operation: 'tokenize', amountMinor: null } as const;
/** Declined, and rejected for the security code, by the fake. */
const DECLINED = '4000000000009995';
const REJECTED = '4000000000000127';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function start(merchantAccountId = FakeBraintree.merchantAccountId) {
  const fake = await FakeBraintree.open();
  const clock = new FakeClock();
  const { publicKey, privateKey } = FakeBraintree;
  const provider = new Braintree(
    { kind: 'braintree', url: fake.endpoint.origin, publicKey, privateKey, merchantAccountId },
    { clock, random: systemRandom, logger: new RecordingLogger(), meter: new RecordingMeter() },
  );
  cleanUps.push(async () => {
    await provider.close();
    await fake.close();
  });
  const subject = { clock, isHolding: () => fake.endpoint.held > 0 };
  const tokenise = (number?: string, request: Parameters<Braintree['tokenise']>[0] = REQUEST) =>
    finish(subject, provider.tokenise(request, contractCard(number)));
  const tokenOf = async (number?: string) => {
    const tokenised = await tokenise(number);
    if (tokenised.kind === 'ended') throw new Error('no token');
    return tokenised.token;
  };
  const charge = (token: string, isRepeat = false) =>
    finish(subject, provider.charge(REQUEST, token, isRepeat));
  return { fake, provider, tokenise, tokenOf, charge };
}

describe('Braintree', () => {
  it('charges a token once, and a repeat of a later run gets the first transaction', async () => {
    const { fake, tokenOf, charge } = await start();
    const token = await tokenOf();
    const first = await charge(token);

    expect(first).toMatchObject({ outcome: 'approved', brand: 'visa', last4: '1486' });
    expect(await charge(token, true)).toEqual(first);
    expect(fake.transactions).toHaveLength(1);
  });

  it('finds the charge by search where an account has no request keys', async () => {
    const { fake, tokenOf, charge } = await start();
    fake.hasRequestKeys = false;
    fake.faults.inject('charge', { kind: 'spoil', act: RESET }, 1);
    const token = await tokenOf();

    // Its repeats are refused, as the token is used up; that is no proof that nothing was charged.
    expect((await charge(token)).outcome).toBe('unknown');
    expect((await charge(token, true)).outcome).toBe('approved');
    expect(fake.charges).toBe(1);
  });

  it('stays unknown while the search does not find the charge', async () => {
    const { fake, tokenOf, charge, provider } = await start();
    fake.hasRequestKeys = false;
    fake.isSearchBlind = true;
    fake.faults.inject('charge', { kind: 'spoil', act: RESET }, 1);
    const token = await tokenOf();
    await charge(token);

    expect((await charge(token, true)).outcome).toBe('unknown');
    expect(await provider.lookUp(REQUEST)).toBe('undecided');
  });

  it('finds a decline', async () => {
    const { tokenOf, charge, provider } = await start();
    await charge(await tokenOf(DECLINED));

    expect(await provider.lookUp(REQUEST)).toMatchObject({ outcome: 'declined', declineCode: '2001' });
  });

  it('declines with the reason of the gateway', async () => {
    const { tokenOf, charge } = await start();

    expect(await charge(await tokenOf(REJECTED))).toMatchObject({ outcome: 'declined', declineCode: 'CVV' });
  });

  it('is failed when the first request is refused, for a wrong merchant account', async () => {
    const { fake, tokenOf, charge } = await start('another_account');

    expect(await charge(await tokenOf())).toMatchObject({
      outcome: 'failed',
      message: 'The payment provider refused the request (91513). Nothing was charged.',
    });
    expect(fake.transactions).toEqual([]);
  });

  it('makes a token for later use, of a card that was checked', async () => {
    const { fake, tokenise } = await start();

    expect(await tokenise(undefined, TOKENIZE)).toMatchObject({
      kind: 'token',
      token: expect.stringMatching(/^cGF5bWVudG1ldGhvZF/) as string,
      last4: '1486',
    });
    expect(await tokenise(DECLINED, TOKENIZE)).toMatchObject({
      kind: 'ended',
      result: { outcome: 'declined', declineCode: '2001' },
    });
    expect(fake.transactions).toEqual([]);
  });

  it('has no token when nobody says whether the card was stored, and the card has to be keyed again', async () => {
    const { fake, tokenise } = await start();
    fake.faults.inject('store', { kind: 'spoil', act: RESET });

    expect(await tokenise(undefined, TOKENIZE)).toMatchObject({
      kind: 'ended',
      result: { outcome: 'failed' },
    });
    // Storing is not repeated: it uses the first token up.
    expect(fake.endpoint.requests).toHaveLength(2);
  });
});
