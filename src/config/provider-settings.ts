import { Type } from 'typebox';
import type { Static, TSchema } from 'typebox';
import type { CaptureField } from '../core/capture-field.ts';
import { isLoopbackHost } from '../core/loopback-host.ts';
import type { ProviderSettings } from '../core/payment-profile.ts';
import { problemAt, problemsOf } from './profile-problems.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A profile's provider as the file has it. */
export interface ProviderSource {
  readonly entry: { readonly kind: string };
  /** What the caller keys. */
  readonly fields: readonly CaptureField[];
  readonly currency: string;
  /** Of the entry in the file. */
  readonly path: string;
  readonly env: Environment;
}

const STRICT = { additionalProperties: false };

const Url = Type.String({ maxLength: 2048 });
/** The name of an environment variable with a secret. */
const SecretName = Type.String({ pattern: '^(?!TONEWALL_)[A-Z][A-Z0-9_]{0,127}$' });
/** A colon would end the user name of HTTP Basic authentication (RFC 7617). */
const BasicUser = Type.String({ pattern: '^[^:\\p{Cc}]{1,256}$' });
/** An account's name, as Adyen and Braintree form them. */
const Account = Type.String({ pattern: '^[\\w.-]{1,80}$' });

const Simulator = Type.Object({ kind: Type.Literal('simulator') }, STRICT);

const GenericPayConnector = Type.Object(
  {
    kind: Type.Literal('generic-pay-connector'),
    url: Url,
    username: BasicUser,
    passwordEnv: SecretName,
    dialect: Type.Optional(Type.Enum(['twilio', 'signalwire'])),
    idempotent: Type.Optional(Type.Boolean()),
  },
  STRICT,
);

const Stripe = Type.Object(
  { kind: Type.Literal('stripe'), apiKeyEnv: SecretName, url: Type.Optional(Url) },
  STRICT,
);

const Adyen = Type.Object(
  {
    kind: Type.Literal('adyen'),
    apiKeyEnv: SecretName,
    merchantAccount: Account,
    url: Type.Optional(Url),
  },
  STRICT,
);

const Braintree = Type.Object(
  {
    kind: Type.Literal('braintree'),
    publicKey: BasicUser,
    privateKeyEnv: SecretName,
    merchantAccountId: Account,
    url: Type.Optional(Url),
  },
  STRICT,
);

const STRIPE_URL = 'https://api.stripe.com';
/** Live addresses have a part that is the merchant's own (Adyen, "Live endpoints"), so that only test has a default. */
const ADYEN_TEST_URL = 'https://checkout-test.adyen.com/v71';
const BRAINTREE_SANDBOX_URL = 'https://payments.sandbox.braintree-api.com';

const KINDS = ['simulator', 'generic-pay-connector', 'stripe', 'adyen', 'braintree'];

/**
 * Currencies whose amounts Stripe writes with other decimals than ISO 4217 has, or wants rounded to ten of the
 * smallest unit (Stripe, "Supported currencies", special cases and three-decimal currencies).
 */
const NOT_AT_STRIPE = ['ISK', 'UGX', 'MGA', 'BHD', 'JOD', 'KWD', 'OMR', 'TND'];

const NOTHING: ProviderSettings = { kind: 'simulator' };

/** Reads a provider's settings and adds to `problems` what is wrong with them; secrets come from the environment. */
export function readProvider(source: ProviderSource, problems: string[]): ProviderSettings {
  switch (source.entry.kind) {
    case 'simulator':
      return isValid(Simulator, source, problems) ? { kind: 'simulator' } : NOTHING;
    case 'generic-pay-connector':
      return readConnector(source, problems);
    case 'adyen':
      return readAdyen(source, problems);
    case 'braintree':
      return readBraintree(source, problems);
    case 'stripe':
      return readStripe(source, problems);
    default:
      problems.push(problemAt(`${source.path}/kind`, `must be one of ${KINDS.join(', ')}`));
      return NOTHING;
  }
}

function readConnector(source: ProviderSource, problems: string[]): ProviderSettings {
  if (!isValid(GenericPayConnector, source, problems)) return NOTHING;
  const { kind, url, username, passwordEnv, dialect, idempotent } = source.entry;
  checkUrl(source, url, problems);
  return {
    kind,
    url,
    username,
    password: secretIn(source, 'passwordEnv', passwordEnv, problems),
    dialect: dialect ?? 'twilio',
    idempotent: idempotent ?? false,
  };
}

