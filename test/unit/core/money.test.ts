import { describe, expect, it } from 'vitest';
import { currencyExponent, formatAmount, isCurrency, parseAmount } from '../../../src/core/money.ts';

describe('currencyExponent', () => {
  // ISO 4217, list one, column "minor unit"; ICU's display digits differ for most of these.
  it.each([
    { exponent: 0, currencies: ['JPY', 'KRW', 'ISK', 'VND', 'CLP', 'UGX', 'XAF', 'XPF'] },
    {
      exponent: 2,
      currencies: ['GBP', 'EUR', 'USD', 'HUF', 'COP', 'IDR', 'PKR', 'LBP', 'MGA', 'RSD', 'ALL'],
    },
    { exponent: 3, currencies: ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'] },
    { exponent: 4, currencies: ['CLF', 'UYW'] },
  ])('is $exponent for $currencies', ({ exponent, currencies }) => {
    expect(currencies.filter((currency) => currencyExponent(currency) !== exponent)).toEqual([]);
  });
});

describe('parseAmount', () => {
  it.each([
    ['42.50', 'GBP', 4250],
    ['42.5', 'GBP', 4250],
    ['42', 'GBP', 4200],
    ['1500.50', 'HUF', 150_050],
    ['1500', 'JPY', 1500],
    ['1.234', 'IQD', 1234],
    ['0.0001', 'CLF', 1],
    ['999999999.99', 'USD', 99_999_999_999],
  ])('reads %s %s as %i', (text, currency, minor) => {
    expect(parseAmount(text, currency)).toBe(minor);
  });

  it.each([
    ['42.505', 'GBP'],
    ['1.5', 'JPY'],
    ['0.00', 'GBP'],
    ['-1', 'GBP'],
    ['1e3', 'GBP'],
    ['1234567890', 'GBP'],
    ['', 'GBP'],
    ['.5', 'GBP'],
  ])('refuses %j %s', (text, currency) => {
    expect(() => parseAmount(text, currency)).toThrow(expect.objectContaining({ code: 'AMOUNT_INVALID' }));
  });
});

describe('formatAmount', () => {
  it.each([
    [4250, 'GBP', '42.50'],
    [5, 'GBP', '0.05'],
    [150_050, 'HUF', '1500.50'],
    [1500, 'JPY', '1500'],
    [1234, 'KWD', '1.234'],
  ])('writes %i %s as %s', (minor, currency, text) => {
    expect(formatAmount(minor, currency)).toBe(text);
  });
});

describe('isCurrency', () => {
  it('knows codes of ISO 4217 and nothing else', () => {
    expect(['GBP', 'JPY', 'gbp', 'XQQ', 'GB', ''].map(isCurrency)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
