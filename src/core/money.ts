import { AppError } from './errors.ts';

/**
 * Currencies that do not have two digits after the decimal point: ISO 4217, list one ("minor unit"), as of 2024.
 * ICU is no source for this: its figures are for display, and say 0 for HUF, IDR or IQD.
 */
const EXPONENTS: ReadonlyMap<string, number> = new Map([
  ...withExponent(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...withExponent(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...withExponent(4, 'CLF UYW'),
]);

function withExponent(exponent: number, currencies: string): readonly (readonly [string, number])[] {
  return currencies.split(' ').map((currency) => [currency, exponent] as const);
}

/** Digits after the decimal point that a currency has (ISO 4217): 2 for GBP, 0 for JPY. */
export function currencyExponent(currency: string): number {
  return EXPONENTS.get(currency) ?? 2;
}

/** Whether `currency` is an ISO 4217 code that ICU knows. */
export function isCurrency(currency: string): boolean {
  return /^[A-Z]{3}$/.test(currency) && Intl.supportedValuesOf('currency').includes(currency);
}

/**
 * Parses a decimal string such as `42.50` into minor units, without floating point.
 *
 * Throws `AMOUNT_INVALID` if it is not positive, has more decimals than the currency, or has more than nine
 * digits before the point.
 */
export function parseAmount(text: string, currency: string): number {
  const exponent = currencyExponent(currency);
  const match = /^(\d{1,9})(?:\.(\d{1,4}))?$/.exec(text);
  const decimals = match?.[2] ?? '';
  if (match === null || decimals.length > exponent) {
    throw new AppError('AMOUNT_INVALID', {
      detail: `Expected a positive decimal string with at most ${exponent} decimals and nine digits before the point.`,
    });
  }
  const minor = Number(match[1]) * 10 ** exponent + Number(decimals.padEnd(exponent, '0') || '0');
  if (minor === 0) throw new AppError('AMOUNT_INVALID', { detail: 'Expected an amount above zero.' });
  return minor;
}

/** The reverse of `parseAmount`: 4250 and GBP give `42.50`. */
export function formatAmount(minor: number, currency: string): string {
  const exponent = currencyExponent(currency);
  const digits = String(minor).padStart(exponent + 1, '0');
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
