import { describe, expect, it } from 'vitest';
import { brandRulesOf } from '../../../src/vault/card-brand-rules.ts';
import { ascii } from './key-in.ts';

describe('brandRulesOf', () => {
  it.each([
    ['4111111111111111', 'visa'],
    ['5555555555554444', 'mastercard'],
    ['378282246310005', 'amex'],
    ['6011111111111117', 'discover'],
    ['30569309025904', 'diners-club'],
    ['3056930009020004', 'diners-club'],
    ['3566002020360505', 'jcb'],
    ['6200000000000005', 'unionpay'],
    ['6771798021000008', 'maestro'],
  ])('tells the brand of the test card %s', (number, brand) => {
    expect(brandRulesOf(ascii(number))?.brand).toBe(brand);
  });

  it.each([
    ['5099', 'maestro'],
    ['5100', 'mastercard'],
    ['5599', 'mastercard'],
    ['5600', 'maestro'],
    ['5899', 'maestro'],
    ['2221', 'mastercard'],
    ['2720', 'mastercard'],
    ['3400', 'amex'],
    ['3499', 'amex'],
    ['3799', 'amex'],
    ['3528', 'jcb'],
    ['3589', 'jcb'],
    ['3000', 'diners-club'],
    ['3059', 'diners-club'],
    ['3095', 'diners-club'],
    ['3600', 'diners-club'],
    ['3800', 'diners-club'],
    ['3999', 'diners-club'],
    ['6010', 'maestro'],
    ['6011', 'discover'],
    ['6012', 'maestro'],
    ['6199', 'maestro'],
    ['6200', 'unionpay'],
    ['6299', 'unionpay'],
    ['6300', 'maestro'],
    ['6400', 'discover'],
    ['6599', 'discover'],
    ['6600', 'maestro'],
  ])('tells at a border of the ranges that %s is %s', (prefix, brand) => {
    expect(brandRulesOf(ascii(prefix))?.brand).toBe(brand);
  });

  it.each(['2220', '2721', '3060', '3094', '3096', '3300', '3527', '3590', '5900', '1234', '9000'])(
    'knows no brand for %s',
    (prefix) => {
      expect(brandRulesOf(ascii(prefix))).toBeNull();
    },
  );

  it('says nothing before the fourth digit', () => {
    expect(brandRulesOf(ascii('411'))).toBeNull();
  });

  it.each([
    ['4111', [13, 16, 19], 3],
    ['5555', [16], 3],
    ['3782', [15], 4],
    ['6011', [16, 17, 18, 19], 3],
    ['3566', [16, 17, 18, 19], 3],
    ['3600', [14, 15, 16, 17, 18, 19], 3],
    ['3056', [14, 16, 17, 18, 19], 3],
    ['6200', [16, 17, 18, 19], 3],
    ['6771', [12, 13, 14, 15, 16, 17, 18, 19], 3],
  ])('gives the lengths of the number and of the security code for %s', (prefix, lengths, codeLength) => {
    expect(brandRulesOf(ascii(prefix))).toMatchObject({ lengths, securityCodeLength: codeLength });
  });
});
