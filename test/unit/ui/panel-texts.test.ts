import { describe, expect, it } from 'vitest';
import { CAPTURE_FIELDS, REJECTION_REASONS } from '../../../src/core/capture-field.ts';
import { PAYMENT_STATES } from '../../../src/core/payment-state.ts';
import { announcementOf } from '../../../src/ui/public/secure-payments/announcement.ts';
import { guidanceOf } from '../../../src/ui/public/secure-payments/guidance.ts';
import { fill, LANGUAGES, messagesFor } from '../../../src/ui/public/secure-payments/messages/messages.ts';
import type { FieldName, LinkState, Payment } from '../../../src/ui/public/secure-payments/types.ts';
import { STAGED_PAYMENT, stagedCard, stagedField } from '../../support/browser/staged-payment.ts';

const { texts } = messagesFor(['en']);

/** Every text of a language, with its place. */
function flat(value: object, place = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, part]): [string, string][] =>
    typeof part === 'string' ? [[`${place}${key}`, part]] : flat(part as object, `${place}${key}.`),
  );
}

describe('the languages', () => {
  const english = new Map(flat(texts));

  it.each(Object.keys(LANGUAGES))('have every text, with the same values in it: %s', (language) => {
    const own = flat(LANGUAGES[language] ?? {});
    expect(own.map(([place]) => place).toSorted()).toEqual([...english.keys()].toSorted());
    for (const [place, text] of own) {
      expect(text.trim()).not.toBe('');
      const values = (of: string): string[] => [...of.matchAll(/\{\w+\}/g)].map(String).toSorted();
      expect([place, values(text)]).toEqual([place, values(english.get(place) ?? '')]);
    }
  });

  it('have a word for every field, state and reason that the server may send', () => {
    for (const { field, state, reason } of Object.values(LANGUAGES)) {
      expect(Object.keys(field).toSorted()).toEqual([...CAPTURE_FIELDS].toSorted());
      expect(Object.keys(state).toSorted()).toEqual([...PAYMENT_STATES].toSorted());
      expect(Object.keys(reason).toSorted()).toEqual([...REJECTION_REASONS, 'other'].toSorted());
    }
  });

  it('are chosen by the first tag that is known', () => {
    expect(messagesFor(['fr-FR', 'de-AT', 'es']).language).toBe('de');
    expect(messagesFor(['ES']).language).toBe('es');
    expect(messagesFor(['fr']).language).toBe('en');
    expect(messagesFor([]).language).toBe('en');
  });

  it('leave a place without a value as it is', () => {
    expect(fill('{field}: {count} keys', { field: 'Card', count: 0 })).toBe('Card: 0 keys');
    expect(fill('{field}', {})).toBe('{field}');
  });
});

describe('what the agent says next', () => {
  const say = (change: Partial<Payment>, isMuted = false): string =>
    guidanceOf({ ...STAGED_PAYMENT, ...change }, isMuted, texts);

  it('follows the field', () => {
    expect(say({})).toContain('key your card number');
    expect(say({ field: 'expiration-date' })).toContain('two digits for the month');
    expect(say({ field: 'postal-code' })).toContain('postcode');
  });

  it('follows the brand when it asks for the security code', () => {
    const field = 'security-code';
    const rest = [stagedField('expiration-date'), stagedField('security-code')];
    expect(say({ field, fields: [stagedCard('visa'), ...rest] })).toContain('three digits on the back');
    expect(say({ field, fields: [stagedCard('amex'), ...rest] })).toContain('four digits on the front');
  });

  it('follows what went wrong', () => {
    const refused = (reason: string): string =>
      say({ fields: [stagedField('payment-card-number', { state: 'requested', reason })] });
    expect(refused('invalid-card-type')).toContain('another one');
    expect(refused('input-timeout')).toContain('Take your time');
    expect(refused('a-reason-of-a-newer-server')).toBe('That does not look right. Please key it again.');
    expect(say({ field: null })).toContain('once more');
  });

  it('holds the caller back while masking is in doubt', () => {
    expect(say({}, true)).toBe('Please wait a moment before you key anything.');
  });

  it('never lets an unknown outcome sound like a failure', () => {
    const text = say({ state: 'unknown' });
    expect(text).toContain('do not need to pay again');
    expect(text).not.toMatch(/fail|declin|again\?/i);
  });

  it('follows the provider’s reason for a decline', () => {
    const declined = (declineCode: string | null): string =>
      say({
        state: 'declined',
        result: { outcome: 'declined', reference: null, brand: null, last4: null, declineCode },
      });
    expect(declined('expired_card')).toContain('expired');
    expect(declined('do_not_honor')).toContain('another one');
    expect(declined(null)).toContain('another one');
  });

  it.each<[LinkState | undefined, string]>([
    [undefined, 'sending you a link'],
    ['sent', 'message with a link'],
    ['opened', 'only asterisks'],
    ['submitted', 'while the bank answers'],
    ['expired', 'send you a new one'],
  ])('follows a link that is %s', (linkState, text) => {
    const link = linkState === undefined ? {} : { linkState };
    expect(say({ method: 'self-service', state: 'connecting', ...link })).toContain(text);
  });
});

describe('what a screen reader says', () => {
  const spoken = (name: string, data: object): string | null =>
    announcementOf({ id: '', name, data: data as Record<string, unknown> }, texts);
  const field: FieldName = 'payment-card-number';

  it('has counts and words, and no last four digits', () => {
    expect(spoken('field-progress', { field, length: 7, masked: '*******' })).toBe('Card number: 7 keys');
    expect(spoken('field-progress', { field, length: 0, masked: '' })).toBe('Card number: empty again');
    expect(spoken('field-complete', { field, masked: '************1111', brand: 'visa' })).toBe(
      'Card number complete Visa',
    );
    expect(spoken('field-rejected', { field, reason: 'input-timeout', attemptsLeft: 2 })).toBe(
      'Card number refused: Not keyed in time.',
    );
  });

  it('names the field that is asked for, and the state otherwise', () => {
    expect(spoken('payment-state', { state: 'capturing', field })).toBe('Now: Card number');
    expect(spoken('payment-state', { state: 'unknown', field: null })).toBe(
      'Being confirmed – do not take the card again',
    );
  });

  it('is silent about results, which the state told, and about what it does not know', () => {
    expect(spoken('payment-result', { outcome: 'approved', last4: '1111' })).toBeNull();
    expect(spoken('something-new', {})).toBeNull();
  });
});
