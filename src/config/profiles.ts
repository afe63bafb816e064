import { Type } from 'typebox';
import type { Static } from 'typebox';
import { ENTRY_FIELDS } from '../core/capture-field.ts';
import type { CaptureField } from '../core/capture-field.ts';
import { CARD_BRANDS } from '../core/card-brand.ts';
import { isCurrency } from '../core/money.ts';
import type { PaymentProfile } from '../core/payment-profile.ts';
import { problemAt, problemsOf, PROFILES_VARIABLE } from './profile-problems.ts';
import { readProvider } from './provider-settings.ts';
import type { Environment } from './provider-settings.ts';

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
    return { profiles: [], problems: [`${PROFILES_VARIABLE}: ${what}`] };
  }
  const problems = problemsOf(ProfilesFile, file, '');
  if (problems.length > 0) return { profiles: [], problems };

  const entries = (file as Static<typeof ProfilesFile>).profiles;
  const profiles = entries.map((entry, index) => toProfile(entry, `/profiles/${index}`, env, problems));
  if (new Set(entries.map((entry) => entry.id)).size < entries.length) {
    problems.push(`${PROFILES_VARIABLE}: every profile needs an id of its own`);
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
    provider: readProvider(
      { entry: entry.provider, fields, currency: entry.currency, path: `${path}/provider`, env },
      problems,
    ),
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
