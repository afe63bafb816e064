import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/app/system-random.ts';
import type { PaymentProfile, ProviderSettings } from '../../../src/core/payment-profile.ts';
import { ProviderSettingsError } from '../../../src/payment/card-url.ts';
import { createProvider, ProviderRegistry } from '../../../src/payment/provider-registry.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { RecordingMeter } from '../../support/recording-meter.ts';

const CONNECTOR: ProviderSettings = {
  kind: 'generic-pay-connector',
  url: 'https://psp.example/pay',
  username: 'merchant',
  password: 'open-sesame',
  dialect: 'twilio',
  idempotent: true,
};

const dependencies = () => ({
  clock: new FakeClock(),
  random: systemRandom,
  meter: new RecordingMeter(),
  logger: new RecordingLogger(),
});

function profile(id: string, provider: ProviderSettings): PaymentProfile {
  return {
    id,
    name: id,
    method: 'guided',
    operation: 'charge',
    currency: 'GBP',
    fields: ['payment-card-number'],
    brands: ['visa'],
    firstDigitTimeoutSeconds: 60,
    interDigitTimeoutSeconds: 20,
    maxAttempts: 3,
    minPostalCodeLength: 3,
    provider,
  };
}

const ADYEN: ProviderSettings = {
  kind: 'adyen',
  url: 'https://checkout-test.adyen.com/v71',
  apiKey: 'AQEyhmfx',
  merchantAccount: 'TonewallMOTO',
};

const BRAINTREE: ProviderSettings = {
  kind: 'braintree',
  url: 'https://payments.sandbox.braintree-api.com',
  publicKey: 'v4ndq314c2s5c28r',
  privateKey: '93b78bc8',
  merchantAccountId: 'tonewall_gbp',
};

const DAY_MS = 86_400_000;

describe('createProvider', () => {
  it('declares what Adyen promises: repeats for a week, and no way to ask', () => {
    expect(createProvider(ADYEN, dependencies()).traits).toEqual({
      tokenises: false,
      keyLifetimeMs: 7 * DAY_MS,
      replays: 'all',
      lookup: 'none',
      lookupConsistent: false,
      maxKeyLength: 64,
    });
  });

  it('declares what Braintree promises: repeats for a month, and a search that may lag behind', () => {
    expect(createProvider(BRAINTREE, dependencies()).traits).toEqual({
      tokenises: true,
      keyLifetimeMs: 30 * DAY_MS,
      replays: 'success',
      lookup: 'by-reference',
      lookupConsistent: false,
      maxKeyLength: 255,
    });
  });

  it('declares what a connector promises that recognises repeats', () => {
    expect(createProvider(CONNECTOR, dependencies()).traits).toEqual({
      tokenises: false,
      keyLifetimeMs: 60_000,
      replays: 'all',
      lookup: 'none',
      lookupConsistent: false,
      maxKeyLength: 36,
    });
  });

  it('declares that a connector without repeats promises nothing', () => {
    expect(createProvider({ ...CONNECTOR, idempotent: false }, dependencies()).traits).toMatchObject({
      keyLifetimeMs: 0,
      replays: 'none',
    });
  });

  it.each([CONNECTOR, ADYEN, BRAINTREE])('refuses to send card data in the clear: $kind', (settings) => {
    const unsafe = { ...settings, url: 'http://psp.example/pay' };

    expect(() => createProvider(unsafe, dependencies())).toThrow(ProviderSettingsError);
  });
});

describe('ProviderRegistry', () => {
  it('has one provider for each profile', async () => {
    const profiles = [profile('a', CONNECTOR), profile('b', { kind: 'simulator' }), profile('c', CONNECTOR)];
    const registry = new ProviderRegistry(profiles, dependencies());

    expect(registry.ofProfile('a').kind).toBe('generic-pay-connector');
    expect(registry.ofProfile('b').kind).toBe('simulator');
    expect(registry.ofProfile('c')).not.toBe(registry.ofProfile('a'));
    await registry.close();
  });

  it('takes a profile that it does not know for a bug', () => {
    expect(() => new ProviderRegistry([], dependencies()).ofProfile('a')).toThrow(
      'a payment names a known profile',
    );
  });
});
