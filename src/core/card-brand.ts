/** Card brands a profile may accept. */
export const CARD_BRANDS = [
  'visa',
  'mastercard',
  'amex',
  'discover',
  'jcb',
  'diners-club',
  'maestro',
  'unionpay',
] as const;

export type CardBrand = (typeof CARD_BRANDS)[number];
