import { Type } from 'typebox';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { ENTRY_FIELDS } from '../core/capture-field.ts';
import type { CaptureField } from '../core/capture-field.ts';
import { CARD_BRANDS } from '../core/card-brand.ts';
import { isLoopbackHost } from '../core/loopback-host.ts';
import { isCurrency } from '../core/money.ts';
import type { PaymentProfile, ProviderSettings } from '../core/payment-profile.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLE = 'TONEWALL_PROFILES';
const STRICT = { additionalProperties: false };

const TimeoutSeconds = Type.Integer({ minimum: 1, maximum: 600 });

const Profile = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
    name: Type.String({ pattern: '^\\P{Cc}{1,100}$' }),
    method: Type.Enum(['guided', 'self-service']),
    operation: Type.Enum(['charge', 'tokenize']),
    currency: Type.String({ pattern: '^[A-Z]{3}$' }),
    fields: Type.Array(Type.Enum([...ENTRY_FIELDS]), { minItems: 1, uniqueItems: true }),
    brands: Type.Optional(Type.Array(Type.Enum([...CARD_BRANDS]), { minItems: 1, uniqueItems: true })),
    firstDigitTimeoutSeconds: Type.Optional(TimeoutSeconds),
    interDigitTimeoutSeconds: Type.Optional(TimeoutSeconds),
    maxAttempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
    minPostalCodeLength: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
    provider: Type.Object({ kind: Type.String() }),
  },
  STRICT,
);

const ProfilesFile = Type.Object({ profiles: Type.Array(Profile, { minItems: 1, maxItems: 200 }) }, STRICT);

const Simulator = Type.Object({ kind: Type.Literal('simulator') }, STRICT);

const GenericPayConnector = Type.Object(
  {
    kind: Type.Literal('generic-pay-connector'),
    url: Type.String({ maxLength: 2048 }),
    // A colon would end the user name of HTTP Basic authentication (RFC 7617).
    username: Type.String({ pattern: '^[^:\\p{Cc}]{1,256}$' }),
    passwordEnv: Type.String({ pattern: '^(?!TONEWALL_)[A-Z][A-Z0-9_]{0,127}$' }),
    dialect: Type.Optional(Type.Enum(['twilio', 'signalwire'])),
    idempotent: Type.Optional(Type.Boolean()),
  },
  STRICT,
);

/** Provider kinds that the profiles file may name one day. */
const LATER_PROVIDERS = ['stripe', 'adyen', 'braintree'];

export interface LoadedProfiles {
  readonly profiles: readonly PaymentProfile[];
  readonly problems: readonly string[];
}

/** Reads the profiles file; provider passwords come from `env`. Without a path there are no profiles. */
export function loadProfiles(
  path: string | undefined,
  env: Environment,
  readFile: (path: string) => string,
): LoadedProfiles {
  if (path === undefined) return { profiles: [], problems: [] };
  let file: unknown;
  try {
    file = JSON.parse(readFile(path));
  } catch (error) {
    const what = error instanceof SyntaxError ? 'the file is not valid JSON' : 'the file cannot be read';
    return { profiles: [], problems: [`${VARIABLE}: ${what}`] };
  }
  const problems = problemsOf(ProfilesFile, file, '');
  if (problems.length > 0) return { profiles: [], problems };

  const entries = (file as Static<typeof ProfilesFile>).profiles;
  const profiles = entries.map((entry, index) => toProfile(entry, `/profiles/${index}`, env, problems));
  if (new Set(entries.map((entry) => entry.id)).size < entries.length) {
    problems.push(`${VARIABLE}: every profile needs an id of its own`);
  }
  return { profiles, problems };
}

