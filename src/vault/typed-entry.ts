import type { CaptureField } from '../core/capture-field.ts';

const ZERO = 0x30;
const NINE = 0x39;

/**
 * Reduces what a person, or a browser's memory of cards, put into a form's field to its digits: in place, since the
 * bytes are the only copy there may be. Returns the digits' view of `entry`; what lies behind it is zero. Spaces, dashes
 * and letters go; an expiry date such as `1/29` or `01/2029` becomes the four digits MMYY.
 */
export function digitsOfEntry(field: CaptureField, entry: Uint8Array): Uint8Array {
  const isDate = field === 'expiration-date';
  const monthLength = isDate ? lengthOfFirstRun(entry) : 0;
  let length = 0;
  for (const code of entry) {
    if (code < ZERO || code > NINE) continue;
    entry[length] = code;
    length += 1;
  }
  entry.fill(0, length);
  return isDate ? shortDate(entry, length, monthLength) : entry.subarray(0, length);
}

/** Digits before the first character that is none; 0 if there is no such character. */
function lengthOfFirstRun(entry: Uint8Array): number {
  const end = entry.findIndex((code) => code < ZERO || code > NINE);
  return end < 0 ? 0 : end;
}

function shortDate(entry: Uint8Array, digits: number, monthLength: number): Uint8Array {
  let length = digits;
  // A month of one digit has a separator after it, so that there is room for its zero.
  if (monthLength === 1 && (length === 3 || length === 5)) {
    entry.copyWithin(1, 0, length);
    entry[0] = ZERO;
    length += 1;
  }
  const isLong = length === 6 && entry[2] === ZERO + 2 && entry[3] === ZERO;
  if (!isLong) return entry.subarray(0, length);
  entry.copyWithin(2, 4, 6);
  entry.fill(0, 4);
  return entry.subarray(0, 4);
}
