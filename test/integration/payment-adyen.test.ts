import { afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/app/system-random.ts';
import { Adyen } from '../../src/payment/adyen/adyen.ts';
import type { ProviderRequest } from '../../src/payment/provider.ts';
import { FakeAdyen } from '../support/fake-adyen.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { finish, REQUEST } from '../support/provider-contract/contract-payment.ts';
import { contractCard } from '../support/provider-contract/provider-harness.ts';
import type { EndpointAct } from '../support/provider-endpoint.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';

/** Beyond the provider contract: what is Adyen's own. */
const TOKENIZE: ProviderRequest = { ...REQUEST, operation: 'tokenize', amountMinor: null };
const IN_PROGRESS: EndpointAct = {
  kind: 'json',
  status: 409,
  body: { status: 409, errorCode: '704', message: 'request already processed or in progress' },
};
const RESET: EndpointAct = { kind: 'reset' };
const PAGE: EndpointAct = { kind: 'text', status: 503, type: 'text/html', body: '<html></html>' };

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function start(apiKey = FakeAdyen.apiKey) {
  const fake = await FakeAdyen.open();
  const clock = new FakeClock();
  const provider = new Adyen(
    { kind: 'adyen', url: fake.url, apiKey, merchantAccount: FakeAdyen.merchantAccount },
    { clock, random: systemRandom, logger: new RecordingLogger(), meter: new RecordingMeter() },
  );
  cleanUps.push(async () => {
    await provider.close();
    await fake.close();
    expect(fake.problems).toEqual([]);
  });
  const isHolding = () => fake.endpoint.held > 0;
  const pay = (request = REQUEST, card = contractCard()) =>
    finish({ clock, isHolding }, provider.execute(request, card));
  return { fake, pay };
}

describe('Adyen', () => {
  it('charges once although the answer is lost and the first request is still in progress', async () => {
    const { fake, pay } = await start();
    fake.faults.inject('payment', { kind: 'spoil', act: RESET }, 1);
    fake.faults.inject('payment', { kind: 'refuse', act: IN_PROGRESS }, 2);

    expect(await pay()).toMatchObject({ outcome: 'approved', brand: 'visa', last4: '1486' });
    expect(fake.ledger).toEqual([
      {
        pspReference: expect.any(String) as string,
        reference: REQUEST.idempotencyKey,
        value: 4250,
        currency: 'GBP',
      },
    ]);
    const keys = fake.endpoint.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual(Array.from({ length: 4 }, () => REQUEST.idempotencyKey));
  });

  it('is unknown when no repeat gets an answer, although it was charged', async () => {
    const { fake, pay } = await start();
    fake.faults.inject('payment', { kind: 'spoil', act: RESET });

    expect((await pay()).outcome).toBe('unknown');
    expect(fake.ledger).toHaveLength(1);
    // Five repeats, and then the card is let go.
    expect(fake.endpoint.requests).toHaveLength(6);
  });

  it('does not take a refused repeat for proof that nothing was charged', async () => {
    const { fake, pay } = await start();
    fake.faults.inject('payment', { kind: 'spoil', act: RESET }, 1);
    fake.faults.inject('payment', { kind: 'refuse', act: { kind: 'json', status: 401, body: {} } });

    expect((await pay()).outcome).toBe('unknown');
    expect(fake.ledger).toHaveLength(1);
  });

  it('is failed with a wrong API key, at once', async () => {
    const { fake, pay } = await start('another key');

    expect(await pay()).toMatchObject({
      outcome: 'failed',
      message: 'The payment provider refused the request (000). Nothing was charged.',
    });
    expect(fake.endpoint.requests).toHaveLength(1);
  });

  it('sends nothing for an amount that Adyen does not have', async () => {
    const { fake, pay } = await start();

    expect(await pay({ ...REQUEST, currency: 'IDR', amountMinor: 4250 })).toMatchObject({
      outcome: 'failed',
      message: 'The payment provider takes whole units of this currency only. Nothing was charged.',
    });
    expect(fake.endpoint.connections).toBe(0);
  });

  it('stores a card by an authorisation of zero', async () => {
    const { fake, pay } = await start();

    expect(await pay(TOKENIZE)).toMatchObject({ outcome: 'approved', last4: '1486' });
    expect(fake.ledger).toEqual([]);
  });

  it('declines a card that it does not store', async () => {
    const { pay } = await start();

    expect(await pay(TOKENIZE, contractCard('4000000000000127'))).toMatchObject({
      outcome: 'declined',
      declineCode: '24',
    });
  });

  it('is failed, not unknown, when nobody says whether a card was stored: no money can have moved', async () => {
    const { fake, pay } = await start();
    fake.faults.inject('payment', { kind: 'refuse', act: PAGE });

    expect((await pay(TOKENIZE)).outcome).toBe('failed');
  });
});
