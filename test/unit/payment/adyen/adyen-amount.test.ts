import { describe, expect, it } from 'vitest';
import { adyenAmount } from '../../../../src/payment/adyen/adyen-amount.ts';

/** Decimals from Adyen, "Currency codes and minor units"; ours are those of ISO 4217. */
describe('adyenAmount', () => {
  it.each([
    ['42.50 pounds', 4250, 'GBP', 4250],
    ['4250 yen', 4250, 'JPY', 4250],
    ['4.250 Bahraini dinars', 4250, 'BHD', 4250],
    ['42 Chilean pesos, of which Adyen counts hundredths', 42, 'CLP', 4200],
    ['42 Icelandic krónur, of which Adyen counts hundredths', 42, 'ISK', 4200],
    ['42.00 rupiahs, of which Adyen counts whole ones', 4200, 'IDR', 42],
    ['42.00 escudos, of which Adyen counts whole ones', 4200, 'CVE', 42],
  ])('counts %s', (_what, minor, currency, value) => {
    expect(adyenAmount(minor, currency)).toBe(value);
  });

  it('has no value for a part of a unit that Adyen does not divide', () => {
    expect(adyenAmount(4250, 'IDR')).toBeNull();
  });
});
