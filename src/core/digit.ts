/**
 * A key press as its ASCII code: `0`-`9`, `*`, `#`, `A`-`D`.
 *
 * It is a number and not a string end to end: a small integer leaves no copy on the heap that could be
 * read back in order, a string does.
 */
export type DigitCode = number;

export const STAR: DigitCode = 0x2a;
export const HASH: DigitCode = 0x23;

/** `0`-`9`: the only keys that can become part of card data. */
export function isNumeral(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The keys of a telephone: `0`-`9`, `*` and `#`. */
export function isTelephoneKey(code: number): boolean {
  return isNumeral(code) || code === STAR || code === HASH;
}
