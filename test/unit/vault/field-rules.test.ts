import { describe, expect, it } from 'vitest';
import type { CaptureField } from '../../../src/core/capture-field.ts';
import { CARD_BRANDS } from '../../../src/core/card-brand.ts';
import { allowedLengths, faultOf, mayEndHere } from '../../../src/vault/field-rules.ts';
import type { FieldContext } from '../../../src/vault/field-rules.ts';
import { ascii } from './key-in.ts';

const CONTEXT: FieldContext = {
  acceptedBrands: CARD_BRANDS,
  minPostalCodeLength: 5,
  securityCodeLength: null,
  firstEntry: null,
  nowMs: Date.UTC(2026, 10, 15),
};

describe('allowedLengths', () => {
  it.each<[CaptureField, string, Partial<FieldContext>, number[]]>([
    ['payment-card-number', '41', {}, [12, 13, 14, 15, 16, 17, 18, 19]],
    ['payment-card-number', '4111', {}, [13, 16, 19]],
    ['payment-card-number', '9999', {}, [12, 13, 14, 15, 16, 17, 18, 19]],
    ['expiration-date', '', {}, [4]],
    ['security-code', '', {}, [3, 4]],
    ['security-code', '', { securityCodeLength: 4 }, [4]],
    ['postal-code', '', {}, [5, 6, 7, 8, 9, 10]],
    ['postal-code', '', { minPostalCodeLength: 10 }, [10]],
    ['bank-routing-number', '', {}, [9]],
    ['bank-account-number', '', {}, [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]],
  ])('of %s after "%s" with %o are %o', (field, digits, context, lengths) => {
    expect(allowedLengths(field, ascii(digits), { ...CONTEXT, ...context })).toEqual(lengths);
  });
});

describe('mayEndHere', () => {
  it.each<[CaptureField, string, boolean]>([
    ['payment-card-number', '4111111111111111', true],
    ['payment-card-number', '4111111111111112', false],
    ['security-code', '123', true],
    ['postal-code', '94111', false],
    ['bank-account-number', '12345678', false],
  ])('of %s at %s is %s', (field, digits, mayEnd) => {
    expect(mayEndHere(field, ascii(digits))).toBe(mayEnd);
  });
});

describe('faultOf', () => {
  it.each<[CaptureField, string]>([
    ['payment-card-number', '4111111111111111'],
    ['payment-card-number', '4222222222222'],
    ['expiration-date', '1126'],
    ['security-code', '123'],
    ['security-code', '1234'],
    ['postal-code', '94111'],
    ['postal-code', '9411112345'],
    ['bank-routing-number', '021000021'],
    ['bank-account-number', '1234'],
    ['bank-account-number', '12345678901234567'],
  ])('finds nothing wrong with the %s %s', (field, digits) => {
    expect(faultOf(field, ascii(digits), CONTEXT)).toBeNull();
  });

  it.each<[CaptureField, string, string]>([
    ['payment-card-number', '4111111111111112', 'invalid-card-number'],
    // Luhn-valid, but Visa has no number of 12 digits.
    ['payment-card-number', '411111111117', 'invalid-card-number'],
    ['payment-card-number', '3065930009020004', 'invalid-card-number'],
    // Luhn-valid, of no brand.
    ['payment-card-number', '9999999999999995', 'invalid-card-type'],
    ['expiration-date', '1026', 'invalid-date'],
    ['expiration-date', '112', 'invalid-date'],
    ['security-code', '12', 'invalid-security-code'],
    ['postal-code', '9411', 'invalid-postal-code'],
    ['bank-routing-number', '021000022', 'invalid-bank-routing-number'],
    ['bank-routing-number', '02100002', 'invalid-bank-routing-number'],
    ['bank-account-number', '123', 'invalid-bank-account-number'],
  ])('refuses the %s %s as %s', (field, digits, reason) => {
    expect(faultOf(field, ascii(digits), CONTEXT)).toBe(reason);
  });

  it('refuses a brand that the profile does not accept', () => {
    const context = { ...CONTEXT, acceptedBrands: ['visa'] as const };
    expect(faultOf('payment-card-number', ascii('378282246310005'), context)).toBe('invalid-card-type');
  });

  it('refuses a security code of another length than the card has', () => {
    const context = { ...CONTEXT, securityCodeLength: 4 };
    expect(faultOf('security-code', ascii('123'), context)).toBe('invalid-security-code');
    expect(faultOf('security-code', ascii('1234'), context)).toBeNull();
  });
});
