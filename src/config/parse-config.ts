import { Check } from 'typebox/schema';
import { holdsCardNumber } from '../core/digit-filter.ts';
import { parseApiKeys } from './api-keys.ts';
import { parseBaseUrl } from './base-url.ts';
import { ConfigError } from './config.ts';
import type { Config } from './config.ts';
import { isDatabase } from './database.ts';
import { loadProfiles } from './profiles.ts';
import type { Environment } from './provider-settings.ts';
import { expectationOf, SETTING_NAMES, settingOf, SETTINGS } from './settings.ts';
import type { SettingName, Settings } from './settings.ts';
import { parseTwilioAccount } from './twilio.ts';
import { isWebhookUrl, parseWebhookSecrets } from './webhook-settings.ts';
import type { WebhookSettings } from './webhook-settings.ts';
import { loadVonage } from './vonage.ts';

const PREFIX = 'TONEWALL_';
const WHOLE_NUMBER = /^-?(?:0|[1-9]\d{0,8})$/;
const NUMBER = /^-?(?:0|[1-9]\d{0,8})(?:\.\d{1,6})?$/;

/** The eight frequencies of the keys, ITU-T Q.23. */
const DTMF_HZ = [697, 770, 852, 941, 1209, 1336, 1477, 1633];
/**
 * Receivers must take a frequency that is up to 1.5 % off and may take 3.5 % (ITU-T Q.24); as much again keeps the
 * mask tone itself from counting as half of a key, in a recording or in the output check. Harmonics need no rule:
 * a codec's are 30 dB below the tone, and no receiver accepts a pair whose tones differ by that much.
 */
const MIN_DISTANCE_FROM_DTMF = 0.06;

/**
 * Reads the configuration from environment variables, and the profiles file with `readFile`, which throws when it
 * cannot. Throws one `ConfigError` with everything that is wrong; no message repeats a value, which may be a secret.
 */
export function parseConfig(env: Environment, readFile: (path: string) => string): Config {
  const problems = unknownVariables(env);
  const settings = readSettings(env, problems);
  const apiKeys = parseApiKeys(settings.TONEWALL_API_KEYS ?? '');
  if (settings.TONEWALL_API_KEYS !== undefined && apiKeys === null) {
    problems.push(problemOf('TONEWALL_API_KEYS'));
  }
  const publicUrl = parseBaseUrl(settings.TONEWALL_PUBLIC_URL);
  if (publicUrl === undefined) problems.push(problemOf('TONEWALL_PUBLIC_URL'));
  if (holdsCardNumber(publicUrl ?? '')) {
    // Such as a host name with an IP address in it, apart by dashes. Better no start than links with asterisks.
    problems.push(
      'TONEWALL_PUBLIC_URL: its digits look like a card number, which the last filter would blot out',
    );
  }
  const twilio = parseTwilioAccount(settings, problems);
  const embedOrigins = parseOrigins(settings.TONEWALL_EMBED_ORIGINS);
  if (embedOrigins === null) problems.push(problemOf('TONEWALL_EMBED_ORIGINS'));
  if (!isDatabase(settings.TONEWALL_DATABASE)) problems.push(problemOf('TONEWALL_DATABASE'));
  checkMaskFrequency(settings.TONEWALL_MASK_FREQUENCY_HZ, problems);
  const otlpEndpoint = parseBaseUrl(settings.OTEL_EXPORTER_OTLP_ENDPOINT);
  if (otlpEndpoint === undefined) problems.push(problemOf('OTEL_EXPORTER_OTLP_ENDPOINT'));
  const webhook = readWebhook(settings, problems);
  const profiles = loadProfiles(settings.TONEWALL_PROFILES, env, readFile);
  problems.push(...profiles.problems);
  const vonage = loadVonage(settings, env, readFile);
  problems.push(...vonage.problems);
  if (problems.length > 0) throw new ConfigError(problems);

  const checked = settings as Settings;
  return freeze({
    host: checked.TONEWALL_HOST,
    port: checked.TONEWALL_PORT,
    publicUrl: publicUrl ?? null,
    apiKeys: apiKeys ?? [],
    database: checked.TONEWALL_DATABASE,
    profiles: profiles.profiles,
    twilio,
    webhook,
    embedOrigins: embedOrigins ?? [],
    masking: {
      mode: checked.TONEWALL_MASK_MODE,
      policy: checked.TONEWALL_MASK_POLICY,
      frequencyHz: checked.TONEWALL_MASK_FREQUENCY_HZ,
      levelDbm0: checked.TONEWALL_MASK_LEVEL_DBM0,
      lookaheadMs: checked.TONEWALL_LOOKAHEAD_MS,
    },
    vonage: vonage.vonage,
    maxCalls: checked.TONEWALL_MAX_CALLS,
    linkMs: checked.TONEWALL_LINK_MINUTES * 60_000,
    workers: checked.TONEWALL_WORKERS,
    overloadLatenessMs: checked.TONEWALL_OVERLOAD_LATENESS_MS,
    drainMs: checked.TONEWALL_DRAIN_SECONDS * 1000,
    retentionMs: checked.TONEWALL_RETENTION_DAYS * 86_400_000,
    auditAnchorsPath: checked.TONEWALL_AUDIT_ANCHORS ?? null,
    logLevel: checked.TONEWALL_LOG_LEVEL,
    otlpEndpoint: otlpEndpoint ?? null,
  });
}

