import { describe, expect, it } from 'vitest';
import { blockCardNumbers, holdsCardNumber } from '../../../src/core/digit-filter.ts';

/** Test card numbers that the card schemes publish; and twelve digits made for the shortest length; each passes the Luhn check. */
const CARDS = ['4111111111111111', '5555555555554444', '378282246310005', '6011111111111117', '676770000005'];

/** The ways in which bytes get into text: what Node prints, what people type. */
const FORMS: Record<string, (card: string) => string> = {
  'as it is': (card) => card,
  'in groups of four': (card) => card.replace(/(....)(?=.)/g, '$1 '),
  'in groups with dashes': (card) => card.replace(/(....)(?=.)/g, '$1-'),
  'digit by digit': (card) => card.replace(/(.)(?=.)/g, '$1 '),
  'as a JSON array of digits': (card) => JSON.stringify(Array.from(card, Number)),
  'as hexadecimal ASCII': (card) => Buffer.from(card).toString('hex'),
  'as an inspected Buffer': (card) =>
    Buffer.from(card)
      .toString('hex')
      .replace(/(..)(?=.)/g, '$1 '),
  'as a list of decimal bytes': (card) => JSON.stringify([...Buffer.from(card)]),
  'in base64': (card) => Buffer.from(card).toString('base64'),
  'inside base64 of JSON': (card) => Buffer.from(JSON.stringify({ number: card })).toString('base64url'),
  'with expiry and code behind it': (card) => `${card}1229${card.length === 12 ? '92795' : '927'}`,
  'behind another number': (card) => `order 12 ${card}`,
};

describe.each(Object.entries(FORMS))('blockCardNumbers, a card number %s', (_form, write) => {
  it.each(CARDS)('blots out %s', (card) => {
    const filtered = blockCardNumbers(`{"text":"${write(card)}"}`);
    expect(filtered.blocked).toBe(1);
    expect(filtered.text).not.toContain(write(card));
    expect(filtered.text.replace(/\D/g, '')).not.toContain(card);
  });
});

describe('blockCardNumbers', () => {
  it.each([
    ['the time', '{"time":"2026-11-23T10:39:00.000Z"}'],
    ['a truncated card number', '{"masked":"************1111","last4":"1111"}'],
    ['seventeen digits that fail the Luhn check', 'order 41111111111111112'],
    ['an identifier of ours', 'pay_abcdefghjkmnpqrsabcdefghjkmnpqrs'],
    ['an address', 'http://192.168.100.124:8080'],
    ['eleven digits', '41111111111'],
    [
      'a signed token',
      'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJwYXlfYWJjIiwiaWF0IjoxNzk1NDMwMDAwLCJleHAiOjE3OTU0MzA5MDB9.c2ln',
    ],
  ])('leaves %s alone', (_name, text) => {
    expect(blockCardNumbers(text)).toEqual({ text, blocked: 0 });
  });

  it('keeps the text around a find and its length', () => {
    expect(blockCardNumbers('a 4111 1111 1111 1111 b')).toEqual({
      text: 'a **** **** **** **** b',
      blocked: 1,
    });
  });

  it('counts each find', () => {
    expect(blockCardNumbers('4111111111111111 and 5555555555554444').blocked).toBe(2);
  });
});

describe('holdsCardNumber', () => {
  it('says whether anything would be blotted out', () => {
    expect([holdsCardNumber('4111-1111-1111-1111'), holdsCardNumber('order 17')]).toEqual([true, false]);
  });
});
