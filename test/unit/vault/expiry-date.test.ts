import { describe, expect, it } from 'vitest';
import { isExpiryValid } from '../../../src/vault/expiry-date.ts';
import { ascii } from './key-in.ts';

const NOW_MS = Date.UTC(2026, 10, 15, 12);

describe('isExpiryValid', () => {
  it.each(['1126', '1226', '0127', '1239', '1146'])('accepts %s in November 2026', (expiry) => {
    expect(isExpiryValid(ascii(expiry), NOW_MS)).toBe(true);
  });

  it.each([
    ['1026', 'it ended last month'],
    ['1125', 'it ended last year'],
    ['0027', 'there is no month 0'],
    ['1327', 'there is no month 13'],
    ['9927', 'there is no month 99'],
    ['1246', 'it is more than 20 years ahead'],
    ['1199', 'it is 73 years ahead'],
  ])('refuses %s in November 2026, because %s', (expiry) => {
    expect(isExpiryValid(ascii(expiry), NOW_MS)).toBe(false);
  });

  it('accepts a card until the month has ended at UTC-12', () => {
    expect(isExpiryValid(ascii('1126'), Date.UTC(2026, 11, 1, 11, 59, 59, 999))).toBe(true);
    expect(isExpiryValid(ascii('1126'), Date.UTC(2026, 11, 1, 12))).toBe(false);
  });

  it('accepts a December card while the year has not ended at UTC-12', () => {
    expect(isExpiryValid(ascii('1226'), Date.UTC(2027, 0, 1, 11, 59))).toBe(true);
    expect(isExpiryValid(ascii('1226'), Date.UTC(2027, 0, 1, 12))).toBe(false);
  });

  it('takes a small year for the next century when this one is ending', () => {
    expect(isExpiryValid(ascii('0105'), Date.UTC(2098, 5, 1))).toBe(true);
    expect(isExpiryValid(ascii('0197'), Date.UTC(2098, 5, 1))).toBe(false);
  });
});
