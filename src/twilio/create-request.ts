import type { NewPayment } from '../call/views.ts';
import { matcherOf } from '../core/capture-field.ts';
import type { CaptureField } from '../core/capture-field.ts';
import { CARD_BRANDS } from '../core/card-brand.ts';
import { AppError } from '../core/errors.ts';
import { isCurrency, parseAmount } from '../core/money.ts';
import type { PaymentProfile, ProfileAdjustments } from '../core/payment-profile.ts';
import { Parameters } from './parameters.ts';
import { chooseProfile, DEFAULT_CONNECTOR, PAYMENT_METHODS } from './payment-connector.ts';
import type { TwilioPaymentMethod } from './payment-connector.ts';
import { TwilioError } from './twilio-error.ts';

const KNOWN = [
  'IdempotencyKey',
  'StatusCallback',
  'PaymentMethod',
  'ChargeAmount',
  'Currency',
  'TokenType',
  'PaymentConnector',
  'PostalCode',
  'MinPostalCodeLength',
  'SecurityCode',
  'Timeout',
  'ValidCardTypes',
  'BankAccountType',
  'Input',
  'Description',
  'Parameter',
  'RequireMatchingInputs',
  'Confirmation',
];
const BANK_ACCOUNT_TYPES = ['consumer-checking', 'consumer-savings', 'commercial-checking'] as const;
const TOKEN_TYPES = ['one-time', 'reusable', 'payment-method'] as const;
const MATCHED = ['payment-card-number', 'expiration-date', 'security-code', 'postal-code'] as const;
/** Twilio: "a positive decimal value less than 1,000,000". */
const AMOUNT_LIMIT = 1_000_000;

/** What every callback of a payment repeats of the request that made it. */
export interface SessionLabels {
  readonly paymentMethod: TwilioPaymentMethod;
  readonly paymentConnector: string;
  readonly bankAccountType: string;
  readonly tokenType: string;
  /** Decimal string; blank for a token. */
  readonly chargeAmount: string;
}

export interface CreateRequest {
  readonly idempotencyKey: string;
  readonly statusCallback: string;
  readonly payment: NewPayment;
  readonly labels: SessionLabels;
}

/** Reads the form of a create request. Throws `TwilioError` for whatever is wrong or not supported. */
export function readCreateRequest(
  form: URLSearchParams,
  callId: string,
  profiles: readonly PaymentProfile[],
): CreateRequest {
  const parameters = new Parameters(form, KNOWN);
  const idempotencyKey = parameters.required('IdempotencyKey', 255);
  const statusCallback = parameters.required('StatusCallback', 4096);
  const method = parameters.oneOf('PaymentMethod', PAYMENT_METHODS) ?? 'credit-card';
  const connector = parameters.text('PaymentConnector', 64) ?? DEFAULT_CONNECTOR;
  const amount = chargeAmountOf(parameters);
  const asked = currencyOf(parameters);
  const operation = amount === null ? 'tokenize' : 'charge';
  const currency = amount === null ? asked : (asked ?? 'USD');
  const profile = chooseProfile(profiles, { connector, method, operation, currency });
  refuseWhatIsNotSupported(parameters);
  return {
    idempotencyKey,
    statusCallback,
    payment: {
      callId,
      profileId: profile.id,
      payee: null,
      interactionType: null,
      amount: amount === null ? null : checkedAmount(amount, profile.currency),
      currency,
      reference: referenceOf(parameters),
      description: parameters.text('Description', 200),
      adjustments: adjustmentsOf(parameters, method, profile),
    },
    labels: {
      paymentMethod: method,
      paymentConnector: connector,
      bankAccountType: bankAccountTypeOf(parameters, method),
      tokenType: tokenTypeOf(parameters, operation === 'tokenize'),
      chargeAmount: amount ?? '',
    },
  };
}

/** Null for a token: no amount, or zero. */
function chargeAmountOf(parameters: Parameters): string | null {
  const text = parameters.text('ChargeAmount', 20);
  if (text === null || /^0+(?:\.0*)?$/.test(text)) return null;
  if (!(Number(text) < AMOUNT_LIMIT)) {
    throw new TwilioError(64003, 'ChargeAmount: expected a positive decimal number below 1000000.');
  }
  return text;
}

function checkedAmount(amount: string, currency: string): string {
  try {
    parseAmount(amount, currency);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new TwilioError(64003, `ChargeAmount: ${error.facts.detail ?? error.message}`);
  }
  return amount;
}