function readStripe(source: ProviderSource, problems: string[]): ProviderSettings {
  if (!isValid(Stripe, source, problems)) return NOTHING;
  const { path, currency } = source;
  const { kind, apiKeyEnv } = source.entry;
  const url = withoutSlash(source.entry.url ?? STRIPE_URL);
  checkUrl(source, url, problems);
  if (URL.parse(url)?.pathname !== '/') problems.push(problemAt(`${path}/url`, 'must have no path'));
  checkCardFields(source, problems);
  if (NOT_AT_STRIPE.includes(currency)) {
    problems.push(problemAt(`${path}/kind`, `stripe is not supported with the currency ${currency}`));
  }
  const apiKey = secretIn(source, 'apiKeyEnv', apiKeyEnv, problems);
  // Secret or restricted; a publishable key cannot charge (Stripe, "API keys").
  if (apiKey !== '' && !/^(?:sk|rk)_\w+$/.test(apiKey)) {
    const text = 'names a variable that holds no secret or restricted key (sk_ or rk_)';
    problems.push(problemAt(`${path}/apiKeyEnv`, text));
  }
  return { kind, url, apiKey };
}

function readAdyen(source: ProviderSource, problems: string[]): ProviderSettings {
  if (!isValid(Adyen, source, problems)) return NOTHING;
  const { kind, apiKeyEnv, merchantAccount } = source.entry;
  const url = withoutSlash(source.entry.url ?? ADYEN_TEST_URL);
  checkUrl(source, url, problems);
  if (!/\/v\d{2,3}$/.test(url)) {
    problems.push(problemAt(`${source.path}/url`, 'must end in the version of the API, as /v71 does'));
  }
  checkCardFields(source, problems);
  const apiKey = secretIn(source, 'apiKeyEnv', apiKeyEnv, problems);
  // It goes into a header as it is; a line break at its end is the usual cause.
  if (!/^[\x20-\x7e]*$/.test(apiKey)) {
    problems.push(
      problemAt(`${source.path}/apiKeyEnv`, 'names a variable that holds more than printable ASCII'),
    );
  }
  return { kind, url, merchantAccount, apiKey };
}

function readBraintree(source: ProviderSource, problems: string[]): ProviderSettings {
  if (!isValid(Braintree, source, problems)) return NOTHING;
  const { kind, publicKey, privateKeyEnv, merchantAccountId } = source.entry;
  const url = withoutSlash(source.entry.url ?? BRAINTREE_SANDBOX_URL);
  checkUrl(source, url, problems);
  checkCardFields(source, problems);
  const privateKey = secretIn(source, 'privateKeyEnv', privateKeyEnv, problems);
  return { kind, url, publicKey, privateKey, merchantAccountId };
}

function isValid<T extends TSchema>(
  schema: T,
  source: ProviderSource,
  problems: string[],
): source is ProviderSource & { readonly entry: Static<T> } {
  const found = problemsOf(schema, source.entry, source.path);
  problems.push(...found);
  return found.length === 0;
}

function secretIn({ env, path }: ProviderSource, key: string, name: string, problems: string[]): string {
  const secret = env[name] ?? '';
  if (secret === '') {
    problems.push(problemAt(`${path}/${key}`, 'names an environment variable that is not set'));
  }
  return secret;
}

function checkUrl({ path }: ProviderSource, url: string, problems: string[]): void {
  if (isSafeUrl(url)) return;
  problems.push(problemAt(`${path}/url`, 'must be https, or http on a loopback address, without a user'));
}

/** Card data goes there: never in clear text over a network. */
function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/**
 * A debit of a bank account needs the holder's name and address, and the text of the mandate that was agreed on
 * (Braintree, "UsBankAccountInput"; Adyen, "ACH Direct Debit"; Stripe, "ACH Direct Debit"), which nobody can key.
 */
function checkCardFields({ entry, fields, path }: ProviderSource, problems: string[]): void {
  if (fields.includes('bank-account-number')) {
    const text = `${entry.kind} takes cards only; bank accounts go through generic-pay-connector`;
    problems.push(problemAt(`${path}/kind`, text));
  } else if (!fields.includes('expiration-date')) {
    problems.push(problemAt(`${path}/kind`, `${entry.kind} needs the field expiration-date`));
  }
}
