/**
 * The last line of defence: finds what looks like a card number in text that is about to leave, whatever put
 * it there. Nothing relies on it; a find is an incident that the caller counts.
 *
 * What counts as a card number: 12 to 19 digits that pass the Luhn check (ISO/IEC 7812-1), in one run or in
 * groups apart by spaces, commas or dashes; and any run of 20 digits or more, because a number followed by its
 * date and code fails the check as a whole. The same digits are found as hexadecimal ASCII, as a list of decimal
 * bytes and in base64: the forms in which `util.inspect`, `JSON.stringify` and tokens show bytes.
 */
const MIN_DIGITS = 12;
const MAX_DIGITS = 19;

const GROUPS = /\d(?:[\s,-]{0,3}\d){11,}/g;
const SEPARATORS = /[\s,-]+/;
const HEX_ASCII = /(?:3\d[\s:,-]?){11,}3\d/g;
const DECIMAL_BYTES = /(?<!\d)(?:(?:4[89]|5[0-7])[\s,]{1,3}){11,}(?:4[89]|5[0-7])(?!\d)/g;
/** Twelve digits are 16 characters of base64 or base64url. */
const BASE64 = /[A-Za-z0-9+/_-]{16,}/g;

export interface FilteredText {
  readonly text: string;
  /** How many finds were blotted out. */
  readonly blocked: number;
}

/** Blots out every find: digits become `*`, encoded digits become `[blocked]`. */
export function blockCardNumbers(text: string): FilteredText {
  let blocked = 0;
  const blot =
    (isFind: (match: string) => boolean, blotted: (match: string) => string) =>
    (match: string): string => {
      if (!isFind(match)) return match;
      blocked += 1;
      return blotted(match);
    };
  const filtered = text
    .replace(GROUPS, blot(groupsHoldCardNumber, stars))
    .replace(HEX_ASCII, blot(hexHoldsCardNumber, placeholder))
    .replace(DECIMAL_BYTES, blot(bytesHoldCardNumber, placeholder))
    .replace(BASE64, blot(base64HoldsCardNumber, placeholder));
  return { text: filtered, blocked };
}

/** Whether `blockCardNumbers` would find anything. */
export function holdsCardNumber(text: string): boolean {
  return blockCardNumbers(text).blocked > 0;
}

function stars(match: string): string {
  return match.replace(/\d/g, '*');
}

function placeholder(): string {
  return '[blocked]';
}

/** Tries every sequence of neighbouring groups, so that a number beside a card number does not hide it. */
function groupsHoldCardNumber(run: string): boolean {
  const groups = run.split(SEPARATORS);
  return groups.some((_, first) => {
    let digits = '';
    for (let last = first; last < groups.length && digits.length <= MAX_DIGITS; last += 1) {
      digits += groups[last];
      if (isCardNumber(digits)) return true;
    }
    return (groups[first]?.length ?? 0) > MAX_DIGITS;
  });
}

function isCardNumber(digits: string): boolean {
  return digits.length >= MIN_DIGITS && digits.length <= MAX_DIGITS && passesLuhn(digits);
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const weighted = index % 2 === 1 ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

function hexHoldsCardNumber(match: string): boolean {
  const digits = match.replace(/[\s:,-]/g, '').replace(/3(\d)/g, '$1');
  return groupsHoldCardNumber(digits);
}

function bytesHoldCardNumber(match: string): boolean {
  return groupsHoldCardNumber(
    match
      .split(/[\s,]+/)
      .map((byte) => String(Number(byte) - 48))
      .join(''),
  );
}

/** The run may start with characters that are not part of the encoded text: all four alignments are tried. */
function base64HoldsCardNumber(match: string): boolean {
  return [0, 1, 2, 3].some((start) => {
    const decoded = Buffer.from(match.slice(start), 'base64').toString('latin1');
    return (decoded.match(GROUPS) ?? []).some(groupsHoldCardNumber);
  });
}
