/**
 * A card number that occurs nowhere by chance, and the ways in which a leak could show it. Whoever looks for it must
 * first show that the search finds what is there.
 */
export interface Canary {
  readonly cardNumber: string;
  readonly securityCode: string;
}

/** A Mastercard number with a valid check digit (ISO/IEC 7812-1) that is not a run of few digits. */
export function makeCanary(random: () => number = Math.random): Canary {
  const digits = [5, 3];
  while (digits.length < 15) digits.push(Math.floor(random() * 10));
  const sum = digits
    .toReversed()
    .map((digit, index) => (index % 2 === 0 ? digit * 2 - (digit > 4 ? 9 : 0) : digit))
    .reduce((total, digit) => total + digit, 0);
  const cardNumber = [...digits, (10 - (sum % 10)) % 10].join('');
  return { cardNumber, securityCode: String(100 + Math.floor(random() * 900)) };
}

/** Every form in which the card number is looked for. The last four digits alone are allowed everywhere. */
export function formsOf({ cardNumber }: Canary): ReadonlyMap<string, Buffer> {
  const ascii = Buffer.from(cardNumber, 'latin1');
  const codes = [...ascii];
  const text = (value: string): Buffer => Buffer.from(value, 'latin1');
  return new Map([
    ['digits', ascii],
    ['first twelve', ascii.subarray(0, 12)],
    ['middle eight', ascii.subarray(4, 12)],
    ['last eight', ascii.subarray(8)],
    ['reversed', text(cardNumber.split('').toReversed().join(''))],
    ['groups with spaces', text(cardNumber.replace(/(.{4})(?=.)/g, '$1 '))],
    ['groups with dashes', text(cardNumber.replace(/(.{4})(?=.)/g, '$1-'))],
    ['UTF-16', Buffer.from(cardNumber, 'utf16le')],
    ['bytes 0 to 9', Buffer.from(codes.map((code) => code - 0x30))],
    ['hex of ASCII', text(ascii.toString('hex'))],
    ['hex of ASCII with spaces', text(codes.map((code) => code.toString(16)).join(' '))],
    ['decimal list', text(codes.join(','))],
    ['decimal list with spaces', text(codes.join(', '))],
    ['JSON list of digits', text(cardNumber.split('').join(','))],
    ...[0, 1, 2].map((shift): [string, Buffer] => [
      `base64, shifted by ${shift}`,
      text(base64Core(ascii, shift)),
    ]),
  ]);
}

/** The forms of the canary that are in the haystack, by name. */
export function findCanary(canary: Canary, haystack: Buffer | string): string[] {
  const bytes = typeof haystack === 'string' ? Buffer.from(haystack, 'utf8') : haystack;
  return [...formsOf(canary)].filter(([, form]) => bytes.includes(form)).map(([name]) => name);
}

/** What base64 makes of the number when `shift` bytes stand before it, without the characters they share. */
function base64Core(ascii: Buffer, shift: number): string {
  const encoded = Buffer.concat([Buffer.alloc(shift), ascii, Buffer.alloc(3)]).toString('base64');
  const from = Math.ceil((shift * 8) / 6);
  const to = Math.floor(((shift + ascii.length) * 8) / 6);
  return encoded.slice(from, to);
}
