import { holdsCardNumber } from '../core/digit-filter.ts';
import { AppError } from '../core/errors.ts';

/**
 * Throws `CARD_DATA_REFUSED` if any text looks like a card number: it would be stored and shown. Full-width and
 * other forms of the ten digits count as well.
 */
export function refuseCardNumbers(texts: readonly unknown[]): void {
  const isRefused = texts.some((text) => typeof text === 'string' && holdsCardNumber(text.normalize('NFKC')));
  if (isRefused) throw new AppError('CARD_DATA_REFUSED');
}
