import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../../src/core/assert.ts';
import { CARD_BRANDS } from '../../../src/core/card-brand.ts';
import { CardVault } from '../../../src/vault/card-vault.ts';

function makeVault(): CardVault {
  return new CardVault({ brands: CARD_BRANDS, minPostalCodeLength: 5, wallMs: () => Date.UTC(2026, 10, 15) });
}

describe('CardVault taking whole entries', () => {
  const enter = (vault: CardVault, field: Parameters<CardVault['enter']>[0], digits: string) =>
    vault.enter(field, Buffer.from(digits, 'latin1'));

  it.each([
    ['payment-card-number', '4111111111111111', 'complete', null],
    // Visa's long numbers, which a caller may have keyed only in part, are whole on a form: ISO/IEC 7812-1 allows 19.
    ['payment-card-number', '4111111111111111110', 'complete', null],
    ['payment-card-number', '41111111111111111', 'rejected', 'invalid-card-number'],
    ['payment-card-number', '41111111111111111100', 'rejected', 'invalid-card-number'],
    ['payment-card-number', '', 'rejected', 'invalid-card-number'],
    ['expiration-date', '1229', 'complete', null],
    ['expiration-date', '12290', 'rejected', 'invalid-date'],
    ['security-code', '12', 'rejected', 'invalid-security-code'],
  ] as const)('decides %s %s at once: %s', (field, digits, status, reason) => {
    expect(enter(makeVault(), field, digits)).toMatchObject({ status, reason });
  });

  it('replaces what the field held, and judges the security code by the card that comes after it', () => {
    const vault = makeVault();
    enter(vault, 'security-code', '1234');
    enter(vault, 'payment-card-number', '4111111111111112');
    enter(vault, 'payment-card-number', '4111111111111111');
    expect(vault.last4()).toBe('1111');
    expect(vault.verdictOf('security-code')).toMatchObject({ status: 'rejected' });
  });

  it('takes nothing after it was wiped', () => {
    const vault = makeVault();
    vault.wipe();
    expect(() => enter(vault, 'security-code', '123')).toThrow(AssertionError);
  });
});
