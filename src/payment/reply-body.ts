const ZERO = 0x30;
const NINE = 0x39;
/** Overwritten digits become ones: JSON stays JSON, since a long number may be a time in milliseconds. */
const ONE = 0x31;
/** The shortest card number has 12 digits (ISO/IEC 7812-1 with the brands of today: 12 to 19). */
const CARD_DIGITS_MIN = 12;

/** What stands between the groups of a card number as people write it. */
const SEPARATORS: readonly number[] = Array.from(' -.', (character) => character.charCodeAt(0));

/** A run that `overwriteLongDigitRuns` left behind. */
const OVERWRITTEN = /1(?:[ .-]?1){11}/;

/**
 * Overwrites every run of 12 digits or more in place, also one that single spaces, dashes or dots divide: a provider
 * may echo the card number. It works on bytes, before anything is decoded, so that no string ever holds the number.
 * Runs of more than 19 digits go too, as they may begin or end with a card number.
 */
export function overwriteLongDigitRuns(bytes: Uint8Array): void {
  let start = 0;
  let count = 0;
  let last = -1;
  for (let index = 0; index <= bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (isDigit(byte)) {
      if (count === 0) start = index;
      count += 1;
      last = index;
    } else if (last !== index - 1 || !SEPARATORS.includes(byte)) {
      if (count >= CARD_DIGITS_MIN) overwriteDigits(bytes.subarray(start, last + 1));
      count = 0;
    }
  }
}

function overwriteDigits(run: Uint8Array): void {
  for (const [index, byte] of run.entries()) if (isDigit(byte)) run[index] = ONE;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** Whether text decoded from a reply lost digits to `overwriteLongDigitRuns`. */
export function lostDigits(text: string): boolean {
  return OVERWRITTEN.test(text);
}

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Decodes a reply as a JSON object, after its long digit runs were overwritten; null if it is not one. Nothing of
 * the reply or of the parser's message, which quotes its input, leaves this function otherwise. Zeroes `bytes`.
 */
export function takeJsonReply(bytes: Uint8Array): JsonObject | null {
  overwriteLongDigitRuns(bytes);
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : null;
  } catch {
    return null;
  } finally {
    bytes.fill(0);
  }
}
