import { createPrivateKey } from 'node:crypto';
import { parseDestination } from '../core/destination.ts';
import type { VonageConfig } from './config.ts';
import type { Environment } from './provider-settings.ts';
import type { Settings } from './settings.ts';

const TOGETHER = [
  'VONAGE_APPLICATION_ID',
  'VONAGE_PRIVATE_KEY',
  'VONAGE_SIGNATURE_SECRET',
  'VONAGE_NUMBER',
] as const;

/** What makes sense only with them. */
const NEED_VONAGE = [
  'VONAGE_API_HOST',
  'TONEWALL_AGENT_DESTINATION',
  'TONEWALL_MEDIA_JOIN',
  'TONEWALL_MEDIA_TOPOLOGY',
  'TONEWALL_HOLD_MUSIC_URL',
] as const;

const KEY_FORM = 'the private key of the application in PEM, or the path of a file with it';
const ADDRESS_FORM = 'an http:// or https:// address without user, query and fragment';

export interface LoadedVonage {
  readonly vonage: VonageConfig | null;
  readonly problems: readonly string[];
}

/** The Vonage variables are set together or not at all; no problem repeats a value. */
export function loadVonage(
  settings: Partial<Settings>,
  env: Environment,
  readFile: (path: string) => string,
): LoadedVonage {
  const isSet = (name: keyof Settings): boolean => env[name] !== undefined;
  const missing = TOGETHER.filter((name) => !isSet(name));
  if (missing.length === TOGETHER.length) {
    const alone = NEED_VONAGE.filter(isSet);
    return { vonage: null, problems: alone.map((name) => `${name}: needs ${TOGETHER.join(', ')}`) };
  }
  const problems = missing.map((name) => `${name}: is needed when ${TOGETHER.find(isSet)} is set`);
  if (printsSecrets(env['DEBUG'])) {
    problems.push(
      'DEBUG: with this value the Vonage library prints the private key; expected none that names vonage',
    );
  }
  const privateKey = readKey(settings.VONAGE_PRIVATE_KEY, readFile);
  if (privateKey === null && isSet('VONAGE_PRIVATE_KEY'))
    problems.push(`VONAGE_PRIVATE_KEY: expected ${KEY_FORM}`);
  const apiHost = readAddress(settings.VONAGE_API_HOST);
  if (apiHost === undefined || (apiHost !== null && apiHost !== new URL(apiHost).origin)) {
    problems.push(`VONAGE_API_HOST: expected ${ADDRESS_FORM.replace('user', 'path, user')}`);
  }
  const holdMusicUrl = readAddress(settings.TONEWALL_HOLD_MUSIC_URL);
  if (holdMusicUrl === undefined) problems.push(`TONEWALL_HOLD_MUSIC_URL: expected ${ADDRESS_FORM}`);
  const agentText = settings.TONEWALL_AGENT_DESTINATION;
  const agent = agentText === undefined ? null : parseDestination(agentText);
  if (agentText !== undefined && agent === null) {
    problems.push(
      'TONEWALL_AGENT_DESTINATION: expected a phone number with country code, a sip: or sips: address, or app: and a user name',
    );
  }
  const { VONAGE_APPLICATION_ID, VONAGE_SIGNATURE_SECRET, VONAGE_NUMBER } = settings;
  const { TONEWALL_MEDIA_JOIN, TONEWALL_MEDIA_TOPOLOGY } = settings;
  const isWhole =
    VONAGE_APPLICATION_ID !== undefined &&
    VONAGE_SIGNATURE_SECRET !== undefined &&
    VONAGE_NUMBER !== undefined &&
    TONEWALL_MEDIA_JOIN !== undefined &&
    TONEWALL_MEDIA_TOPOLOGY !== undefined;
  if (problems.length > 0 || privateKey === null || !isWhole) return { vonage: null, problems };
  return {
    vonage: {
      applicationId: VONAGE_APPLICATION_ID,
      privateKey,
      signatureSecret: VONAGE_SIGNATURE_SECRET,
      number: VONAGE_NUMBER.replace('+', ''),
      apiHost: apiHost ?? null,
      agent,
      join: TONEWALL_MEDIA_JOIN,
      topology: TONEWALL_MEDIA_TOPOLOGY,
      holdMusicUrl: holdMusicUrl ?? null,
    },
    problems,
  };
}

/** The library of Vonage writes its configuration, key and all, to the log of the `debug` package. */
function printsSecrets(debug: string | undefined): boolean {
  return (debug ?? '').split(/[\s,]+/).some((name) => name === '*' || /^@?vonage/i.test(name));
}

/** The text itself is the key, or names its file; null if neither holds a private key for RS256. */
function readKey(text: string | undefined, readFile: (path: string) => string): string | null {
  if (text === undefined) return null;
  try {
    const pem = text.includes('-----BEGIN') ? text.replaceAll('\\n', '\n') : readFile(text);
    return createPrivateKey(pem).asymmetricKeyType === 'rsa' ? pem : null;
  } catch {
    return null;
  }
}

/** Null if it is not set, undefined if it is wrong. */
function readAddress(text: string | undefined): string | null | undefined {
  if (text === undefined) return null;
  const url = URL.parse(text);
  const isRight =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.username + url.password + url.search + url.hash === '';
  return isRight ? url.href.replace(/\/+$/, '') : undefined;
}
