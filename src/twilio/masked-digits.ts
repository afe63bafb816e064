/** Where Twilio puts dashes: 4-6-5 for American Express, 4-6-4 for Diners Club, groups of four for the rest. */
const GROUPS_OF_LENGTH: ReadonlyMap<number, readonly number[]> = new Map([
  [15, [4, 6, 5]],
  [14, [4, 6, 4]],
]);
const FOURS: readonly number[] = [4, 4, 4, 4, 4];

/** A card number as Twilio shows it, `xxxx-xxxxxx-x4001`, from the asterisks and last four of an event. */
export function maskedCardNumber(masked: string): string {
  const text = masked.replaceAll('*', 'x');
  const parts: string[] = [];
  let start = 0;
  for (const size of GROUPS_OF_LENGTH.get(text.length) ?? FOURS) {
    if (start < text.length) parts.push(text.slice(start, start + size));
    start += size;
  }
  return parts.join('-');
}

/** `xxx`: nothing but the number of digits. */
export function maskedDigits(length: number): string {
  return 'x'.repeat(length);
}
