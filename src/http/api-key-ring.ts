import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../core/api-key.ts';

/** The API keys that are valid, known by the hash of their secret only. */
export class ApiKeyRing {
  readonly #keys: readonly { readonly name: string; readonly hash: Buffer }[];

  constructor(keys: readonly ApiKey[]) {
    this.#keys = keys.map((key) => ({ name: key.name, hash: Buffer.from(key.secretSha256, 'hex') }));
  }

  /** The name of the key with this secret, or null. Takes as long for a wrong secret as for a right one. */
  nameOf(secret: string): string | null {
    const hash = createHash('sha256').update(secret).digest();
    let name: string | null = null;
    for (const key of this.#keys) if (timingSafeEqual(key.hash, hash)) name = key.name;
    return name;
  }
}
