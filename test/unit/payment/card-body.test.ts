import { describe, expect, it } from 'vitest';
import { CardDigits, formBody, jsonBody, withCardBody } from '../../../src/payment/card-body.ts';
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
      ['year', new CardDigits('expiration-date', 2, 2, '20')],
      ['amount', 0],
      ['parameters', { reference: 'INV-7' }],
    ]);

    expect(text).toBe(
      '{"method":"charge","cardnumber":"4111111111111111","expiry_month":"08","expiry_year":"27","year":"2027","amount":0,' +
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

describe('formBody', () => {
  const formOf = (members: Parameters<typeof formBody>[0]): Promise<string> =>
    withCardBody(formBody(members), card(), (body) => Promise.resolve(Buffer.from(body).toString('utf8')));

  it('puts digits between text in the order given, and encodes the text', async () => {
    const text = await formOf([
      ['type', 'card'],
      ['card[number]', new CardDigits('payment-card-number', 0, 16)],
      ['card[exp_year]', new CardDigits('expiration-date', 2, 2, '20')],
      ['description', 'Jo & "Käthe"=1+1'],
    ]);

    expect(text).toBe(
      'type=card&card%5Bnumber%5D=4111111111111111&card%5Bexp_year%5D=2027&description=Jo+%26+%22K%C3%A4the%22%3D1%2B1',
    );
  });

  it('may end in digits, or be empty', async () => {
    expect(await formOf([['month', new CardDigits('expiration-date', 0, 2)]])).toBe('month=08');
    expect(await formOf([])).toBe('');
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
