import { createHash } from 'node:crypto';
import type { ApiKey } from '../core/api-key.ts';

const NAME = /^[A-Za-z0-9._-]{1,64}$/;
/** Visible ASCII but the comma, which parts the pairs. */
const SECRET = /^[!-+\--~]{1,256}$/;
/** 24 random characters of any kind hold more than 96 bits. */
const STRONG_LENGTH = 24;

/** Reads `name:secret,name2:secret2`; null if any part of it is wrong. */
export function parseApiKeys(text: string): readonly ApiKey[] | null {
  const keys: ApiKey[] = [];
  for (const pair of text.split(',')) {
    const colon = pair.indexOf(':');
    const [name, secret] = [pair.slice(0, colon), pair.slice(colon + 1)];
    if (colon < 0 || !NAME.test(name) || !SECRET.test(secret)) return null;
    const secretSha256 = createHash('sha256').update(secret).digest('hex');
    keys.push({ name, secretSha256, isWeak: secret.length < STRONG_LENGTH });
  }
  const names = new Set(keys.map((key) => key.name));
  const secrets = new Set(keys.map((key) => key.secretSha256));
  return names.size === keys.length && secrets.size === keys.length ? keys : null;
}
