import { describe, expect, it } from 'vitest';
import { ApiKeyRing } from '../../../src/http/api-key-ring.ts';

/** By sha256sum of the coreutils, of `first-secret` and `second-secret`. */
const KEYS = [
  {
    name: 'first',
    secretSha256: 'e0a5091e7f566a51018100473bf5078fe614e6dde73a7592c1161ecd6ec3826a',
    isWeak: true,
  },
  {
    name: 'second',
    secretSha256: '0ae70fa044cf10a0fc3887b85fe3675acc620a7d15e588e5f1f47e8b27787e5f',
    isWeak: true,
  },
];

describe('ApiKeyRing', () => {
  it('finds the name that belongs to a secret', () => {
    const ring = new ApiKeyRing(KEYS);
    expect([ring.nameOf('first-secret'), ring.nameOf('second-secret')]).toEqual(['first', 'second']);
  });

  it.each(['', 'first', 'first-secre', 'first-secrets', 'FIRST-SECRET', KEYS[0]!.secretSha256])(
    'knows nobody with the secret %j',
    (secret) => {
      expect(new ApiKeyRing(KEYS).nameOf(secret)).toBeNull();
    },
  );

  it('knows nobody without keys', () => {
    expect(new ApiKeyRing([]).nameOf('first-secret')).toBeNull();
  });
});
