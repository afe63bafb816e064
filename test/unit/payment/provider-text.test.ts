import { describe, expect, it } from 'vitest';
import { isProviderId, shownCode, shownId, shownMessage } from '../../../src/payment/provider-text.ts';

describe('isProviderId', () => {
  it.each(['ch_3MmlLrLkdIwHu7ix0snN0B15', '1', '72500aba-328c-445c-a12e-da5700e10b17'])(
    'accepts %s',
    (id) => {
      expect(isProviderId(id)).toBe(true);
    },
  );

  it.each([[''], [' '], ['a b'], ['a\n'], ['é'], ['x'.repeat(129)], [7], [null], [{}], [true]])(
    'refuses %j',
    (id) => {
      expect(isProviderId(id)).toBe(false);
    },
  );
});

describe('shownId', () => {
  it('shows an id that kept its digits', () => {
    expect(shownId('ch_1')).toBe('ch_1');
  });

  it('shows nothing of an id that lost its digits', () => {
    expect(shownId('1111111111111111')).toBeNull();
    expect(shownId('1111-1111-1111-1111')).toBeNull();
  });

  it('shows nothing of an id that is a card number which was escaped in the reply', () => {
    expect(shownId('4539-5787-6362-1486')).toBeNull();
  });
});

describe('shownCode', () => {
  it.each(['insufficient_funds', '51', 'do-not-honor', 'R01.2:x'])('shows %s', (code) => {
    expect(shownCode(code)).toBe(code);
  });

  it.each([
    '',
    'two words',
    '111111111111',
    '1111-1111-1111-1111',
    '4539-5787-6362-1486',
    'x'.repeat(65),
    '<b>',
  ])('does not show %j', (code) => {
    expect(shownCode(code)).toBeNull();
  });
});

describe('shownMessage', () => {
  it.each([
    ['Insufficient funds', 'Insufficient funds'],
    ['code 123 is wrong for 411111', 'code *** is wrong for ******'],
    ['two\r\n lines\u0007', 'two lines'],
    ['Try again in 24 h', 'Try again in 24 h'],
  ])('shows %j as %j', (message, expected) => {
    expect(shownMessage(message)).toBe(expected);
  });

  it.each([['  \n '], [''], [7], [null], [{ a: 1 }], [undefined]])('shows nothing of %j', (message) => {
    expect(shownMessage(message)).toBeNull();
  });

  it.each(['card 45 39 57 87 63 62 14 86', 'card 11 11 11 11 11 11 11 11'])(
    'shows nothing of %j, which has a card number in small groups',
    (message) => {
      expect(shownMessage(message)).toBeNull();
    },
  );

  it('cuts a long message', () => {
    expect(shownMessage('x'.repeat(1000))).toHaveLength(200);
  });
});
