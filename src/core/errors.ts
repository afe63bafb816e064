/**
 * Every operating error that tonewall can answer with: HTTP status, a title for people, and whether the same
 * request may succeed later. Codes are stable; a retired code stays listed and is never used again.
 */
export const ERRORS = {
  REQUEST_INVALID: { status: 400, title: 'The request does not have the expected form.', retryable: false },
  BODY_INVALID: { status: 400, title: 'The body is not valid JSON.', retryable: false },
  CURSOR_INVALID: { status: 400, title: 'Last-Event-ID is not one that this server gave.', retryable: false },
  HTTP_INVALID: { status: 400, title: 'The bytes received are not valid HTTP.', retryable: false },
  CREDENTIAL_MISSING: { status: 401, title: 'A bearer credential is needed.', retryable: false },
  CREDENTIAL_INVALID: { status: 401, title: 'The bearer credential is not valid.', retryable: false },
  WEBHOOK_REFUSED: { status: 401, title: 'The signature of the webhook is not valid.', retryable: false },
  ACCESS_DENIED: { status: 403, title: 'The credential does not cover this.', retryable: false },
  ROUTE_NOT_FOUND: { status: 404, title: 'There is nothing at this address.', retryable: false },
  CALL_NOT_FOUND: { status: 404, title: 'There is no such call.', retryable: false },
  PAYMENT_NOT_FOUND: { status: 404, title: 'There is no such payment.', retryable: false },
  PROFILE_NOT_FOUND: { status: 404, title: 'There is no such payment profile.', retryable: false },
  REQUEST_TIMEOUT: { status: 408, title: 'The request did not arrive in time.', retryable: true },
  CALL_ENDED: { status: 409, title: 'The call has ended.', retryable: false },
  PLATFORM_NOT_CONFIGURED: {
    status: 409,
    title: 'No call platform is configured.',
    retryable: false,
  },
  TRANSFER_NOT_POSSIBLE: {
    status: 409,
    title: 'The call has no agent to transfer from, or is being transferred already.',
    retryable: true,
  },
  LEG_NOT_IN_TOPOLOGY: { status: 409, title: 'A call of this topology has no such leg.', retryable: false },
  PAYMENT_OPEN: { status: 409, title: 'The call has an open payment already.', retryable: false },
  PAYMENT_NOT_READY: { status: 409, title: 'Fields are still missing.', retryable: false },
  PAYMENT_ENDED: { status: 409, title: 'The payment has ended.', retryable: false },
  PAYMENT_PROCESSING: {
    status: 409,
    title: 'The payment is being processed; its outcome will be shown.',
    retryable: false,
  },
  FIELD_NOT_IN_PROFILE: {
    status: 409,
    title: 'The payment profile does not have this field.',
    retryable: false,
  },
  TIMER_NOT_RUNNING: { status: 409, title: 'No field waits for a key.', retryable: false },
  METHOD_NOT_SUPPORTED: {
    status: 409,
    title: 'The payment profile is not for guided payments.',
    retryable: false,
  },
  WEBHOOKS_OFF: { status: 409, title: 'No receiver of webhooks is configured.', retryable: false },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large.', retryable: false },
  URI_TOO_LONG: { status: 414, title: 'A part of the address is too long.', retryable: false },
  MEDIA_TYPE_UNSUPPORTED: { status: 415, title: 'The body must be application/json.', retryable: false },
  DESTINATION_INVALID: {
    status: 422,
    title: 'The destination is not one that can be called.',
    retryable: false,
  },
  AMOUNT_INVALID: { status: 422, title: 'The amount does not fit the currency.', retryable: false },
  CURRENCY_MISMATCH: {
    status: 422,
    title: 'The currency is not the one of the payment profile.',
    retryable: false,
  },
  CARD_DATA_REFUSED: {
    status: 422,
    title: 'A text field holds what looks like a card number.',
    retryable: false,
  },
  IDEMPOTENCY_CONFLICT: {
    status: 422,
    title: 'The Idempotency-Key was used with another body.',
    retryable: false,
  },
  RATE_LIMITED: { status: 429, title: 'Too many requests.', retryable: true },
  HEADERS_TOO_LARGE: { status: 431, title: 'The header fields are too large.', retryable: false },
  INTERNAL_ERROR: { status: 500, title: 'Something went wrong on our side.', retryable: true },
  SMS_NOT_SENT: { status: 502, title: 'The text message was not taken by the platform.', retryable: true },
  WEBHOOK_UNSIGNED: {
    status: 503,
    title: 'The webhook carries no signature; a signed repeat is taken.',
    retryable: true,
  },
  DRAINING: { status: 503, title: 'The server is draining and takes no new calls.', retryable: true },
  JOURNAL_UNAVAILABLE: { status: 503, title: 'The payment journal cannot be written.', retryable: true },
  CAPACITY_EXCEEDED: { status: 503, title: 'The server has as many calls as it may take.', retryable: true },
  OVERLOADED: {
    status: 503,
    title: 'The server is busy with its open calls and takes no new ones.',
    retryable: true,
  },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** Facts that may be shown beside an error. Never input, never digits. */
export interface ErrorFacts {
  /** One sentence of ours that says what was expected. */
  readonly detail?: string;
  readonly missing?: readonly string[];
  readonly paymentId?: string;
  readonly state?: string;
}

/** An operating error with a stable code. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, facts: ErrorFacts = {}) {
    super(ERRORS[code].title);
    this.code = code;
    this.facts = facts;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}
