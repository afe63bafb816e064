import { lostDigits } from './reply-body.ts';

/** Printable ASCII without spaces: what processors use for the ids of charges and tokens. */
const ID = /^[\x21-\x7e]{1,128}$/;
const CODE = /^[\w.:-]{1,64}$/;
const MESSAGE_CHARACTERS_MAX = 200;

/** Whether a provider's id can be one at all. */
export function isProviderId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

/** An id as it may be shown; null when digits of it were overwritten, since the rest identifies nothing. */
export function shownId(id: string): string | null {
  return lostDigits(id) ? null : id;
}

/** A decline code as it may be shown; null when it is not a short word or number. */
export function shownCode(code: string): string | null {
  return CODE.test(code) && !lostDigits(code) ? code : null;
}

/**
 * A provider's message as an agent may read it: on one line, at most 200 characters, and every run of three
 * digits or more overwritten, because it may quote a security code or a part of the card number.
 */
export function shownMessage(message: unknown): string | null {
  if (typeof message !== 'string') return null;
  const text = message
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .replaceAll(/\d{3,}/g, (run) => '*'.repeat(run.length))
    .trim();
  return text === '' ? null : text.slice(0, MESSAGE_CHARACTERS_MAX);
}
