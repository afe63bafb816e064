import type { PaymentOperation, PaymentProfile } from '../core/payment-profile.ts';
import { TwilioError } from './twilio-error.ts';

export const PAYMENT_METHODS = ['credit-card', 'ach-debit'] as const;
export type TwilioPaymentMethod = (typeof PAYMENT_METHODS)[number];

/** Stands for the first profile that fits. Profile ids are lower case, so none is called so. */
export const DEFAULT_CONNECTOR = 'Default';

export interface Wanted {
  /** `PaymentConnector`: a profile's id, or `Default`. */
  readonly connector: string;
  readonly method: TwilioPaymentMethod;
  readonly operation: PaymentOperation;
  /** Null when it does not matter. */
  readonly currency: string | null;
}

/** The guided profile to use. Throws the error that says in which way none, or the one named, does not fit. */
export function chooseProfile(profiles: readonly PaymentProfile[], wanted: Wanted): PaymentProfile {
  const { connector, method, operation, currency } = wanted;
  const isDefault = connector === DEFAULT_CONNECTOR;
  let left = profiles.filter(({ id, method: way }) => way === 'guided' && (isDefault || id === connector));
  if (left.length === 0) {
    throw new TwilioError(
      64004,
      'PaymentConnector: expected the id of a guided payment profile, or Default.',
    );
  }
  left = left.filter((profile) => profile.operation === operation);
  if (left.length === 0) {
    throw operation === 'charge'
      ? new TwilioError(64007, 'The payment profile only makes tokens. Leave ChargeAmount out.')
      : new TwilioError(64005, 'The payment profile does not make tokens. ChargeAmount is needed.');
  }
  left = left.filter((profile) => methodOf(profile) === method);
  if (left.length === 0) {
    throw new TwilioError(64013, 'The payment profile does not take this PaymentMethod.');
  }
  const found = left.find((profile) => currency === null || profile.currency === currency);
  if (found === undefined) {
    throw new TwilioError(
      64011,
      `Currency: the payment profile takes ${left[0]?.currency}. Without the parameter it is USD.`,
    );
  }
  return found;
}

function methodOf(profile: PaymentProfile): TwilioPaymentMethod {
  return profile.fields.includes('bank-account-number') ? 'ach-debit' : 'credit-card';
}
