/** Randomness, injected so that a seed can replay a run. */
export interface Random {
  /** `count` unpredictable bytes. */
  bytes(count: number): Uint8Array;
}

/** One letter per four bits: an id without digits can never be taken for a card number by a log filter. */
const LETTERS = 'abcdefghjkmnpqrs';

/** An identifier of 128 bits, such as `pay_` and 32 letters. */
export function makeId(random: Random, prefix: string): string {
  return `${prefix}_${inLetters(random.bytes(16))}`;
}

/** Bytes as two letters each, never a digit. */
export function inLetters(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += `${LETTERS[byte >> 4]}${LETTERS[byte & 15]}`;
  return text;
}
