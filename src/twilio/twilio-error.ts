import type { AppError, ErrorCode } from '../core/errors.ts';

/**
 * The codes that this façade answers with, as Twilio's error dictionary has them
 * (https://www.twilio.com/docs/api/errors), and the HTTP status that goes with each.
 */
const STATUS_OF_CODE = {
  /** Unknown parameters; also a parameter that is missing. */
  20001: 400,
  /** Permission denied. */
  20003: 401,
  /** Not found. */
  20404: 404,
  /** Conflict. */
  20409: 409,
  /** Request entity too large. */
  20413: 413,
  /** Too many requests. */
  20429: 429,
  /** Internal server error. */
  20500: 500,
  /** Service unavailable. */
  20503: 503,
  /** Invalid URL. */
  21205: 400,
  /** Invalid call state. */
  21220: 400,
  /** Pay: invalid charge amount. */
  64003: 400,
  /** Pay: invalid payment connector. */
  64004: 400,
  /** Pay: the connector does not support tokenization. */
  64005: 400,
  /** Pay: the connector does not support the token type. */
  64006: 400,
  /** Pay: the connector does not support creating a charge. */
  64007: 400,
  /** Pay: the connector does not support the currency. */
  64011: 400,
  /** Pay: the connector does not support the payment method. */
  64013: 400,
  /** Pay: BankAccountType is not supported with credit-card. */
  64017: 400,
  /** Pay: a value is needed for either Capture or Status. */
  64018: 400,
  /** Pay: required payment information is incomplete. */
  64019: 409,
  /** Pay: invalid parameter value. */
  64020: 400,
  /** Pay: invalid operation. */
  64021: 409,
} as const;

export type TwilioCode = keyof typeof STATUS_OF_CODE;

/** An error as Twilio's clients know it. The message is ours and repeats nothing of the request. */
export class TwilioError extends Error {
  override readonly name = 'TwilioError';
  readonly code: TwilioCode;

  constructor(code: TwilioCode, message: string) {
    super(message);
    this.code = code;
  }

  get status(): number {
    return STATUS_OF_CODE[this.code];
  }

  /** The JSON body. */
  get body(): object {
    return {
      code: this.code,
      message: this.message,
      more_info: `https://www.twilio.com/docs/errors/${this.code}`,
      status: this.status,
    };
  }
}

const CODE_OF_ERROR: Partial<Record<ErrorCode, TwilioCode>> = {
  ROUTE_NOT_FOUND: 20404,
  CALL_NOT_FOUND: 20404,
  PAYMENT_NOT_FOUND: 20404,
  PROFILE_NOT_FOUND: 64004,
  METHOD_NOT_SUPPORTED: 64004,
  CALL_ENDED: 21220,
  PAYMENT_NOT_READY: 64019,
  PAYMENT_ENDED: 64021,
  PAYMENT_PROCESSING: 64021,
  FIELD_NOT_IN_PROFILE: 64021,
  AMOUNT_INVALID: 64003,
  CURRENCY_MISMATCH: 64011,
  CARD_DATA_REFUSED: 64020,
  BODY_TOO_LARGE: 20413,
  RATE_LIMITED: 20429,
  INTERNAL_ERROR: 20500,
  DRAINING: 20503,
  JOURNAL_UNAVAILABLE: 20503,
  CAPACITY_EXCEEDED: 20503,
};

/** The answer to a body of another kind. */
export function formExpected(): TwilioError {
  return new TwilioError(20001, 'Expected a body of the type application/x-www-form-urlencoded.');
}

/** One of our own errors in Twilio's words. */
export function toTwilioError(error: AppError): TwilioError {
  const { detail, missing } = error.facts;
  if (error.code === 'PAYMENT_OPEN') {
    return new TwilioError(20409, 'session-in-progress: the call has a payment that has not ended.');
  }
  if (error.code === 'MEDIA_TYPE_UNSUPPORTED' || error.code === 'BODY_INVALID') return formExpected();
  if (error.code === 'IDEMPOTENCY_CONFLICT') {
    return new TwilioError(20409, 'IdempotencyKey: was used before, with other parameters.');
  }
  const more = detail ?? (missing === undefined ? '' : `Missing: ${missing.join(', ')}.`);
  return new TwilioError(CODE_OF_ERROR[error.code] ?? 20001, `${error.message} ${more}`.trim());
}
