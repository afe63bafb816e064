import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AssertionError } from '../../../src/core/assert.ts';
import { CAPTURE_FIELDS } from '../../../src/core/capture-field.ts';
import type { CardBrand } from '../../../src/core/card-brand.ts';
import { CARD_BRANDS } from '../../../src/core/card-brand.ts';
import { CardVault } from '../../../src/vault/card-vault.ts';
import { keyIn } from './key-in.ts';

const NOW_MS = Date.UTC(2026, 10, 15, 12);

function makeVault(brands: readonly CardBrand[] = CARD_BRANDS, minPostalCodeLength = 5): CardVault {
  return new CardVault({ brands, minPostalCodeLength, wallMs: () => NOW_MS });
}

/** A vault whose only buffer the test can look at. */
function makeTransparentVault(): { vault: CardVault; bytes: () => Uint8Array; bufferCount: () => number } {
  const buffers: ArrayBuffer[] = [];
  class RecordedArrayBuffer extends ArrayBuffer {
    constructor(size: number) {
      super(size);
      buffers.push(this);
    }
  }
  vi.stubGlobal('ArrayBuffer', RecordedArrayBuffer);
  const vault = makeVault();
  return { vault, bytes: () => new Uint8Array(buffers[0]!), bufferCount: () => buffers.length };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('CardVault collecting', () => {
  it('shows one asterisk per digit while a card number is keyed', () => {
    const vault = makeVault();
    expect(keyIn(vault, 'payment-card-number', '411')).toEqual({
      length: 3,
      masked: '***',
      status: 'partial',
      brand: null,
      reason: null,
      refutesSecurityCode: false,
    });
    expect(keyIn(vault, 'payment-card-number', '1')).toMatchObject({
      length: 4,
      masked: '****',
      brand: 'visa',
    });
  });

  it.each([
    ['5555555555554444', 'mastercard', '************4444'],
    ['378282246310005', 'amex', '***********0005'],
  ])('completes %s at once, since the brand has one length', (number, brand, masked) => {
    expect(keyIn(makeVault(), 'payment-card-number', number)).toEqual({
      length: number.length,
      masked,
      status: 'complete',
      brand,
      reason: null,
      refutesSecurityCode: false,
    });
  });

  const USUALLY_LAST = [
    ['4111111111111111', 'visa', '************1111'],
    ['6011111111111117', 'discover', '************1117'],
    ['3566002020360505', 'jcb', '************0505'],
  ] as const;

  it.each(USUALLY_LAST)(
    'completes %s at once, since hardly any card of its brand is longer',
    (number, brand, masked) => {
      expect(keyIn(makeVault(), 'payment-card-number', number)).toMatchObject({
        status: 'complete',
        masked,
        brand,
      });
    },
  );

  it.each(USUALLY_LAST)(
    'waits for more after %s once the field was cleared: the card may be one of the few',
    (number) => {
      const vault = makeVault();
      keyIn(vault, 'payment-card-number', number);
      vault.clear('payment-card-number');
      expect(keyIn(vault, 'payment-card-number', number)).toMatchObject({ status: 'may-be-complete' });
      expect(keyIn(vault, 'payment-card-number', '2')).toMatchObject({ status: 'partial', length: 17 });
    },
  );

  it.each([
    ['30569309025904', 'diners-club', '**********5904'],
    ['6200000000000005', 'unionpay', '************0005'],
    ['6771798021000008', 'maestro', '************0008'],
  ])(
    'lets %s end, since the brand has longer numbers too, and completes it when asked',
    (number, brand, masked) => {
      const vault = makeVault();
      const stars = '*'.repeat(number.length);
      expect(keyIn(vault, 'payment-card-number', number)).toMatchObject({
        status: 'may-be-complete',
        masked: stars,
        brand,
      });
      expect(vault.isComplete('payment-card-number')).toBe(false);
      expect(vault.finish('payment-card-number', 'timeout')).toMatchObject({
        status: 'complete',
        masked,
        brand,
      });
      expect(vault.isComplete('payment-card-number')).toBe(true);
    },
  );

  it('goes on collecting when a key follows a number that could have ended', () => {
    const vault = makeVault();
    expect(keyIn(vault, 'payment-card-number', '30569309025904')).toMatchObject({
      status: 'may-be-complete',
    });
    expect(keyIn(vault, 'payment-card-number', '2')).toMatchObject({ status: 'partial', length: 15 });
  });

  it('takes a pause before the usual length of the brand for a breath, although the number would pass', () => {
    const vault = makeVault();
    expect(keyIn(vault, 'payment-card-number', '4222222222222')).toMatchObject({ status: 'partial' });
    expect(vault.finish('payment-card-number', 'key')).toMatchObject({ status: 'complete', brand: 'visa' });
  });

  it('does not let a number end that has an allowed length but a wrong check digit', () => {
    expect(keyIn(makeVault(), 'payment-card-number', '4111111111111112')).toMatchObject({
      status: 'partial',
      reason: null,
    });
  });

  it('completes a number at the greatest length of its brand', () => {
    const vault = makeVault();
    // 18 digits and their Luhn check digit.
    expect(keyIn(vault, 'payment-card-number', '4000000000000000006')).toMatchObject({
      status: 'complete',
      masked: '***************0006',
    });
  });

  it('rejects a number with a wrong check digit as soon as its last digit is keyed', () => {
    expect(keyIn(makeVault(), 'payment-card-number', '5555555555554445')).toMatchObject({
      status: 'rejected',
      reason: 'invalid-card-number',
      masked: '****************',
    });
  });

  it('waits for the whole number before it refuses a brand that is not accepted', () => {
    const vault = makeVault(['visa']);
    expect(keyIn(vault, 'payment-card-number', '55555555')).toMatchObject({ status: 'partial' });
    expect(keyIn(vault, 'payment-card-number', '55554444')).toMatchObject({
      status: 'rejected',
      reason: 'invalid-card-type',
      brand: 'mastercard',
      masked: '****************',
    });
  });

  it('waits for the caller to finish before it refuses a number of no brand', () => {
    const vault = makeVault();
    expect(keyIn(vault, 'payment-card-number', '999999999999999')).toMatchObject({ status: 'partial' });
    expect(keyIn(vault, 'payment-card-number', '5')).toMatchObject({
      status: 'may-be-complete',
      brand: null,
    });
    expect(vault.finish('payment-card-number', 'key')).toMatchObject({
      status: 'rejected',
      reason: 'invalid-card-type',
    });
  });

  it.each([
    ['expiration-date', '1227', '****'],
    ['bank-routing-number', '021000021', '*********'],
    ['postal-code', '9411112345', '**********'],
    ['bank-account-number', '12345678901234567', '*****************'],
  ] as const)('completes %s at its full length and shows asterisks only', (field, digits, masked) => {
    const vault = makeVault();
    expect(keyIn(vault, field, digits.slice(0, -1))).toMatchObject({ status: 'partial' });
    expect(keyIn(vault, field, digits.slice(-1))).toEqual({
      length: digits.length,
      masked,
      status: 'complete',
      brand: null,
      reason: null,
      refutesSecurityCode: false,
    });
  });

  it.each([
    ['expiration-date', '1327', 'invalid-date'],
    ['bank-routing-number', '021000022', 'invalid-bank-routing-number'],
  ] as const)('rejects %s %s at its full length', (field, digits, reason) => {
    expect(keyIn(makeVault(), field, digits)).toMatchObject({ status: 'rejected', reason });
  });

  it('drops a key for a field that is decided already', () => {
    const vault = makeVault();
    keyIn(vault, 'expiration-date', '1227');
    expect(keyIn(vault, 'expiration-date', '5')).toMatchObject({ status: 'full', length: 4, masked: '****' });
    expect(vault.verdictOf('expiration-date')).toMatchObject({ status: 'complete', length: 4 });
    keyIn(vault, 'bank-routing-number', '021000022');
    expect(keyIn(vault, 'bank-routing-number', '1')).toMatchObject({ status: 'full', length: 9 });
  });

  it('takes numerals only', () => {
    expect(() => makeVault().append('postal-code', '*'.charCodeAt(0))).toThrow(AssertionError);
    expect(() => makeVault().append('postal-code', 0)).toThrow(AssertionError);
  });

  it('refuses a profile whose postal codes can never be long enough', () => {
    expect(() => makeVault(CARD_BRANDS, 11)).toThrow(AssertionError);
    expect(() => makeVault(CARD_BRANDS, 0)).toThrow(AssertionError);
  });
});

describe('CardVault finishing', () => {
  it('leaves a field without digits as it is', () => {
    expect(makeVault().finish('postal-code', 'key')).toMatchObject({
      status: 'partial',
      length: 0,
      masked: '',
    });
  });

  it.each([
    ['postal-code', '94111', 'complete', null],
    ['postal-code', '9411', 'rejected', 'invalid-postal-code'],
    ['bank-account-number', '1234', 'complete', null],
    ['bank-account-number', '123', 'rejected', 'invalid-bank-account-number'],
    ['payment-card-number', '4111', 'rejected', 'invalid-card-number'],
    ['payment-card-number', '411111111111111', 'rejected', 'invalid-card-number'],
    ['expiration-date', '122', 'rejected', 'invalid-date'],
    ['security-code', '12', 'rejected', 'invalid-security-code'],
  ] as const)('decides %s %s by "#" as %s (%s)', (field, digits, status, reason) => {
    const vault = makeVault();
    keyIn(vault, field, digits);
    expect(vault.finish(field, 'key')).toMatchObject({ status, reason });
  });

  it.each([
    ['postal-code', '94111', 'complete', null],
    ['postal-code', '9411', 'rejected', 'input-timeout'],
    ['payment-card-number', '4111', 'rejected', 'input-timeout'],
    ['payment-card-number', '4111111111111112', 'rejected', 'invalid-card-number'],
    ['expiration-date', '122', 'rejected', 'input-timeout'],
    ['security-code', '12', 'rejected', 'input-timeout'],
  ] as const)('decides %s %s after a timeout as %s (%s)', (field, digits, status, reason) => {
    const vault = makeVault();
    keyIn(vault, field, digits);
    expect(vault.finish(field, 'timeout')).toMatchObject({ status, reason });
  });

  it('does not decide again what is decided', () => {
    const vault = makeVault();
    keyIn(vault, 'expiration-date', '122');
    vault.finish('expiration-date', 'timeout');
    expect(vault.finish('expiration-date', 'key')).toMatchObject({ reason: 'input-timeout' });
  });
});

describe('CardVault and the security code', () => {
  it('completes at the length of the brand once the card is known', () => {
    const visa = makeVault();
    keyIn(visa, 'payment-card-number', '5555555555554444');
    expect(keyIn(visa, 'security-code', '123')).toMatchObject({ status: 'complete', masked: '***' });
    const amex = makeVault();
    keyIn(amex, 'payment-card-number', '378282246310005');
    expect(keyIn(amex, 'security-code', '123')).toMatchObject({ status: 'partial' });
    expect(keyIn(amex, 'security-code', '4')).toMatchObject({ status: 'complete', masked: '****' });
  });

  it('takes three or four digits while the card is unknown', () => {
    const vault = makeVault();
    expect(keyIn(vault, 'security-code', '123')).toMatchObject({ status: 'may-be-complete' });
    expect(keyIn(vault, 'security-code', '4')).toMatchObject({ status: 'complete' });
  });

  it.each([
    ['378282246310005', '123', true],
    ['378282246310005', '1234', false],
    ['5555555555554444', '123', false],
    ['5555555555554444', '1234', true],
  ])('tells with the card %s whether the code %s keyed before is refuted: %s', (number, code, isRefuted) => {
    const vault = makeVault();
    keyIn(vault, 'security-code', code);
    vault.finish('security-code', 'key');
    expect(keyIn(vault, 'payment-card-number', number)).toMatchObject({
      status: 'complete',
      refutesSecurityCode: isRefuted,
    });
    expect(vault.isComplete('security-code')).toBe(!isRefuted);
  });

  it('judges the code again when another card is keyed', () => {
    const vault = makeVault();
    keyIn(vault, 'payment-card-number', '5555555555554444');
    keyIn(vault, 'security-code', '123');
    vault.clear('payment-card-number');
    expect(keyIn(vault, 'payment-card-number', '378282246310005')).toMatchObject({
      refutesSecurityCode: true,
    });
    expect(vault.verdictOf('security-code')).toMatchObject({
      status: 'rejected',
      reason: 'invalid-security-code',
    });
  });

  it('rejects a code that was begun before the card and grows too long for it', () => {
    const vault = makeVault();
    keyIn(vault, 'security-code', '123');
    keyIn(vault, 'payment-card-number', '5555555555554444');
    expect(keyIn(vault, 'security-code', '4')).toMatchObject({
      status: 'rejected',
      reason: 'invalid-security-code',
    });
  });
});

describe('CardVault giving', () => {
  it('writes complete fields into the buffer of the provider', () => {
    const vault = makeVault();
    keyIn(vault, 'payment-card-number', '5555555555554444');
    keyIn(vault, 'expiration-date', '1227');
    const target = new Uint8Array(24).fill('.'.charCodeAt(0));
    const afterNumber = vault.writeInto(target, 1, 'payment-card-number');
    const afterMonth = vault.writeInto(target, afterNumber, 'expiration-date', 0, 2);
    const afterYear = vault.writeInto(target, afterMonth + 1, 'expiration-date', 2);
    expect([afterNumber, afterMonth, afterYear]).toEqual([17, 19, 22]);
    expect(new TextDecoder().decode(target)).toBe('.555555555555444412.27..');
  });

  it('tells the length of complete fields only', () => {
    const vault = makeVault();
    keyIn(vault, 'payment-card-number', '6200000000000005');
    expect(vault.length('payment-card-number')).toBe(0);
    vault.finish('payment-card-number', 'key');
    expect(vault.length('payment-card-number')).toBe(16);
    expect(vault.length('postal-code')).toBe(0);
  });

  it('writes nothing for a field that was not captured', () => {
    expect(makeVault().writeInto(new Uint8Array(4), 2, 'postal-code')).toBe(2);
  });

  it.each([
    ['more digits than held', 4, 0, 0, 5],
    ['digits behind the last', 4, 0, 3, 2],
    ['a negative start', 4, 0, -1, 2],
    ['a negative count', 4, 0, 2, -1],
    ['more than the buffer has room for', 3, 0, 0, 4],
    ['a negative offset', 4, -1, 0, 4],
  ])('refuses to write %s', (_, size, offset, start, count) => {
    const vault = makeVault();
    keyIn(vault, 'expiration-date', '1227');
    const write = () => vault.writeInto(new Uint8Array(size), offset, 'expiration-date', start, count);
    expect(write).toThrow(AssertionError);
  });

  it('gives brand and last four of a complete card number only', () => {
    const vault = makeVault();
    keyIn(vault, 'payment-card-number', '6200000000000005');
    expect([vault.brand(), vault.last4()]).toEqual([null, null]);
    vault.finish('payment-card-number', 'key');
    expect([vault.brand(), vault.last4()]).toEqual(['unionpay', '0005']);
  });
});

describe('CardVault hiding', () => {
  it('shows no digit to any printer', () => {
    const vault = makeVault();
    keyIn(vault, 'payment-card-number', '5555555555554444');
    expect(JSON.stringify({ vault })).toBe('{"vault":"[digits]"}');
    expect(String(vault)).toBe('[digits]');
    expect(inspect(vault, { showHidden: true, depth: 9 })).toBe('[digits]');
    expect(inspect({ vault }, { showHidden: true, depth: 9 })).toBe('{ vault: [digits] }');
    expect(structuredClone(vault)).toEqual({});
    expect(Object.getOwnPropertyNames(vault)).toEqual([]);
  });

  it('keeps all digits in one buffer of at least 128 bytes', () => {
    const { vault, bytes, bufferCount } = makeTransparentVault();
    keyIn(vault, 'payment-card-number', '5555555555554444');
    keyIn(vault, 'bank-account-number', '12345678901234567');
    expect(bufferCount()).toBe(1);
    expect(bytes().length).toBeGreaterThanOrEqual(128);
    expect(new TextDecoder().decode(bytes())).toContain('5555555555554444');
  });

  it('zeroes the digits of the field that is cleared, and no others', () => {
    const { vault, bytes } = makeTransparentVault();
    keyIn(vault, 'payment-card-number', '5555555555554444');
    keyIn(vault, 'expiration-date', '1227');
    vault.clear('payment-card-number');
    expect(new TextDecoder().decode(bytes()).replaceAll('\0', '')).toBe('1227');
    expect(vault.verdictOf('payment-card-number')).toMatchObject({
      status: 'partial',
      length: 0,
      brand: null,
    });
    expect(keyIn(vault, 'payment-card-number', '378282246310005')).toMatchObject({ status: 'complete' });
  });

  it('leaves no byte behind when it is wiped', () => {
    const { vault, bytes } = makeTransparentVault();
    for (const field of CAPTURE_FIELDS) keyIn(vault, field, '1227');
    vault.wipe();
    vault.wipe();
    expect(bytes().every((byte) => byte === 0)).toBe(true);
  });

  it('answers as for empty fields after it was wiped, and takes or gives nothing more', () => {
    const vault = makeVault();
    keyIn(vault, 'payment-card-number', '5555555555554444');
    vault.wipe();
    expect([vault.brand(), vault.last4(), vault.length('payment-card-number')]).toEqual([null, null, 0]);
    expect(vault.isComplete('payment-card-number')).toBe(false);
    expect(vault.finish('payment-card-number', 'key')).toMatchObject({
      status: 'partial',
      length: 0,
      masked: '',
    });
    expect(() => keyIn(vault, 'payment-card-number', '5')).toThrow(AssertionError);
    expect(() => vault.writeInto(new Uint8Array(32), 0, 'payment-card-number')).toThrow(AssertionError);
  });
});
