import { createHash } from 'node:crypto';
import { inLetters } from '../core/random.ts';
import type { Random } from '../core/random.ts';

/** 128 bits that nobody can guess, in letters: a link without digits can never be taken for a card number. */
export function makePayToken(random: Random): string {
  return inLetters(random.bytes(16));
}

/** What is stored of a token: whoever reads the database cannot pay, nor see who pays. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
