import { describe, expect, it } from 'vitest';
import { digitsOfEntry } from '../../../src/vault/typed-entry.ts';

const read = (field: Parameters<typeof digitsOfEntry>[0], text: string): string =>
  Buffer.from(digitsOfEntry(field, Buffer.from(text))).toString('latin1');

describe('digitsOfEntry', () => {
  it.each([
    ['4242 4242 4242 4242', '4242424242424242'],
    ['4242-4242-4242-4242', '4242424242424242'],
    ['', ''],
    ['no digits', ''],
  ])('reduces the card number "%s" to its digits', (text, digits) => {
    expect(read('payment-card-number', text)).toBe(digits);
  });

  it.each([
    ['0829', '0829'],
    ['08/29', '0829'],
    ['8/29', '0829'],
    ['08 / 2029', '0829'],
    ['8/2029', '0829'],
    ['082029', '0829'],
    // No month that anybody means: left for the rules to refuse.
    ['829', '829'],
    ['08/1929', '081929'],
    ['/', ''],
  ])('reads the expiry date "%s" as %s', (text, digits) => {
    expect(read('expiration-date', text)).toBe(digits);
  });

  it('leaves nothing of the entry behind its digits', () => {
    const entry = Buffer.from('8 / 2029 ');
    digitsOfEntry('expiration-date', entry);
    expect([...entry]).toEqual([0x30, 0x38, 0x32, 0x39, 0, 0, 0, 0, 0]);
  });
});
