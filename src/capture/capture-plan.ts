import type { CaptureField } from '../core/capture-field.ts';
import type { PaymentProfile } from '../core/payment-profile.ts';

/** What a payment captures, and how patiently. */
export interface CapturePlan {
  /** At least one, each once, in the order in which the caller keys them. */
  readonly fields: readonly CaptureField[];
  readonly firstDigitTimeoutMs: number;
  readonly interDigitTimeoutMs: number;
  readonly maxAttempts: number;
  /** No field starts by itself: each waits until it is asked for. */
  readonly onRequest: boolean;
}

export function capturePlanOf(profile: PaymentProfile): CapturePlan {
  return {
    fields: profile.fields,
    firstDigitTimeoutMs: profile.firstDigitTimeoutSeconds * 1000,
    interDigitTimeoutMs: profile.interDigitTimeoutSeconds * 1000,
    maxAttempts: profile.maxAttempts,
    onRequest: profile.capturesOnRequest ?? false,
  };
}
