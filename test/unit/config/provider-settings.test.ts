import { describe, expect, it } from 'vitest';
import type { CaptureField } from '../../../src/core/capture-field.ts';
import { readProvider } from '../../../src/config/provider-settings.ts';

const ENV = {
  STRIPE_KEY: 'rk_live_9x',
  PUBLISHABLE: 'pk_live_9x',
  ADYEN_KEY: 'AQEyhmfx',
  BRAINTREE_KEY: '93b78bc8',
  BROKEN_KEY: 'AQEy\n',
};
const CARD: readonly CaptureField[] = ['payment-card-number', 'expiration-date', 'security-code'];
const BANK: readonly CaptureField[] = ['bank-routing-number', 'bank-account-number'];

const STRIPE = { kind: 'stripe', apiKeyEnv: 'STRIPE_KEY' };
const ADYEN = { kind: 'adyen', apiKeyEnv: 'ADYEN_KEY', merchantAccount: 'TonewallECOM' };
const BRAINTREE = {
  kind: 'braintree',
  publicKey: 'v4ndq314c2s5c28r',
  privateKeyEnv: 'BRAINTREE_KEY',
  merchantAccountId: 'tonewall_gbp',
};

function read(entry: { kind: string; [key: string]: unknown }, fields = CARD, currency = 'GBP') {
  const problems: string[] = [];
  const source = { entry, fields, currency, path: '/profiles/0/provider', env: ENV };
  const settings = readProvider(source, problems);
  return { settings, problems };
}

describe('readProvider', () => {
  it('reads Stripe, at its own address unless the file says otherwise', () => {
    expect(read(STRIPE)).toEqual({
      problems: [],
      settings: { kind: 'stripe', url: 'https://api.stripe.com', apiKey: 'rk_live_9x' },
    });
    expect(read({ ...STRIPE, url: 'http://127.0.0.1:12111/' })).toMatchObject({
      problems: [],
      settings: { url: 'http://127.0.0.1:12111' },
    });
  });

  it.each(['ISK', 'UGX', 'MGA', 'KWD'])(
    'refuses %s for Stripe, which writes its amounts otherwise',
    (code) => {
      expect(read(STRIPE, CARD, code).problems).toEqual([
        `TONEWALL_PROFILES: profiles[0].provider.kind: stripe is not supported with the currency ${code}`,
      ]);
      expect(read(STRIPE, CARD, 'JPY').problems).toEqual([]);
    },
  );

  it('reads Adyen, in its test environment unless the file says otherwise', () => {
    expect(read(ADYEN)).toEqual({
      problems: [],
      settings: {
        kind: 'adyen',
        url: 'https://checkout-test.adyen.com/v71',
        apiKey: 'AQEyhmfx',
        merchantAccount: 'TonewallECOM',
      },
    });
  });

  it("takes Adyen's live address, with or without a slash at its end", () => {
    const live = 'https://1797a841fbb37ca7-Acme-checkout-live.adyenpayments.com/checkout/v71';

    for (const url of [live, `${live}/`]) {
      expect(read({ ...ADYEN, url })).toMatchObject({ problems: [], settings: { url: live } });
    }
  });

  it('reads Braintree, in its sandbox unless the file says otherwise', () => {
    expect(read(BRAINTREE)).toEqual({
      problems: [],
      settings: {
        kind: 'braintree',
        url: 'https://payments.sandbox.braintree-api.com',
        publicKey: 'v4ndq314c2s5c28r',
        privateKey: '93b78bc8',
        merchantAccountId: 'tonewall_gbp',
      },
    });
    expect(read({ ...BRAINTREE, url: 'https://payments.braintree-api.com/' })).toMatchObject({
      problems: [],
      settings: { url: 'https://payments.braintree-api.com' },
    });
  });

  it.each([
    [{ ...STRIPE, apiKeyEnv: 'NOT_SET' }, 'apiKeyEnv: names an environment variable that is not set'],
    [{ ...STRIPE, apiKeyEnv: 'PUBLISHABLE' }, 'holds no secret or restricted key (sk_ or rk_)'],
    [{ kind: 'stripe' }, 'must have required properties apiKeyEnv'],
    [{ ...STRIPE, url: 'https://api.stripe.com/v1' }, 'url: must have no path'],
    [{ ...STRIPE, url: 'http://api.stripe.com' }, 'url: must be https, or http on a loopback address'],
    [{ ...ADYEN, apiKeyEnv: 'NOT_SET' }, 'apiKeyEnv: names an environment variable that is not set'],
    [
      { ...ADYEN, apiKeyEnv: 'BROKEN_KEY' },
      'apiKeyEnv: names a variable that holds more than printable ASCII',
    ],
    [{ ...ADYEN, apiKey: 'AQEyhmfx' }, 'has no key apiKey'],
    [{ kind: 'adyen', apiKeyEnv: 'ADYEN_KEY' }, 'must have required properties merchantAccount'],
    [{ ...ADYEN, merchantAccount: 'a b' }, 'merchantAccount: must match pattern'],
    [
      { ...ADYEN, url: 'https://checkout-test.adyen.com' },
      'url: must end in the version of the API, as /v71 does',
    ],
    [{ ...ADYEN, url: 'http://checkout.example/v71' }, 'url: must be https, or http on a loopback address'],
    [
      { ...BRAINTREE, privateKeyEnv: 'NOT_SET' },
      'privateKeyEnv: names an environment variable that is not set',
    ],
    [{ ...BRAINTREE, publicKey: 'a:b' }, 'publicKey: must match pattern'],
    [{ ...BRAINTREE, merchantAccountId: undefined }, 'merchantAccountId'],
    [{ ...BRAINTREE, url: 'http://payments.example' }, 'url: must be https, or http on a loopback address'],
    [{ ...BRAINTREE, environment: 'sandbox' }, 'has no key environment'],
  ])('refuses %j', (entry, problem) => {
    const { problems } = read(entry);

    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^TONEWALL_PROFILES: profiles\[0\]\.provider/);
    expect(problems[0]).toContain(problem);
  });

  it.each([STRIPE, ADYEN, BRAINTREE])(
    'refuses bank accounts, and cards without a date, for $kind',
    (entry) => {
      expect(read(entry, BANK).problems).toEqual([
        `TONEWALL_PROFILES: profiles[0].provider.kind: ${entry.kind} takes cards only; bank accounts go through generic-pay-connector`,
      ]);
      expect(read(entry, ['payment-card-number']).problems).toEqual([
        `TONEWALL_PROFILES: profiles[0].provider.kind: ${entry.kind} needs the field expiration-date`,
      ]);
    },
  );
});
