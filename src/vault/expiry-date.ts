/** The last place on earth where a month ends (UTC-12). */
const LATEST_ZONE_MS = -12 * 60 * 60 * 1000;

/** Cards are issued for at most this long; more is a typing error. */
const MONTHS_AHEAD_MAX = 20 * 12;

/**
 * Whether an expiry date, four ASCII digits MMYY, is a month that has not ended yet for a caller anywhere, and
 * not more than 20 years ahead. The year is the next one that ends in YY.
 */
export function isExpiryValid(digits: Uint8Array, nowMs: number): boolean {
  const month = numberOf(digits.subarray(0, 2));
  if (month < 1 || month > 12) return false;
  const today = new Date(nowMs + LATEST_ZONE_MS);
  const yearsAhead = (numberOf(digits.subarray(2)) - (today.getUTCFullYear() % 100) + 100) % 100;
  const monthsAhead = yearsAhead * 12 + month - (today.getUTCMonth() + 1);
  return monthsAhead >= 0 && monthsAhead <= MONTHS_AHEAD_MAX;
}

function numberOf(digits: Uint8Array): number {
  return digits.reduce((value, code) => value * 10 + (code - 0x30), 0);
}
