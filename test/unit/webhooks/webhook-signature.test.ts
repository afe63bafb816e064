import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { webhookKeyOf } from '../../../src/core/webhook-secret.ts';
import { webhookSignature } from '../../../src/webhooks/webhook-signature.ts';

/** Goal: any receiver that follows Standard Webhooks can check what we sign. Method: its authors' own library. */
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;

function keyOf(secret: string): Uint8Array {
  return webhookKeyOf(secret)!;
}

describe('webhookSignature', () => {
  it('is the signature of the example that the standard and its libraries give', () => {
    // From the README of Svix, on which the standard is based; the secret, id, time and body stand there.
    const key = keyOf('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    expect(webhookSignature([key], 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}')).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it.each([
    { secrets: [SECRET], receiver: SECRET },
    { secrets: [SECRET, OTHER], receiver: SECRET },
    { secrets: [SECRET, OTHER], receiver: OTHER },
  ])('is accepted by the standard library', ({ secrets, receiver }) => {
    const timestamp = Math.floor(Date.now() / 1000);
    const body = '{"payee":"Zoë 渡辺 🎟"}';
    const headers = {
      'webhook-id': 'pay_a_1',
      'webhook-timestamp': String(timestamp),
      'webhook-signature': webhookSignature(secrets.map(keyOf), 'pay_a_1', timestamp, body),
    };
    expect(new Webhook(receiver).verify(body, headers)).toEqual({ payee: 'Zoë 渡辺 🎟' });
    expect(() => new Webhook(receiver).verify(`${body} `, headers)).toThrow(/signature/);
    expect(() => new Webhook(receiver).verify(body, { ...headers, 'webhook-id': 'pay_a_2' })).toThrow(
      /signature/,
    );
  });
});

describe('webhookKeyOf', () => {
  it.each([24, 32, 64])('takes %i bytes', (count) => {
    expect(webhookKeyOf(`whsec_${Buffer.alloc(count, 1).toString('base64')}`)).toHaveLength(count);
  });

  it.each([
    '',
    'whsec_',
    `whsec_${Buffer.alloc(23).toString('base64')}`,
    `whsec_${Buffer.alloc(65).toString('base64')}`,
    Buffer.alloc(32).toString('base64'),
    `whsec_${Buffer.alloc(32).toString('base64').slice(0, -1)}`,
    `whsec_${Buffer.alloc(32).toString('base64')} `,
    `whsec_${Buffer.alloc(33, 255).toString('base64url')}`,
    `whpk_${Buffer.alloc(32).toString('base64')}`,
  ])('refuses %j', (secret) => {
    expect(webhookKeyOf(secret)).toBeNull();
  });
});
