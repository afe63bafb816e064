import { describe, expect, it } from 'vitest';
import { CardDigits, jsonBody, withCardBody } from '../../../src/payment/card-body.ts';
import { TestCard } from '../../support/test-card.ts';

const card = () => new TestCard({ 'payment-card-number': '4111111111111111', 'expiration-date': '0827' });

async function textOf(...args: Parameters<typeof jsonBody>): Promise<string> {
  return withCardBody(jsonBody(...args), card(), (body) =>
    Promise.resolve(Buffer.from(body).toString('utf8')),
  );
}

describe('jsonBody', () => {
  it('puts digits between text in the order given', async () => {
    const text = await textOf([
      ['method', 'charge'],
      ['cardnumber', new CardDigits('payment-card-number', 0, 16)],
      ['expiry_month', new CardDigits('expiration-date', 0, 2)],
      ['expiry_year', new CardDigits('expiration-date', 2, 2)],
      ['amount', 0],
      ['parameters', { reference: 'INV-7' }],
    ]);

    expect(text).toBe(
      '{"method":"charge","cardnumber":"4111111111111111","expiry_month":"08","expiry_year":"27","amount":0,' +
        '"parameters":{"reference":"INV-7"}}',
    );
  });

  it('puts digits into objects within, and leaves out what is null', async () => {
    const text = await textOf([
      ['merchant', null],
      [
        'variables',
        {
          input: { number: new CardDigits('payment-card-number', 0, 16), cvv: null, store: true },
          year: new CardDigits('expiration-date', 2, 2, '20'),
          note: null,
        },
      ],
    ]);

    expect(text).toBe('{"variables":{"input":{"number":"4111111111111111","store":true},"year":"2027"}}');
  });

  it('escapes text so that it cannot break out of its string', async () => {
    expect(await textOf([['note', '"},\n\u0000{"x":"é']])).toBe('{"note":"\\"},\\n\\u0000{\\"x\\":\\"é"}');
  });

  it('makes an empty object of no members', async () => {
    expect(await textOf([])).toBe('{}');
  });
});

describe('withCardBody', () => {
  const parts = jsonBody([['cardnumber', new CardDigits('payment-card-number', 0, 16)]]);

  it('hands over one buffer of at least 128 bytes outside the heap', async () => {
    const size = await withCardBody(parts, card(), (body) =>
      Promise.resolve([body.byteLength, body.buffer.byteLength]),
    );

    expect(size).toEqual([33, 128]);
  });

  it('zeroes the buffer when the use resolves', async () => {
    const used = card();
    await withCardBody(parts, used, () => Promise.resolve());

    expect(used.buffers.size).toBe(1);
    expect(used.isZeroEverywhere).toBe(true);
  });

  it('zeroes the buffer when the use rejects', async () => {
    const used = card();

    await expect(withCardBody(parts, used, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(used.isZeroEverywhere).toBe(true);
  });

  it('zeroes the buffer and uses nothing when digits are missing', async () => {
    const used = new TestCard({ 'payment-card-number': '411' });
    let isUsed = false;
    const result = withCardBody(parts, used, () => Promise.resolve((isUsed = true)));

    await expect(result).rejects.toThrow('the digits fill their places in the body');
    expect(isUsed).toBe(false);
    expect(used.isZeroEverywhere).toBe(true);
  });
});