function unknownVariables(env: Environment): string[] {
  const known = new Set<string>(SETTING_NAMES);
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.has(name))
    .sort()
    .map((name) => `${name}: there is no such variable`);
}

/** The values that are right; each wrong one becomes a problem. */
function readSettings(env: Environment, problems: string[]): Partial<Settings> {
  const settings: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    const raw = env[name];
    const value = raw === undefined ? settingOf(name).default : parseValue(name, raw);
    if (raw === undefined && value === undefined) {
      if ((SETTINGS.required as readonly string[]).includes(name))
        problems.push(`${name}: is needed: ${expectationOf(settingOf(name))}`);
    } else if (raw === '' || !Check(SETTINGS.properties[name], value)) {
      problems.push(problemOf(name));
    } else {
      settings[name] = value;
    }
  }
  return settings as Partial<Settings>;
}

function parseValue(name: SettingName, raw: string): string | number | undefined {
  const { type } = settingOf(name);
  if (type === 'integer') return WHOLE_NUMBER.test(raw) ? Number(raw) : undefined;
  if (type === 'number') return NUMBER.test(raw) ? Number(raw) : undefined;
  return raw;
}

function problemOf(name: SettingName): string {
  return `${name}: expected ${expectationOf(settingOf(name))}`;
}

/** Null if there is no receiver: both variables, or none. */
function readWebhook(settings: Partial<Settings>, problems: string[]): WebhookSettings | null {
  const { TONEWALL_WEBHOOK_URL: url, TONEWALL_WEBHOOK_SECRET: secret } = settings;
  if (url === undefined && secret === undefined) return null;
  const secrets = parseWebhookSecrets(secret ?? '');
  const wrong = new Set(problems);
  if (!isWebhookUrl(url ?? '')) wrong.add(problemOf('TONEWALL_WEBHOOK_URL'));
  if (secrets === null) wrong.add(problemOf('TONEWALL_WEBHOOK_SECRET'));
  problems.splice(0, problems.length, ...wrong);
  return { url: url ?? '', secrets: secrets ?? [] };
}

/** Null if it is wrong. An origin is exactly what a browser sends: no path, no slash at the end, no default port. */
function parseOrigins(text: string | undefined): readonly string[] | null {
  if (text === undefined) return [];
  const origins = text.split(',').map((part) => part.trim());
  const isRight = origins.every((origin) => /^https?:/.test(origin) && URL.parse(origin)?.origin === origin);
  return isRight && new Set(origins).size === origins.length ? origins : null;
}

function checkMaskFrequency(frequencyHz: number | undefined, problems: string[]): void {
  if (frequencyHz === undefined) return;
  const near = DTMF_HZ.find((toneHz) => Math.abs(frequencyHz / toneHz - 1) <= MIN_DISTANCE_FROM_DTMF);
  if (near !== undefined) {
    problems.push(
      `TONEWALL_MASK_FREQUENCY_HZ: expected more than 6 % of distance from the DTMF frequency ${near} Hz`,
    );
  }
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) freeze(part);
    Object.freeze(value);
  }
  return value;
}
