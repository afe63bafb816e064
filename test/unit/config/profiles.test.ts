import { describe, expect, it } from 'vitest';
import { loadProfiles } from '../../../src/config/profiles.ts';

/** The example of the documentation. */
const CONNECTOR = {
  kind: 'generic-pay-connector',
  url: 'https://psp.example/pay',
  username: 'u',
  passwordEnv: 'PSP_PASSWORD',
  idempotent: true,
};
const PROFILE = {
  id: 'card-gbp',
  name: 'Card payment (GBP)',
  method: 'guided',
  operation: 'charge',
  currency: 'GBP',
  fields: ['payment-card-number', 'expiration-date', 'security-code', 'postal-code'],
  brands: ['visa', 'mastercard', 'amex'],
  firstDigitTimeoutSeconds: 60,
  interDigitTimeoutSeconds: 20,
  maxAttempts: 3,
  provider: CONNECTOR,
};
const ENV = { PSP_PASSWORD: 'open-sesame' };

function load(file: unknown, env: Record<string, string> = ENV) {
  return loadProfiles('profiles.json', env, () => (typeof file === 'string' ? file : JSON.stringify(file)));
}

const problemsOf = (change: object) => load({ profiles: [{ ...PROFILE, ...change }] }).problems;

describe('loadProfiles', () => {
  it('has no profiles without a file', () => {
    expect(loadProfiles(undefined, {}, () => 'never read')).toEqual({ profiles: [], problems: [] });
  });

  it('reads a profile and takes the password from the environment', () => {
    expect(load({ profiles: [PROFILE] })).toEqual({
      problems: [],
      profiles: [
        {
          id: 'card-gbp',
          name: 'Card payment (GBP)',
          method: 'guided',
          operation: 'charge',
          currency: 'GBP',
          fields: ['payment-card-number', 'expiration-date', 'security-code', 'postal-code'],
          brands: ['visa', 'mastercard', 'amex'],
          firstDigitTimeoutSeconds: 60,
          interDigitTimeoutSeconds: 20,
          maxAttempts: 3,
          minPostalCodeLength: 1,
          provider: {
            kind: 'generic-pay-connector',
            url: 'https://psp.example/pay',
            username: 'u',
            password: 'open-sesame',
            dialect: 'twilio',
            idempotent: true,
          },
        },
      ],
    });
  });

  it('fills in the defaults', () => {
    const {
      brands: _b,
      firstDigitTimeoutSeconds: _f,
      interDigitTimeoutSeconds: _i,
      maxAttempts: _m,
      ...bare
    } = PROFILE;
    const { idempotent: _, ...connector } = CONNECTOR;
    expect(load({ profiles: [{ ...bare, provider: connector }] }).profiles[0]).toMatchObject({
      brands: ['visa', 'mastercard', 'amex'],
      firstDigitTimeoutSeconds: 60,
      interDigitTimeoutSeconds: 20,
      maxAttempts: 3,
      minPostalCodeLength: 1,
      // A repeat is not safe unless the profile says so.
      provider: { dialect: 'twilio', idempotent: false },
    });
  });

  it.each([
    ['the simulator', { provider: { kind: 'simulator' } }],
    ['a self-service profile', { method: 'self-service' }],
    ['a bank account', { fields: ['bank-routing-number', 'bank-account-number'] }],
    ['a card number alone', { fields: ['payment-card-number'], operation: 'tokenize' }],
    ['a connector on loopback', { provider: { ...CONNECTOR, url: 'http://127.0.0.1:9000/pay' } }],
    ['a connector on localhost', { provider: { ...CONNECTOR, url: 'http://localhost/pay' } }],
    ['a connector on IPv6 loopback', { provider: { ...CONNECTOR, url: 'http://[::1]:9000/pay' } }],
    ['the other dialect', { provider: { ...CONNECTOR, dialect: 'signalwire' } }],
    ['a currency without decimals', { currency: 'JPY' }],
  ])('accepts %s', (_what, change) => {
    expect(problemsOf(change)).toEqual([]);
  });

  it.each([
    [{ colour: 'red' }, 'TONEWALL_PROFILES: profiles[0]: has no key colour'],
    [{ id: 'Card GBP' }, 'TONEWALL_PROFILES: profiles[0].id: must match pattern'],
    [{ name: 'a\nb' }, 'TONEWALL_PROFILES: profiles[0].name: must match pattern'],
    [{ method: 'ivr' }, 'TONEWALL_PROFILES: profiles[0].method: must be one of guided, self-service'],
    [{ operation: 'refund' }, 'TONEWALL_PROFILES: profiles[0].operation: must be one of charge, tokenize'],
    [{ currency: 'gbp' }, 'TONEWALL_PROFILES: profiles[0].currency: must match pattern'],
    [{ currency: 'QQQ' }, 'TONEWALL_PROFILES: profiles[0].currency: must be an ISO 4217 code'],
    [{ fields: [] }, 'TONEWALL_PROFILES: profiles[0].fields: must not have fewer than 1 items'],
    [{ fields: ['pin'] }, 'TONEWALL_PROFILES: profiles[0].fields[0]: must be one of payment-card-number,'],
    [
      { fields: ['payment-card-number', 'payment-card-number'] },
      'TONEWALL_PROFILES: profiles[0].fields: must not have duplicate items',
    ],
    [
      { fields: ['security-code', 'expiration-date'] },
      'TONEWALL_PROFILES: profiles[0].fields: must have payment-card-number',
    ],
    [
      { fields: ['payment-card-number', 'bank-account-number'] },
      'TONEWALL_PROFILES: profiles[0].fields: must be those of a card or those of a bank account, not both',
    ],
    [{ fields: ['postal-code'] }, 'TONEWALL_PROFILES: profiles[0].fields: must have payment-card-number'],
    [
      { fields: ['bank-routing-number'] },
      'TONEWALL_PROFILES: profiles[0].fields: must have bank-account-number',
    ],
    [{ brands: ['store-card'] }, 'TONEWALL_PROFILES: profiles[0].brands[0]: must be one of visa,'],
    [
      { firstDigitTimeoutSeconds: 0 },
      'TONEWALL_PROFILES: profiles[0].firstDigitTimeoutSeconds: must be >= 1',
    ],
    [
      { interDigitTimeoutSeconds: 601 },
      'TONEWALL_PROFILES: profiles[0].interDigitTimeoutSeconds: must be <= 600',
    ],
    [{ maxAttempts: 11 }, 'TONEWALL_PROFILES: profiles[0].maxAttempts: must be <= 10'],
    [{ maxAttempts: '3' }, 'TONEWALL_PROFILES: profiles[0].maxAttempts: must be integer'],
    [{ minPostalCodeLength: 0 }, 'TONEWALL_PROFILES: profiles[0].minPostalCodeLength: must be >= 1'],
    [
      { provider: { kind: 'psp' } },
      'TONEWALL_PROFILES: profiles[0].provider.kind: must be one of simulator, generic-pay-connector, stripe, adyen, braintree',
    ],
    [
      { provider: { kind: 'simulator', speed: 1 } },
      'TONEWALL_PROFILES: profiles[0].provider: has no key speed',
    ],
    [
      { provider: { ...CONNECTOR, password: 'x' } },
      'TONEWALL_PROFILES: profiles[0].provider: has no key password',
    ],
    [
      { provider: { ...CONNECTOR, url: 'http://psp.example/pay' } },
      'TONEWALL_PROFILES: profiles[0].provider.url: must be https, or http on a loopback address, without a user',
    ],
    [
      { provider: { ...CONNECTOR, url: 'http://127.0.0.1.psp.example/' } },
      'TONEWALL_PROFILES: profiles[0].provider.url: must be https, or http on a loopback address, without a user',
    ],
    [
      { provider: { ...CONNECTOR, url: 'https://u:p@psp.example/pay' } },
      'TONEWALL_PROFILES: profiles[0].provider.url: must be https, or http on a loopback address, without a user',
    ],
    [
      { provider: { ...CONNECTOR, passwordEnv: 'NOT_SET' } },
      'TONEWALL_PROFILES: profiles[0].provider.passwordEnv: names an environment variable that is not set',
    ],
    [
      { provider: { ...CONNECTOR, passwordEnv: 'TONEWALL_API_KEYS' } },
      'TONEWALL_PROFILES: profiles[0].provider.passwordEnv: must match pattern',
    ],
    [{ provider: undefined }, 'TONEWALL_PROFILES: profiles[0]: must have required properties provider'],
  ])('refuses %j', (change, problem) => {
    const problems = problemsOf(change);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it('refuses two profiles of one id', () => {
    expect(load({ profiles: [PROFILE, PROFILE] }).problems).toEqual([
      'TONEWALL_PROFILES: every profile needs an id of its own',
    ]);
  });

  it('reports the problems of every profile', () => {
    const file = {
      profiles: [
        { ...PROFILE, method: 'ivr' },
        { ...PROFILE, id: 'b', maxAttempts: 0 },
      ],
    };
    expect(load(file).problems).toEqual([
      'TONEWALL_PROFILES: profiles[0].method: must be one of guided, self-service',
      'TONEWALL_PROFILES: profiles[1].maxAttempts: must be >= 1',
    ]);
  });

  it('says nothing of the content of a file that is not JSON', () => {
    expect(load('{"profiles": secret').problems).toEqual(['TONEWALL_PROFILES: the file is not valid JSON']);
  });

  it('says so when the file cannot be read', () => {
    const readFile = (): string => {
      throw Object.assign(new Error('ENOENT: /secret/place'), { code: 'ENOENT' });
    };
    expect(loadProfiles('/secret/place', {}, readFile).problems).toEqual([
      'TONEWALL_PROFILES: the file cannot be read',
    ]);
  });

  it.each([[[]], [{}], [{ profiles: {} }], [{ profiles: [] }], [null], ['[]']])(
    'refuses a file with %j',
    (file) => {
      expect(load(file).problems).toHaveLength(1);
    },
  );
});
