/**
 * The card number with this index: Mastercard, 16 digits, ASCII, from a seed, so that the process that charges it
 * and the one that searches for it need not tell each other. Written into memory outside the V8 heap; the caller
 * zeroes it.
 */
export function cardNumber(seed: number, index: number): Uint8Array<ArrayBuffer> {
  const digits = new Uint8Array(new ArrayBuffer(128), 0, 16);
  digits.fill(0x35, 0, 2);
  // A linear congruential generator ("Numerical Recipes"): its upper bits are random enough to be told apart.
  let state = (seed + index * 2_654_435_761) >>> 0;
  for (let position = 2; position < 15; position += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    digits[position] = 0x30 + ((state >>> 16) % 10);
  }
  let sum = 0;
  for (let position = 0; position < 15; position += 1) {
    const doubled = (digits[position]! - 0x30) * (position % 2 === 0 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  digits[15] = 0x30 + ((10 - (sum % 10)) % 10);
  return digits;
}
