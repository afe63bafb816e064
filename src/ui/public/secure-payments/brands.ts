/** How card brands are written. Names only, no marks of their owners. */
const NAMES: Readonly<Record<string, string>> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'Amex',
  discover: 'Discover',
  jcb: 'JCB',
  'diners-club': 'Diners Club',
  maestro: 'Maestro',
  unionpay: 'UnionPay',
};

export function brandName(brand: string | null): string {
  return brand === null ? '' : (NAMES[brand] ?? brand);
}
