import { currencyExponent } from '../../core/money.ts';

/**
 * Where Adyen counts another number of decimals than ISO 4217 (Adyen, "Currency codes and minor units", marked
 * "differs from standard").
 */
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ['CLP', 2],
  ['CVE', 0],
  ['IDR', 0],
  ['ISK', 2],
]);

/**
 * An amount in Adyen's minor units, from one in those of ISO 4217. Null when Adyen has no such amount: 1.50 in a
 * currency of which it takes whole units only.
 */
export function adyenAmount(amountMinor: number, currency: string): number | null {
  const isoDecimals = currencyExponent(currency);
  const decimals = DECIMALS.get(currency) ?? isoDecimals;
  const value = (amountMinor * 10 ** decimals) / 10 ** isoDecimals;
  return Number.isInteger(value) ? value : null;
}
