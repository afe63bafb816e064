import { adyenHarness } from '../support/provider-contract/adyen-harness.ts';
import { braintreeHarness } from '../support/provider-contract/braintree-harness.ts';
import { connectorHarness } from '../support/provider-contract/connector-harness.ts';
import { describeProviderContract } from '../support/provider-contract/provider-contract.ts';
import { SIMULATOR_HARNESS } from '../support/provider-contract/simulator-harness.ts';
import { stripeHarness } from '../support/provider-contract/stripe-harness.ts';

/**
 * Goal: every provider adapter keeps the same promises. Method: one list of promises, each checked against each
 * adapter in front of a far end of its own, over real HTTP.
 */
const HARNESSES = [
  SIMULATOR_HARNESS,
  connectorHarness({ dialect: 'twilio', idempotent: true }, true),
  connectorHarness({ dialect: 'twilio', idempotent: false }, false),
  connectorHarness({ dialect: 'signalwire', idempotent: false }, true),
  connectorHarness({ dialect: 'signalwire', idempotent: true }, false),
  stripeHarness(false),
  stripeHarness(true),
  adyenHarness(false),
  adyenHarness(true),
  braintreeHarness(false),
  braintreeHarness(true),
];

for (const harness of HARNESSES) await describeProviderContract(harness);
