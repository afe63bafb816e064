import type { ProviderSettings } from '../../src/core/payment-profile.ts';
import { FakeAdyen } from './fake-adyen.ts';
import { FakeBraintree } from './fake-braintree.ts';
import { FakeStripe } from './fake-stripe.ts';
import { ProviderEndpoint } from './provider-endpoint.ts';

/** A far end that lives through the crashes of the program, and its list of the money that moved. */
export interface KillBank {
  readonly name: string;
  readonly settings: ProviderSettings;
  /** The keys of all charges, one for each time that money moved. */
  charges(): readonly string[];
  close(): Promise<void>;
}

export const KILL_BANKS: readonly (() => Promise<KillBank>)[] = [
  () => connector(true),
  () => connector(false),
  stripe,
  adyen,
  braintree,
];

async function connector(idempotent: boolean): Promise<KillBank> {
  const endpoint = await ProviderEndpoint.open();
  const charged: string[] = [];
  endpoint.decide = ({ body }) => {
    const key = (JSON.parse(body) as { transaction_id: string }).transaction_id;
    if (!idempotent || !charged.includes(key)) charged.push(key);
    return { kind: 'json', body: { charge_id: `ch_${key}`, error_code: null } };
  };
  return {
    name: `Generic Pay Connector ${idempotent ? 'with' : 'without'} keys`,
    settings: {
      kind: 'generic-pay-connector',
      url: endpoint.url,
      username: 'u',
      password: 'p',
      dialect: 'twilio',
      idempotent,
    },
    charges: () => charged,
    close: () => endpoint.close(),
  };
}

async function stripe(): Promise<KillBank> {
  const fake = await FakeStripe.open();
  return {
    name: 'Stripe',
    settings: { kind: 'stripe', apiKey: FakeStripe.apiKey, url: fake.endpoint.origin },
    charges: () => fake.ledger.map(({ idempotencyKey }) => idempotencyKey),
    close: () => fake.close(),
  };
}

async function adyen(): Promise<KillBank> {
  const fake = await FakeAdyen.open();
  const { apiKey, merchantAccount } = FakeAdyen;
  return {
    name: 'Adyen',
    settings: { kind: 'adyen', url: fake.url, apiKey, merchantAccount },
    charges: () => fake.ledger.map(({ reference }) => reference),
    close: () => fake.endpoint.close(),
  };
}

async function braintree(): Promise<KillBank> {
  const fake = await FakeBraintree.open();
  const { publicKey, privateKey, merchantAccountId } = FakeBraintree;
  return {
    name: 'Braintree',
    settings: { kind: 'braintree', url: fake.endpoint.origin, publicKey, privateKey, merchantAccountId },
    charges: () => fake.transactions.map(({ orderId }) => orderId),
    close: () => fake.endpoint.close(),
  };
}
