import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAPTURE_FIELDS } from '../../src/core/capture-field.ts';
import { CARD_BRANDS } from '../../src/core/card-brand.ts';
import { passesLuhn } from '../../src/vault/checksums.ts';
import { CardVault } from '../../src/vault/card-vault.ts';

const numeral = fc.integer({ min: 0x30, max: 0x39 });
const numerals = fc.array(numeral, { minLength: 12, maxLength: 19 });

/** `0` to `9`. */
const DIGITS = Array.from({ length: 10 }, (_, i) => 0x30 + i);

function withCheckDigit(codes: readonly number[]): Uint8Array {
  return DIGITS.map((code) => Uint8Array.from([...codes, code])).find(passesLuhn)!;
}

function makeVault(): CardVault {
  return new CardVault({
    brands: CARD_BRANDS,
    minPostalCodeLength: 1,
    wallMs: () => Date.UTC(2026, 10, 2),
  });
}

describe('passesLuhn, over random numbers', () => {
  it('accepts exactly one check digit', () => {
    fc.assert(
      fc.property(numerals, (codes) => {
        const fitting = DIGITS.filter((code) => passesLuhn(Uint8Array.from([...codes, code])));
        expect(fitting.length).toBe(1);
      }),
    );
  });

  it('finds every single wrong digit', () => {
    fc.assert(
      fc.property(numerals, fc.nat(18), fc.integer({ min: 1, max: 9 }), (codes, place, shift) => {
        const number = withCheckDigit(codes);
        const i = place % number.length;
        number[i] = 0x30 + ((number[i]! - 0x30 + shift) % 10);
        expect(passesLuhn(number)).toBe(false);
      }),
    );
  });
});

describe('CardVault, over random keys', () => {
  it('never holds more than a field may have, and shows as many asterisks as digits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ field: fc.constantFrom(...CAPTURE_FIELDS), code: numeral }), {
          maxLength: 120,
          size: 'max',
        }),
        (keys) => {
          const vault = makeVault();
          for (const { field, code } of keys) {
            const before = vault.verdictOf(field);
            const after = vault.append(field, code);
            const isDropped = after.status === 'full';
            expect(after.length).toBe(before.length + (isDropped ? 0 : 1));
            expect(isDropped).toBe(['complete', 'rejected'].includes(before.status));
            expect(after.masked.length).toBe(after.length);
            expect(after.reason !== null && !isDropped).toBe(after.status === 'rejected');
            expect(after.length).toBeLessThanOrEqual(19);
          }
        },
      ),
    );
  });

  it('gives back the very bytes of a complete field', () => {
    fc.assert(
      fc.property(fc.array(numeral, { minLength: 4, maxLength: 17 }), (codes) => {
        const vault = makeVault();
        for (const code of codes) vault.append('bank-account-number', code);
        vault.finish('bank-account-number', 'key');
        const target = new Uint8Array(codes.length);
        expect(vault.writeInto(target, 0, 'bank-account-number')).toBe(codes.length);
        expect([...target]).toEqual(codes);
      }),
    );
  });
});
