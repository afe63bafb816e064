import { createHash } from 'node:crypto';
import type { ApiKey } from '../core/api-key.ts';

const NAME = /^[a-z0-9-]{1,64}$/;
/** Visible ASCII but the comma, which parts the pairs. */
const SECRET = /^[!-+\--~]{24,256}$/;

/** Reads `name:secret,name2:secret2`; null if any part of it is wrong. */
export function parseApiKeys(text: string): readonly ApiKey[] | null {
  const keys: ApiKey[] = [];
  for (const pair of text.split(',')) {
    const colon = pair.indexOf(':');
    const [name, secret] = [pair.slice(0, colon), pair.slice(colon + 1)];
    if (colon < 0 || !NAME.test(name) || !SECRET.test(secret)) return null;
    keys.push({ name, secretSha256: createHash('sha256').update(secret).digest('hex') });
  }
  const names = new Set(keys.map((key) => key.name));
  const secrets = new Set(keys.map((key) => key.secretSha256));
  return names.size === keys.length && secrets.size === keys.length ? keys : null;
}