function currencyOf(parameters: Parameters): string | null {
  const currency = parameters.text('Currency', 3)?.toUpperCase() ?? null;
  if (currency !== null && !isCurrency(currency)) {
    throw new TwilioError(64020, 'Currency: expected a code of ISO 4217.');
  }
  return currency;
}

function refuseWhatIsNotSupported(parameters: Parameters): void {
  parameters.oneOf('Input', ['dtmf']);
  if (parameters.flag('Confirmation', false)) {
    throw new TwilioError(64020, 'Confirmation: true is not supported, since nothing is said to the caller.');
  }
}

/** With a charge the type has no meaning, and Twilio does not ask for one. */
function tokenTypeOf(parameters: Parameters, isToken: boolean): string {
  const type = parameters.oneOf('TokenType', TOKEN_TYPES) ?? 'reusable';
  if (isToken && type !== 'reusable') throw new TwilioError(64006, 'TokenType: only reusable is supported.');
  return type;
}

function bankAccountTypeOf(parameters: Parameters, method: TwilioPaymentMethod): string {
  const type = parameters.oneOf('BankAccountType', BANK_ACCOUNT_TYPES);
  if (type !== null && method === 'credit-card') {
    throw new TwilioError(64017, 'BankAccountType: has no meaning with the PaymentMethod credit-card.');
  }
  if (type !== null && type !== 'consumer-checking') {
    throw new TwilioError(64020, 'BankAccountType: only consumer-checking is supported.');
  }
  return 'consumer-checking';
}

/** `Parameter` is one level of JSON; payment profiles have a place for the key `reference`. */
function referenceOf(parameters: Parameters): string | null {
  const text = parameters.text('Parameter', 1000);
  if (text === null) return null;
  const value = parseJson(text);
  const names =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : null;
  const reference = names === null ? undefined : (value as { reference?: unknown }).reference;
  const isRight =
    names !== null &&
    names.every((name) => name === 'reference') &&
    (reference === undefined ||
      (typeof reference === 'string' && /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,200}$/u.test(reference)));
  if (!isRight) {
    throw new TwilioError(
      64020,
      'Parameter: only {"reference": "…"} is supported, with a text of at most 200 characters.',
    );
  }
  return reference === undefined ? null : (reference as string);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function adjustmentsOf(
  parameters: Parameters,
  method: TwilioPaymentMethod,
  profile: PaymentProfile,
): ProfileAdjustments {
  const brands = parameters.list('ValidCardTypes', /\s+/, CARD_BRANDS);
  if (brands?.some((brand) => !profile.brands.includes(brand)) === true) {
    throw new TwilioError(64020, `ValidCardTypes: the payment profile takes ${profile.brands.join(' ')}.`);
  }
  const interDigitTimeoutSeconds = parameters.wholeNumber('Timeout', 1, 600);
  const minPostalCodeLength = parameters.wholeNumber('MinPostalCodeLength', 1, 10);
  return {
    capturesOnRequest: true,
    fields: fieldsOf(parameters, method),
    ...(brands === null ? {} : { brands }),
    ...(interDigitTimeoutSeconds === null ? {} : { interDigitTimeoutSeconds }),
    ...(minPostalCodeLength === null ? {} : { minPostalCodeLength }),
  };
}

/** The request, not the profile, says which fields there are; those keyed twice are followed by their second entry. */
function fieldsOf(parameters: Parameters, method: TwilioPaymentMethod): readonly CaptureField[] {
  const hasCode = parameters.flag('SecurityCode', true);
  const hasPostalCode = parameters.flag('PostalCode', true);
  const twice = parameters.list('RequireMatchingInputs', /[\s,]+/, MATCHED) ?? [];
  const fields: CaptureField[] =
    method === 'ach-debit'
      ? ['bank-routing-number', 'bank-account-number']
      : [
          'payment-card-number',
          'expiration-date',
          ...(hasCode ? (['security-code'] as const) : []),
          ...(hasPostalCode ? (['postal-code'] as const) : []),
        ];
  if (twice.some((field) => !fields.includes(field))) {
    throw new TwilioError(64020, 'RequireMatchingInputs: has a field that this payment does not ask for.');
  }
  return fields.flatMap((field) => {
    const matcher = matcherOf(field);
    return matcher !== null && twice.some((each) => each === field) ? [field, matcher] : [field];
  });
}
