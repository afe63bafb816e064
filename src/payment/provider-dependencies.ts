import type { DeliveryDependencies } from './deliver.ts';

/** What every adapter gets. */
export interface ProviderDependencies extends DeliveryDependencies {
  /** Certificate authorities to trust instead of Node's own, PEM. */
  readonly trustedCertificates?: string | undefined;
}
