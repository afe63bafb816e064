import type { CaptureField } from '../core/capture-field.ts';
import type { PaymentResult } from '../core/payment-result.ts';
import type { SessionLabels } from './create-request.ts';
import type { Notice, PaymentPicture } from './payment-picture.ts';

/** The names under which fields come in callbacks; in `Required`, the same. */
const NAMES: Readonly<Record<CaptureField, string>> = {
  'payment-card-number': 'PaymentCardNumber',
  'expiration-date': 'ExpirationDate',
  'security-code': 'SecurityCode',
  'postal-code': 'PaymentCardPostalCode',
  'bank-routing-number': 'BankRoutingNumber',
  'bank-account-number': 'BankAccountNumber',
  'payment-card-number-matcher': 'PaymentCardNumberMatcher',
  'expiration-date-matcher': 'ExpirationDateMatcher',
  'security-code-matcher': 'SecurityCodeMatcher',
  'postal-code-matcher': 'PaymentCardPostalCodeMatcher',
};
const CARD_FIELDS = ['payment-card-number', 'expiration-date', 'security-code', 'postal-code'] as const;
const BANK_FIELDS = ['bank-routing-number', 'bank-account-number'] as const;

/** Who and what a callback is about. */
export interface SessionIdentity {
  readonly accountSid: string;
  readonly callSid: string;
  readonly sid: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly labels: SessionLabels;
}

/** Why a payment without a result ended, where Twilio has a word for it. */
export type EndCause = 'caller-hung-up' | 'expired' | 'requested';

type Form = Readonly<Record<string, string>>;

/** What every callback says; the whole of the one that follows a create request. */
export function commonParameters({ accountSid, callSid, sid, createdAt, labels }: SessionIdentity): Form {
  return {
    AccountSid: accountSid,
    CallSid: callSid,
    Sid: sid,
    DateCreated: rfc2822(createdAt),
    BankAccountType: labels.bankAccountType,
    ChargeAmount: labels.chargeAmount,
    PaymentConnector: labels.paymentConnector,
    PaymentMethod: labels.paymentMethod,
    TokenType: labels.tokenType,
  };
}

/** While fields are captured. Everything is always there, blank when there is nothing to say. */
export function captureParameters(
  labels: SessionLabels,
  picture: PaymentPicture,
  notice: Extract<Notice, { type: 'capture' }>,
): Form {
  const isCard = labels.paymentMethod === 'credit-card';
  const fields: readonly CaptureField[] = isCard ? CARD_FIELDS : BANK_FIELDS;
  return {
    Capture: notice.field,
    PartialResult: String(notice.isPartial),
    Required: picture.required.map((field) => NAMES[field]).join(','),
    ErrorType: notice.error ?? '',
    ...Object.fromEntries(fields.map((field) => [NAMES[field], picture.shown[field] ?? ''])),
    ...(isCard ? { PaymentCardType: picture.brand ?? '' } : {}),
  };
}

/**
 * The outcome. Twilio has no word for one that nobody knows yet: it comes as an error whose `ConnectorError` is
 * `unknown`, and the settled outcome follows in a callback of its own.
 */
export function resultParameters(labels: SessionLabels, result: PaymentResult): Form {
  const isCharge = labels.chargeAmount !== '';
  const reference = result.reference ?? '';
  if (result.outcome === 'approved') {
    return { Result: 'success', [isCharge ? 'PaymentConfirmationCode' : 'PaymentToken']: reference };
  }
  const code = payErrorCodeOf(result, isCharge);
  return {
    Result: 'payment-connector-error',
    PaymentError: result.message,
    ConnectorError: result.outcome === 'declined' ? (result.declineCode ?? 'declined') : result.outcome,
    ...(code === null ? {} : { PayErrorCode: code }),
  };
}

/** 64008 and 64010: the gateway rejected the charge or the token; 64002: it could not be asked. */
function payErrorCodeOf({ outcome }: PaymentResult, isCharge: boolean): string | null {
  if (outcome === 'declined') return isCharge ? '64008' : '64010';
  return outcome === 'failed' ? '64002' : null;
}

/** Twilio names no result for a payment that was canceled by request, and none for one that nobody finished. */
export function endParameters(cause: EndCause): Form {
  switch (cause) {
    case 'caller-hung-up':
      return { Result: 'caller-hung-up' };
    case 'expired':
      return { ErrorType: 'input-timeout' };
    case 'requested':
      return {};
  }
}

/** `Thu, 26 Nov 2026 06:50:13 +0000` (RFC 2822), from ISO 8601. */
export function rfc2822(iso: string): string {
  return new Date(iso).toUTCString().replace('GMT', '+0000');
}

/** RFC 2822 from milliseconds since 1970. */
export function rfc2822OfMs(wallMs: number): string {
  return rfc2822(new Date(wallMs).toISOString());
}
