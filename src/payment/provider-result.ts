import type { ProviderResult } from './provider.ts';

/** To build a result on. */
export const NO_DETAILS = { reference: null, brand: null, last4: null, declineCode: null };

/** Proof that nothing was done: no byte of the card's data left this process. */
export const NOT_SENT: ProviderResult = {
  ...NO_DETAILS,
  outcome: 'failed',
  message: 'The payment provider could not be reached. Nothing was charged.',
};

/** The far end may have acted. */
export const UNKNOWN: ProviderResult = {
  ...NO_DETAILS,
  outcome: 'unknown',
  message: 'The charge may have gone through. Check with the payment provider before taking the card again.',
};

/** Nothing was sent because the journal could not store the intent. */
export const NOT_STORED: ProviderResult = {
  ...NO_DETAILS,
  outcome: 'failed',
  message: 'The payment store is unavailable. The digits were discarded and nothing was charged.',
};
