import { afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/app/system-random.ts';
import type { ProviderRequest } from '../../src/payment/provider.ts';
import { Stripe } from '../../src/payment/stripe/stripe.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeStripe } from '../support/fake-stripe.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';
import { parseForm } from '../support/stripe-requests.ts';
import { TestCard } from '../support/test-card.ts';

/**
 * Goal: what is Stripe's own, beyond the provider contract. Method: real HTTP with a fake Stripe that keeps a ledger,
 * gives repeats their first answer, and holds each request against Stripe's OpenAPI document.
 */
const REQUEST: ProviderRequest = {
  operation: 'charge',
  idempotencyKey: 'att_a',
  amountMinor: 4250,
  currency: 'GBP',
  reference: 'order-17',
  description: 'Zwei Karten & Saft',
};

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function open() {
  const fake = await FakeStripe.open();
  cleanUps.push(async () => {
    await fake.close();
    expect(fake.problems).toEqual([]);
  });
  return { fake, ...adapter(fake) };
}

/** An adapter in front of the fake, such as another process would have. */
function adapter(fake: FakeStripe) {
  const clock = new FakeClock();
  const provider = new Stripe(
    { kind: 'stripe', apiKey: FakeStripe.apiKey, url: fake.endpoint.origin },
    { clock, random: systemRandom, meter: new RecordingMeter(), logger: new RecordingLogger() },
  );
  cleanUps.push(() => provider.close());
  return { provider, clock };
}

const card = (number = '4242424242424242') =>
  new TestCard({
    'payment-card-number': number,
    'expiration-date': '0829',
    'security-code': '927',
    'postal-code': '94111',
  });

/** Tokenises and returns the token and the id of the PaymentIntent in it. */
async function tokenise(provider: Stripe, number?: string) {
  const tokenised = await provider.tokenise(REQUEST, card(number));
  if (tokenised.kind !== 'token') throw new Error('expected a token');
  return { token: tokenised.token, intent: tokenised.token.split('/')[0] ?? '' };
}

/** Runs to the end; pauses between repeats are skipped, answers are waited for. */
async function finish<T>(clock: FakeClock, running: Promise<T>): Promise<T> {
  let isDone = false;
  const done = running.finally(() => (isDone = true));
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    if ((clock.nextInMs ?? Infinity) <= 4000) clock.advance(clock.nextInMs ?? 0);
  }
  return done;
}

