import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lostDigits, overwriteLongDigitRuns, takeJsonReply } from '../../../src/payment/reply-body.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function overwritten(text: string): string {
  const buffer = bytes(text);
  overwriteLongDigitRuns(buffer);
  return new TextDecoder().decode(buffer);
}

describe('overwriteLongDigitRuns', () => {
  it.each([
    ['a card number', 'card 4539578763621486 refused', 'card 1111111111111111 refused'],
    ['the shortest card number', '453957876362', '111111111111'],
    ['the longest card number at the end', 'x4539578763621486234', 'x1111111111111111111'],
    ['a number inside a longer run', '004539578763621486991', '111111111111111111111'],
    ['each of two runs', '453957876362,453957876363', '111111111111,111111111111'],
    ['groups apart by dashes', '"4111-1111-1111-1234"', '"1111-1111-1111-1111"'],
    ['groups apart by spaces', '"4539 5787 6362 1486"', '"1111 1111 1111 1111"'],
    ['groups apart by dots', '"4539.5787.6362.1486"', '"1111.1111.1111.1111"'],
    ['a group at the end', 'x 453957-876362', 'x 111111-111111'],
    ['no groups that are further apart', '4539 5787 -6362 1486', '4539 5787 -6362 1486'],
    ['no date and time', '2026-11-02T12:00:00.000Z', '2026-11-02T12:00:00.000Z'],
    ['no run of eleven digits', '45395787636', '45395787636'],
    ['no short numbers', '{"amount":4250,"date":"2026-11-02"}', '{"amount":4250,"date":"2026-11-02"}'],
    ['nothing of an empty reply', '', ''],
  ])('overwrites %s', (_, text, expected) => {
    expect(overwritten(text)).toBe(expected);
  });

  it('leaves no run that a card number could hide in, whatever the text', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-c .-]{0,60}$/), (text) => {
        const result = overwritten(text);
        expect(result).toHaveLength(text.length);
        expect(result.replaceAll(/1(?:[ .-]?1){11,}/g, '')).not.toMatch(/\d(?:[ .-]?\d){11}/);
      }),
    );
  });
});

describe('lostDigits', () => {
  it('tells an id that was overwritten from one that was not', () => {
    expect(lostDigits(overwritten('8515131751004933'))).toBe(true);
    expect(lostDigits(overwritten('8515-1317-5100-4933'))).toBe(true);
    expect(lostDigits(overwritten('ch_12345678901'))).toBe(false);
  });
});

describe('takeJsonReply', () => {
  it('parses an object and keeps a time in milliseconds a number', () => {
    expect(takeJsonReply(bytes('{"charge_id":"ch_1","at":1793620800000}'))).toEqual({
      charge_id: 'ch_1',
      at: 1_111_111_111_111,
    });
  });

  it.each([
    ['no JSON', '<html></html>'],
    ['nothing', ''],
    ['half an object', '{"charge_id":"ch_1"'],
    ['an array', '[]'],
    ['null', 'null'],
    ['a string', '"ch_1"'],
  ])('returns null for %s', (_, text) => {
    expect(takeJsonReply(bytes(text))).toBeNull();
  });

  it('returns null for bytes that are not UTF-8', () => {
    expect(takeJsonReply(new Uint8Array([0x7b, 0xff, 0x7d]))).toBeNull();
  });

  it.each(['{"a":1}', 'not JSON'])('zeroes the bytes of %s', (text) => {
    const buffer = bytes(text);
    takeJsonReply(buffer);

    expect(buffer.every((byte) => byte === 0)).toBe(true);
  });
});