function toProfile(
  entry: Static<typeof Profile>,
  path: string,
  env: Environment,
  problems: string[],
): PaymentProfile {
  const { fields } = entry;
  problems.push(...fieldProblems(fields).map((text) => problemAt(`${path}/fields`, text)));
  if (!isCurrency(entry.currency)) problems.push(problemAt(`${path}/currency`, 'must be an ISO 4217 code'));
  return {
    id: entry.id,
    name: entry.name,
    method: entry.method,
    operation: entry.operation,
    currency: entry.currency,
    fields,
    brands: entry.brands ?? ['visa', 'mastercard', 'amex'],
    firstDigitTimeoutSeconds: entry.firstDigitTimeoutSeconds ?? 60,
    interDigitTimeoutSeconds: entry.interDigitTimeoutSeconds ?? 20,
    maxAttempts: entry.maxAttempts ?? 3,
    minPostalCodeLength: entry.minPostalCodeLength ?? 1,
    provider: toProvider(entry.provider, `${path}/provider`, env, problems),
  };
}

/** Card or bank account, whole, and the security code after the number, whose brand says how long the code is. */
function fieldProblems(fields: readonly CaptureField[]): string[] {
  const problems: string[] = [];
  const has = (field: CaptureField): boolean => fields.includes(field);
  const isBank = has('bank-account-number') || has('bank-routing-number');
  const isCard = has('payment-card-number') || has('expiration-date') || has('security-code');
  if (isBank && isCard) problems.push('must be those of a card or those of a bank account, not both');
  if (isBank && !has('bank-account-number')) problems.push('must have bank-account-number');
  if (!isBank && !has('payment-card-number')) problems.push('must have payment-card-number');
  return problems;
}

function toProvider(
  provider: { readonly kind: string },
  path: string,
  env: Environment,
  problems: string[],
): ProviderSettings {
  if (provider.kind === 'simulator') {
    problems.push(...problemsOf(Simulator, provider, path));
    return { kind: 'simulator' };
  }
  if (provider.kind !== 'generic-pay-connector') {
    const text = LATER_PROVIDERS.includes(provider.kind)
      ? `${provider.kind} is not supported in this version, only simulator and generic-pay-connector are`
      : 'must be simulator or generic-pay-connector';
    problems.push(problemAt(`${path}/kind`, text));
    return { kind: 'simulator' };
  }
  const found = problemsOf(GenericPayConnector, provider, path);
  problems.push(...found);
  const { url, username, passwordEnv, dialect, idempotent } = provider as Static<typeof GenericPayConnector>;
  const password = env[passwordEnv] ?? '';
  if (found.length === 0) {
    if (!isSafeUrl(url)) {
      problems.push(problemAt(`${path}/url`, 'must be https, or http on a loopback address, without a user'));
    }
    if (password === '') {
      problems.push(problemAt(`${path}/passwordEnv`, 'names an environment variable that is not set'));
    }
  }
  return {
    kind: 'generic-pay-connector',
    url,
    username,
    password,
    dialect: dialect ?? 'twilio',
    idempotent: idempotent ?? false,
  };
}

/** Card data goes there: never in clear text over a network. */
function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

/** What the schema finds wrong. Keys of the file are named, values never are. */
function problemsOf(schema: TSchema, value: unknown, path: string): string[] {
  return Value.Errors(schema, value).flatMap((error) => {
    // Every key that is not allowed is reported twice; the other report has its name.
    if (error.keyword === 'boolean') return [];
    const at = `${path}${error.instancePath}`;
    if (error.keyword === 'additionalProperties') {
      return [problemAt(at, `has no key ${error.params.additionalProperties.join(', ')}`)];
    }
    if (error.keyword === 'enum') {
      return [problemAt(at, `must be one of ${error.params.allowedValues.join(', ')}`)];
    }
    return [problemAt(at, error.message)];
  });
}

/** Writes `/profiles/0/fields` as `profiles[0].fields`. */
function problemAt(path: string, text: string): string {
  const place = path
    .replace(/\/(\d+)/g, '[$1]')
    .replace(/\//g, '.')
    .slice(1);
  return [VARIABLE, ...(place === '' ? [] : [place]), text].join(': ');
}
