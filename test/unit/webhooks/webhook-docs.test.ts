import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { webhookKeyOf } from '../../../src/core/webhook-secret.ts';
import { pauseAfter } from '../../../src/webhooks/delivery-schedule.ts';
import { webhookSignature } from '../../../src/webhooks/webhook-signature.ts';

/** Goal: what docs/webhooks.md tells integrators to do works. Method: its code is run as it stands there. */
const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../docs/webhooks.md'), 'utf8');
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

type Verify = (secret: string, headers: Record<string, string>, rawBody: string) => unknown;

async function documentedVerify(): Promise<Verify> {
  const code = /```js\n([^`]*?createHmac[^]*?)```/.exec(DOCUMENT)?.[1] ?? '';
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { verify: Verify };
  return module.verify;
}

function signed(body: string, secrets: readonly string[], ageSeconds = 0): Record<string, string> {
  const timestamp = Math.floor(Date.now() / 1000) - ageSeconds;
  const keys = secrets.map((secret) => webhookKeyOf(secret)!);
  return {
    'webhook-id': 'pay_a_1',
    'webhook-timestamp': String(timestamp),
    'webhook-signature': webhookSignature(keys, 'pay_a_1', timestamp, body),
  };
}

describe('docs/webhooks.md', () => {
  it('has code that takes what tonewall signs, also while two secrets are in use', async () => {
    const verify = await documentedVerify();
    const body = '{"type":"payment.approved","payee":"Zoë"}';
    expect(verify(SECRET, signed(body, [SECRET]), body)).toEqual(JSON.parse(body));
    expect(verify(SECRET, signed(body, [OTHER, SECRET]), body)).toEqual(JSON.parse(body));
  });

  it('has code that refuses what tonewall did not sign, or long ago', async () => {
    const verify = await documentedVerify();
    const headers = signed('{}', [SECRET]);
    expect(() => verify(SECRET, headers, '{} ')).toThrow('signature');
    expect(() => verify(OTHER, headers, '{}')).toThrow('signature');
    expect(() => verify(SECRET, { ...headers, 'webhook-signature': 'v1,' }, '{}')).toThrow('signature');
    expect(() => verify(SECRET, signed('{}', [SECRET], 400), '{}')).toThrow('old');
    expect(() => verify(SECRET, {}, '{}')).toThrow('old');
  });

  it('says rightly how often a message is tried', () => {
    let tries = 1;
    while (pauseAfter(tries, null, { bytes: () => new Uint8Array(1) }) !== null) tries += 1;
    expect(DOCUMENT).toContain(`${tries} tries`);
  });
});
