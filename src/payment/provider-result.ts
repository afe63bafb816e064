import type { ProviderResult, Tokenised } from './provider.ts';

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
  message: 'The outcome is being confirmed. Do not take the card again.',
};

/** Nothing was sent because the journal could not store the intent. */
export const NOT_STORED: ProviderResult = {
  ...NO_DETAILS,
  outcome: 'failed',
  message: 'The payment store is unavailable. The digits were discarded and nothing was charged.',
};

/** No token came of the card, or nobody knows it: no money has moved, and the card has to be keyed again. */
export const NOT_TOKENISED: Extract<Tokenised, { kind: 'ended' }> = {
  kind: 'ended',
  result: {
    ...NO_DETAILS,
    outcome: 'failed',
    message: 'The payment provider did not take the card. Nothing was charged; key the card again.',
  },
};

/**
 * The provider refused the request before it acted on it. `code` is its own word for the cause, for whoever runs the
 * server: mostly it is the configuration.
 */
export function refused(code: string | null): ProviderResult {
  return failed('The payment provider refused the request', code);
}

/** The provider says that it tried and that it came to nothing. */
export function notProcessed(code: string | null): ProviderResult {
  return failed('The payment provider could not process the payment', code);
}

function failed(what: string, code: string | null): ProviderResult {
  const cause = code === null ? '' : ` (${code})`;
  return { ...NO_DETAILS, outcome: 'failed', message: `${what}${cause}. Nothing was charged.` };
}

/** What the operation `tokenize` is for. */
export function tokenResult(token: string): ProviderResult {
  return { ...NO_DETAILS, outcome: 'approved', reference: token, message: 'The card was tokenised.' };
}
