/** The Luhn formula of ISO/IEC 7812-1, Annex B, over ASCII digits. */
export function passesLuhn(digits: Uint8Array): boolean {
  let sum = 0;
  // Counted from the right every second digit is doubled, beginning with the one before the check digit.
  let isDoubled = digits.length % 2 === 0;
  for (const code of digits) {
    const value = (code - 0x30) * (isDoubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
    isDoubled = !isDoubled;
  }
  return sum % 10 === 0;
}

/** The checksum of an ABA routing number, nine ASCII digits: weights 3, 7 and 1 in turn. */
export function passesAbaChecksum(digits: Uint8Array): boolean {
  const weightAt = (i: number): number => (i % 3 === 0 ? 3 : i % 3 === 1 ? 7 : 1);
  return digits.reduce((sum, code, i) => sum + (code - 0x30) * weightAt(i), 0) % 10 === 0;
}
