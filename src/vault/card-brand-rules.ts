import type { CardBrand } from '../core/card-brand.ts';

/** What is known of the cards of one brand. */
export interface CardBrandRules {
  readonly brand: CardBrand;
  /** Inclusive ranges of the number's first four digits. */
  readonly prefixes: readonly (readonly [from: number, to: number])[];
  /** How many digits the number may have, ascending. */
  readonly lengths: readonly number[];
  /** What most of its cards have: a pause at a shorter one is a breath, not the end. */
  readonly usualLength: number;
  /** Hardly any of its cards is longer than usual, so that the first try need not wait for more. */
  readonly isUsuallyLast: boolean;
  readonly securityCodeLength: number;
}

/** Digits after which every brand can be told from the others. */
const PREFIX_LENGTH = 4;

/**
 * Prefixes and lengths are those of Twilio's "Generic Pay Connector" page; Visa, UnionPay, Diners 305, the classic
 * Diners length of 14 and the security code lengths are general knowledge of the trade. Maestro's 6 covers
 * Discover and UnionPay, so it stands last: the first rule that fits wins.
 */
export const CARD_BRAND_RULES: readonly CardBrandRules[] = [
  {
    brand: 'visa',
    prefixes: [[4000, 4999]],
    lengths: [13, 16, 19],
    usualLength: 16,
    isUsuallyLast: true,
    securityCodeLength: 3,
  },
  {
    brand: 'mastercard',
    prefixes: [
      [5100, 5599],
      [2221, 2720],
    ],
    lengths: [16],
    usualLength: 16,
    isUsuallyLast: true,
    securityCodeLength: 3,
  },
  {
    brand: 'amex',
    prefixes: [
      [3400, 3499],
      [3700, 3799],
    ],
    lengths: [15],
    usualLength: 15,
    isUsuallyLast: true,
    securityCodeLength: 4,
  },
  {
    brand: 'discover',
    prefixes: [
      [6011, 6011],
      [6400, 6599],
    ],
    lengths: [16, 17, 18, 19],
    usualLength: 16,
    isUsuallyLast: true,
    securityCodeLength: 3,
  },
  {
    brand: 'jcb',
    prefixes: [[3528, 3589]],
    lengths: [16, 17, 18, 19],
    usualLength: 16,
    isUsuallyLast: true,
    securityCodeLength: 3,
  },
  {
    brand: 'diners-club',
    prefixes: [[3600, 3699]],
    lengths: [14, 15, 16, 17, 18, 19],
    usualLength: 14,
    isUsuallyLast: false,
    securityCodeLength: 3,
  },
  {
    brand: 'diners-club',
    prefixes: [
      [3000, 3059],
      [3095, 3095],
      [3800, 3999],
    ],
    lengths: [14, 16, 17, 18, 19],
    usualLength: 14,
    isUsuallyLast: false,
    securityCodeLength: 3,
  },
  {
    brand: 'unionpay',
    prefixes: [[6200, 6299]],
    lengths: [16, 17, 18, 19],
    usualLength: 16,
    isUsuallyLast: false,
    securityCodeLength: 3,
  },
  {
    brand: 'maestro',
    prefixes: [
      [5000, 5099],
      [5600, 5899],
      [6000, 6999],
    ],
    lengths: [12, 13, 14, 15, 16, 17, 18, 19],
    usualLength: 16,
    isUsuallyLast: false,
    securityCodeLength: 3,
  },
];

/** The rules of a card number given as ASCII; null while it has fewer than four digits or no brand fits. */
export function brandRulesOf(cardNumber: Uint8Array): CardBrandRules | null {
  if (cardNumber.length < PREFIX_LENGTH) return null;
  let prefix = 0;
  for (const code of cardNumber.subarray(0, PREFIX_LENGTH)) prefix = prefix * 10 + (code - 0x30);
  const fits = (rules: CardBrandRules): boolean =>
    rules.prefixes.some(([from, to]) => prefix >= from && prefix <= to);
  return CARD_BRAND_RULES.find(fits) ?? null;
}
