import { createHash } from 'node:crypto';

const LETTERS = 'abcdef';

/**
 * The payment's id in Twilio's form: `PK` and 32 hexadecimal digits, the same for a payment at any time. Only letters
 * are used, which leaves 82 bits: a run of decimal digits could be taken for a card number by the last filter.
 */
export function paymentSid(paymentId: string): string {
  const bytes = createHash('sha256').update(paymentId).digest();
  return `PK${Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}
