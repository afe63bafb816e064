import { assert } from '../core/assert.ts';
import type { PaymentProfile, ProviderSettings } from '../core/payment-profile.ts';
import { Adyen } from './adyen/adyen.ts';
import { Braintree } from './braintree/braintree.ts';
import { GenericPayConnector } from './generic-pay-connector/generic-pay-connector.ts';
import type { ProviderDependencies } from './provider-dependencies.ts';
import type { PaymentProvider } from './provider.ts';
import { Simulator } from './simulator/simulator.ts';
import { Stripe } from './stripe/stripe.ts';

/** The adapter for a profile's provider. Throws `ProviderSettingsError` when the settings cannot be used. */
export function createProvider(
  settings: ProviderSettings,
  dependencies: ProviderDependencies,
): PaymentProvider {
  switch (settings.kind) {
    case 'simulator':
      return new Simulator(dependencies);
    case 'generic-pay-connector':
      return new GenericPayConnector(settings, dependencies);
    case 'stripe':
      return new Stripe(settings, dependencies);
    case 'adyen':
      return new Adyen(settings, dependencies);
    case 'braintree':
      return new Braintree(settings, dependencies);
  }
}

/** One provider for each payment profile. */
export class ProviderRegistry {
  readonly #providers: ReadonlyMap<string, PaymentProvider>;

  /** Throws `ProviderSettingsError` when a profile's settings cannot be used. */
  constructor(profiles: readonly PaymentProfile[], dependencies: ProviderDependencies) {
    this.#providers = new Map(
      profiles.map(({ id, provider }) => [id, createProvider(provider, dependencies)] as const),
    );
  }

  ofProfile(profileId: string): PaymentProvider {
    const provider = this.#providers.get(profileId);
    assert(provider !== undefined, 'a payment names a known profile');
    return provider;
  }

  /** Null when the profile is not configured any more. */
  find(profileId: string): PaymentProvider | null {
    return this.#providers.get(profileId) ?? null;
  }

  /** Ends what is under way, each request with its own result. */
  async close(): Promise<void> {
    await Promise.all([...this.#providers.values()].map((provider) => provider.close()));
  }
}
