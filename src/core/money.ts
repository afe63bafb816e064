import { AppError } from './errors.ts';

/** Digits after the decimal point that a currency has (ISO 4217), as ICU knows them: 2 for GBP, 0 for JPY. */
export function currencyExponent(currency: string): number {
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  );
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
