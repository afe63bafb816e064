import { holdsCardNumber } from '../core/digit-filter.ts';
import { lostDigits } from './reply-body.ts';

/** Printable ASCII without spaces: what processors use for the ids of charges and tokens. */
const ID = /^[\x21-\x7e]{1,128}$/;
const CODE = /^[\w.:-]{1,64}$/;
const MESSAGE_CHARACTERS_MAX = 200;

/** Whether a provider's id can be one at all. */
export function isProviderId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

/**
 * An id as it may be shown; null when digits of it were overwritten, since the rest identifies nothing, or when it
 * could be a card number all the same.
 */
export function shownId(id: string): string | null {
  return mayShow(id) ? id : null;
}

/** A decline code as it may be shown; null when it is not a short word or number. */
export function shownCode(code: string): string | null {
  return CODE.test(code) && mayShow(code) ? code : null;
}

/**
 * A provider's message as an agent may read it: on one line, at most 200 characters, and every run of three
 * digits or more overwritten, because it may quote a security code or a part of the card number. Null when it seems to hold a card number in
 * still smaller groups.
 */
export function shownMessage(message: unknown): string | null {
  if (typeof message !== 'string') return null;
  const text = message
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .replaceAll(/\d{3,}/g, (run) => '*'.repeat(run.length))
    .trim();
  return text === '' || !mayShow(text) ? null : text.slice(0, MESSAGE_CHARACTERS_MAX);
}

/** `holdsCardNumber` finds what JSON had escaped while the reply was bytes. */
function mayShow(text: string): boolean {
  return !lostDigits(text) && !holdsCardNumber(text);
}
