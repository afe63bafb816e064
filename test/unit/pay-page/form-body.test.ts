import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { FormBody } from '../../../src/pay-page/form-body.ts';

const FIELDS = ['payment-card-number', 'security-code'] as const;

/** The form as fields, however it is cut into chunks. */
async function fieldsOf(text: string, cutAt = text.length): Promise<Record<string, string>> {
  const chunks = [Buffer.from(text.slice(0, cutAt)), Buffer.from(text.slice(cutAt))];
  const body = await FormBody.read(Readable.from(chunks.filter(({ length }) => length > 0)));
  const fields = [...body.entries(FIELDS)].map(([field, bytes]) => [field, Buffer.from(bytes).toString()]);
  expect(chunks.every((chunk) => chunk.every((byte) => byte === 0))).toBe(true);
  return Object.fromEntries(fields) as Record<string, string>;
}

describe('FormBody', () => {
  it.each([
    [
      'payment-card-number=4242+4242&security-code=123',
      { 'payment-card-number': '4242 4242', 'security-code': '123' },
    ],
    ['payment-card-number=%34%32%2D1', { 'payment-card-number': '42-1' }],
    ['payment-card-number=1%&security-code=%zz%4', { 'payment-card-number': '1%', 'security-code': '%zz%4' }],
    ['security-code=1&security-code=2', { 'security-code': '2' }],
    ['security-code', { 'security-code': '' }],
    ['&&=&security-code==1', { 'security-code': '=1' }],
    ['pan=4242&security-codes=1&xsecurity-code=2', {}],
    ['', {}],
  ])('reads "%s"', async (text, fields) => {
    expect(await fieldsOf(text)).toEqual(fields);
    for (let cutAt = 1; cutAt < text.length; cutAt += 7) expect(await fieldsOf(text, cutAt)).toEqual(fields);
  });

  it('refuses a form that is too long, and zeroes it', async () => {
    const chunk = Buffer.from('payment-card-number=4242424242424242'.padEnd(5000, 'x'));
    await expect(FormBody.read(Readable.from([chunk]))).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect(chunk.every((byte) => byte === 0)).toBe(true);
  });

  it('rejects when the sender goes away', async () => {
    const stream = new Readable({ read: () => undefined });
    const reading = FormBody.read(stream);
    stream.push(Buffer.from('security-code='));
    stream.destroy();
    await expect(reading).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('becomes text only when no card can stand in it', async () => {
    const text = async (form: string) => (await FormBody.read(Readable.from([Buffer.from(form)]))).text();
    expect(await text('field=security-code&length=3')).toBe('field=security-code&length=3');
    expect(await text('field=4242&length=3')).toBeNull();
    expect(await text('a'.repeat(65))).toBeNull();
  });
});
