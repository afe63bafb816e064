import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { WebhookVerifier } from '../../../src/vonage/webhook-verifier.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const SECRET = 'a-signature-secret-of-an-account';
const APPLICATION = 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab';
const BODY = '{"uuid":"63f61863-4a51-4f6b-86e1-46edebcf9356","status":"answered"}';
const NOW = 1_800_000_000;

interface Token {
  readonly header?: object;
  readonly claims?: object;
  readonly secret?: string;
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const CLAIMS = {
  iat: NOW,
  jti: 'c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5',
  iss: 'Vonage',
  payload_hash: sha256(BODY),
  api_key: 'a1b2c3d',
  application_id: APPLICATION,
};

/** A header as Vonage documents it, made with nothing of ours. */
function bearer({ header, claims, secret = SECRET }: Token = {}): string {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode({ ...CLAIMS, ...claims })}`;
  return `Bearer ${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function makeVerifier(): { readonly verifier: WebhookVerifier; readonly clock: FakeClock } {
  const clock = new FakeClock(NOW * 1000);
  return {
    verifier: new WebhookVerifier({ signatureSecret: SECRET, applicationId: APPLICATION }, clock),
    clock,
  };
}

async function verdict(authorization: string | undefined, body = BODY): Promise<string | null> {
  return makeVerifier().verifier.verify(authorization, Buffer.from(body));
}

describe('WebhookVerifier', () => {
  it('takes what Vonage documents', async () => {
    expect(await verdict(bearer())).toBeNull();
    expect(await verdict(bearer({ claims: { application_id: undefined } }))).toBeNull();
    expect(await verdict(bearer({ claims: { exp: NOW + 900 } }))).toBeNull();
  });

  it('takes a body that was laid out anew, by the hash of its compact form', async () => {
    expect(await verdict(bearer(), JSON.stringify(JSON.parse(BODY), null, 2))).toBeNull();
  });

  it.each([
    ['no header', undefined],
    ['an empty one', ''],
  ])('calls %s unsigned', async (_what, header) => {
    expect(await verdict(header)).toBe('unsigned');
  });

  it.each([
    ['another secret', bearer({ secret: 'another-secret' })],
    ['alg none', `Bearer ${encode({ alg: 'none' })}.${encode(CLAIMS)}.`],
    ['alg HS512', bearer({ header: { alg: 'HS512' } })],
    ['another application', bearer({ claims: { application_id: 'ffffffff-bbbb-cccc-dddd-0123456789ab' } })],
    ['another issuer', bearer({ claims: { iss: 'Nexmo' } })],
    ['no issuer', bearer({ claims: { iss: undefined } })],
    ['the hash of another body', bearer({ claims: { payload_hash: sha256('{}') } })],
    ['no hash', bearer({ claims: { payload_hash: undefined } })],
    ['a hash that is no text', bearer({ claims: { payload_hash: [sha256(BODY)] } })],
    ['no id', bearer({ claims: { jti: undefined } })],
    ['an id of 200 characters', bearer({ claims: { jti: 'j'.repeat(200) } })],
    ['Basic authentication', 'Basic dXNlcjpwYXNz'],
    ['no token', 'Bearer '],
    ['garbage', 'Bearer a.b.c'],
    ['5,000 characters', `Bearer ${'a'.repeat(5000)}`],
  ])('refuses %s', async (_what, header) => {
    expect(await verdict(header)).toBe('bad-signature');
  });

  it('refuses RS256, also from a key that signs as the secret would', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const signed = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(CLAIMS)}`;
    const signature = sign('sha256', Buffer.from(signed), privateKey).toString('base64url');
    expect(await verdict(`Bearer ${signed}.${signature}`)).toBe('bad-signature');
  });

  it('refuses a changed body', async () => {
    expect(await verdict(bearer(), BODY.replace('answered', 'completed'))).toBe('bad-signature');
  });

  it.each([
    ['301 seconds old', { iat: NOW - 301 }, 'stale'],
    ['an hour old', { iat: NOW - 3600 }, 'stale'],
    ['299 seconds old', { iat: NOW - 299 }, null],
    ['59 seconds ahead', { iat: NOW + 59 }, null],
    ['61 seconds ahead', { iat: NOW + 61 }, 'stale'],
    ['without a time', { iat: undefined }, 'stale'],
    ['expired a while ago', { exp: NOW - 61 }, 'stale'],
  ])('judges a token %s', async (_what, claims, expected) => {
    expect(await verdict(bearer({ claims }))).toBe(expected);
  });

  it('refuses a second use for as long as the token would count', async () => {
    const { verifier, clock } = makeVerifier();
    expect(await verifier.verify(bearer(), Buffer.from(BODY))).toBeNull();
    expect(await verifier.verify(bearer(), Buffer.from(BODY))).toBe('bad-signature');
    clock.advance(299_000);
    expect(await verifier.verify(bearer(), Buffer.from(BODY))).toBe('bad-signature');
    expect(await verifier.verify(bearer({ claims: { jti: 'another' } }), Buffer.from(BODY))).toBeNull();
  });

  it('is not used up by what it refuses', async () => {
    const { verifier } = makeVerifier();
    expect(await verifier.verify(bearer(), Buffer.from('{}'))).toBe('bad-signature');
    expect(await verifier.verify(bearer(), Buffer.from(BODY))).toBeNull();
  });

  it('takes the signature of a handshake without a content', async () => {
    const { verifier } = makeVerifier();
    expect(await verifier.isSigned(bearer({ claims: { payload_hash: undefined } }))).toBe(true);
    expect(await verifier.isSigned(bearer({ secret: 'another-secret' }))).toBe(false);
    expect(await verifier.isSigned(undefined)).toBe(false);
  });
});
