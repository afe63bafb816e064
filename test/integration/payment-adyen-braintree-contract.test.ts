import { adyenHarness } from '../support/provider-contract/adyen-harness.ts';
import { braintreeHarness } from '../support/provider-contract/braintree-harness.ts';
import { describeProviderContract } from '../support/provider-contract/provider-contract.ts';

for (const harness of [
  adyenHarness(false),
  adyenHarness(true),
  braintreeHarness(false),
  braintreeHarness(true),
]) {
  await describeProviderContract(harness);
}
