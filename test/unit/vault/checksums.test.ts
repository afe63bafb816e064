import { describe, expect, it } from 'vitest';
import { passesAbaChecksum, passesLuhn } from '../../../src/vault/checksums.ts';
import { ascii } from './key-in.ts';

describe('passesLuhn', () => {
  it.each([
    '4111111111111111',
    '5555555555554444',
    '378282246310005',
    '6011111111111117',
    '30569309025904',
    '3056930009020004',
    '3566002020360505',
    '6200000000000005',
    '6771798021000008',
    // ISO/IEC 7812-1's own shape: the check digit of 7992739871 is 3.
    '79927398713',
  ])('accepts %s', (number) => {
    expect(passesLuhn(ascii(number))).toBe(true);
  });

  it.each(['4111111111111112', '3065930009020004', '79927398710', '1'])('refuses %s', (number) => {
    expect(passesLuhn(ascii(number))).toBe(false);
  });
});

describe('passesAbaChecksum', () => {
  // Routing numbers of Federal Reserve Banks and large banks, as these publish them.
  it.each(['011000015', '021000021', '021001208', '111000025', '122105155'])('accepts %s', (number) => {
    expect(passesAbaChecksum(ascii(number))).toBe(true);
  });

  it.each(['011000016', '012000021', '110000015', '123456789'])('refuses %s', (number) => {
    expect(passesAbaChecksum(ascii(number))).toBe(false);
  });
});