describe('Stripe', () => {
  it('makes a PaymentMethod of the card, a PaymentIntent without it, and confirms one with the other', async () => {
    const { fake, provider } = await open();
    const tokenised = await provider.tokenise(REQUEST, card());
    expect(tokenised).toEqual({
      kind: 'token',
      token: 'pi_testAAAAAC/pm_testAAAAAB',
      brand: 'visa',
      last4: '4242',
    });
    expect(fake.ledger).toEqual([]);

    const result = await provider.charge(REQUEST, 'pi_testAAAAAC/pm_testAAAAAB', false);
    expect(result).toMatchObject({ outcome: 'approved', reference: 'pi_testAAAAAC' });
    expect(fake.ledger).toEqual([
      { intent: 'pi_testAAAAAC', idempotencyKey: 'att_a', amount: 4250, currency: 'gbp' },
    ]);
    const sent = fake.endpoint.requests.map(({ path, headers, body }) => ({
      path,
      key: headers['idempotency-key'],
      form: parseForm(body),
    }));
    expect(sent).toEqual([
      {
        path: '/v1/payment_methods',
        key: 'att_a-pm',
        form: {
          type: 'card',
          card: { number: '4242424242424242', exp_month: '08', exp_year: '2029', cvc: '927' },
          billing_details: { address: { postal_code: '94111' } },
        },
      },
      {
        path: '/v1/payment_intents',
        key: 'att_a-pi',
        form: {
          amount: '4250',
          currency: 'gbp',
          payment_method_types: ['card'],
          metadata: { tonewall_key: 'att_a', reference: 'order-17' },
          description: 'Zwei Karten & Saft',
        },
      },
      {
        path: '/v1/payment_intents/pi_testAAAAAC/confirm',
        key: 'att_a',
        form: {
          payment_method: 'pm_testAAAAAB',
          payment_method_options: { card: { moto: 'true' } },
          error_on_requires_action: 'true',
        },
      },
    ]);
    for (const { headers } of fake.endpoint.requests) {
      expect(headers).toMatchObject({
        authorization: 'Bearer sk_test_fake',
        'stripe-version': '2026-10-28.endive',
        'content-type': 'application/x-www-form-urlencoded',
      });
    }
  });

  it('gives the PaymentMethod away as the token when nothing is to be charged', async () => {
    const { fake, provider } = await open();
    const request = { ...REQUEST, operation: 'tokenize', amountMinor: null } as const;

    expect(await provider.tokenise(request, card())).toMatchObject({ token: 'pm_testAAAAAB' });
    expect(fake.endpoint.requests).toHaveLength(1);
  });

  it('leaves no PaymentIntent behind when the card is declined at once', async () => {
    const { fake, provider } = await open();

    expect(await provider.tokenise(REQUEST, card('4242424242424241'))).toMatchObject({
      kind: 'ended',
      result: { outcome: 'declined', declineCode: 'incorrect_number' },
    });
    expect(fake.endpoint.requests).toHaveLength(1);
  });

  it('declines when the bank asks for the payer', async () => {
    const { fake, provider } = await open();
    const { token } = await tokenise(provider, '4000002760003184');

    expect(await provider.charge(REQUEST, token, false)).toMatchObject({
      outcome: 'declined',
      declineCode: 'authentication_required',
    });
    expect(fake.ledger).toEqual([]);
  });

  it('cancels a PaymentIntent that waits for the payer, and calls it declined', async () => {
    const { fake, provider } = await open();
    const { token, intent } = await tokenise(provider);
    fake.faults.inject('confirm', { kind: 'refuse', act: { kind: 'json', body: {} } });
    fake.setStatus(intent, 'requires_action');

    expect(await provider.charge(REQUEST, token, false)).toMatchObject({
      outcome: 'declined',
      declineCode: 'authentication_required',
    });
    expect(fake.statusOf(intent)).toBe('canceled');
  });

  it('finds a charge behind a 500 that every repeat gets again', async () => {
    const { fake, clock, provider } = await open();
    const { token } = await tokenise(provider);
    fake.failsNext = 'after';

    expect(await finish(clock, provider.charge(REQUEST, token, false))).toMatchObject({
      outcome: 'approved',
    });
    expect(fake.ledger).toHaveLength(1);
  });

  it('does not know after a 500 without a charge, until the key is dead and the PaymentIntent is canceled', async () => {
    const { fake, clock, provider } = await open();
    const { token, intent } = await tokenise(provider);
    fake.failsNext = 'before';

    expect(await finish(clock, provider.charge(REQUEST, token, false))).toMatchObject({ outcome: 'unknown' });
    expect(fake.statusOf(intent)).toBe('requires_payment_method');

    fake.forgetKeys();
    expect(await provider.lookUp(REQUEST, token)).toMatchObject({ outcome: 'failed' });
    expect(fake.statusOf(intent)).toBe('canceled');
    expect(await finish(clock, provider.charge(REQUEST, token, true))).toMatchObject({ outcome: 'failed' });
    expect(fake.ledger).toEqual([]);
  });

  it('does not cancel by look-up what is being processed', async () => {
    const { fake, provider } = await open();
    const { token, intent } = await tokenise(provider);
    fake.setStatus(intent, 'processing');

    expect(await provider.lookUp(REQUEST, token)).toBe('undecided');
    expect(fake.statusOf(intent)).toBe('processing');
  });

  it('is undecided when it was charged between the look and the cancel, and finds it the next time', async () => {
    const { fake, provider } = await open();
    const { token } = await tokenise(provider);
    expect(await provider.charge(REQUEST, token, false)).toMatchObject({ outcome: 'approved' });
    fake.faults.inject(
      'retrieve',
      { kind: 'change', change: (body) => ({ ...body, status: 'requires_confirmation' }) },
      1,
    );

    expect(await provider.lookUp(REQUEST, token)).toBe('undecided');
    expect(await provider.lookUp(REQUEST, token)).toMatchObject({ outcome: 'approved' });
  });

  it('cancels the next time when it could not the first time', async () => {
    const { fake, provider } = await open();
    const { token, intent } = await tokenise(provider);
    const act = { kind: 'json', status: 500, body: { error: { type: 'api_error' } } } as const;
    fake.faults.inject('cancel', { kind: 'refuse', act }, 1);
    expect(await provider.lookUp(REQUEST, token)).toBe('undecided');
    fake.setStatus(intent, 'succeeded');
    fake.faults.inject(
      'retrieve',
      { kind: 'change', change: (body) => ({ ...body, status: 'requires_confirmation' }) },
      1,
    );
    expect(await provider.lookUp(REQUEST, token)).toBe('undecided');
    fake.setStatus(intent, 'requires_payment_method');

    // An answer kept under a key would be the refusal again.
    expect(await provider.lookUp(REQUEST, token)).toMatchObject({ outcome: 'failed' });
    expect(fake.statusOf(intent)).toBe('canceled');
  });

  it('waits and repeats while its key is in flight', async () => {
    const { fake, clock, provider } = await open();
    const { token } = await tokenise(provider);
    const body = { error: { type: 'idempotency_error', code: 'idempotency_key_in_use' } };
    fake.faults.inject('confirm', { kind: 'refuse', act: { kind: 'json', status: 409, body } }, 1);

    expect(await finish(clock, provider.charge(REQUEST, token, false))).toMatchObject({
      outcome: 'approved',
    });
    expect(fake.ledger).toHaveLength(1);
  });

  it('waits as long as it is told to', async () => {
    const { fake, clock, provider } = await open();
    const { token } = await tokenise(provider);
    const act = { kind: 'json', status: 429, headers: { 'retry-after': '3' }, body: {} } as const;
    fake.faults.inject('confirm', { kind: 'refuse', act }, 1);

    expect(await finish(clock, provider.charge(REQUEST, token, false))).toMatchObject({
      outcome: 'approved',
    });
    expect(clock.monotonicMs()).toBe(3000);
  });

  it('does not repeat what Stripe says is not to be repeated', async () => {
    const { fake, clock, provider } = await open();
    const { token } = await tokenise(provider);
    const headers = { 'stripe-should-retry': 'false' };
    fake.faults.inject('confirm', { kind: 'refuse', act: { kind: 'json', status: 500, headers, body: {} } });

    expect(await finish(clock, provider.charge(REQUEST, token, false))).toMatchObject({ outcome: 'unknown' });
    expect(fake.endpoint.requests.filter(({ path }) => path.endsWith('/confirm'))).toHaveLength(1);
  });

  it('gets the first answer again after a restart', async () => {
    const { fake, clock, provider } = await open();
    const { token } = await tokenise(provider);
    fake.faults.inject('confirm', { kind: 'spoil', act: { kind: 'reset' } });
    fake.faults.inject('retrieve', { kind: 'spoil', act: { kind: 'reset' } });
    expect(await finish(clock, provider.charge(REQUEST, token, false))).toMatchObject({ outcome: 'unknown' });
    fake.faults.heal();

    const restarted = adapter(fake).provider;
    expect(await restarted.charge(REQUEST, token, true)).toMatchObject({ outcome: 'approved' });
    expect(fake.ledger).toHaveLength(1);
  });

  it('does not send what is no token of its own', async () => {
    const { fake, provider } = await open();

    for (const token of ['', 'tok_abc', 'pi_a/../../v1/refunds', 'pi_a/pm_b/x']) {
      expect(await provider.charge(REQUEST, token, false)).toMatchObject({ outcome: 'failed' });
      expect(await provider.charge(REQUEST, token, true)).toMatchObject({ outcome: 'unknown' });
      expect(await provider.lookUp(REQUEST, token)).toBe('undecided');
    }
    expect(await provider.lookUp(REQUEST, null)).toBe('undecided');
    expect(fake.endpoint.requests).toEqual([]);
  });
});
