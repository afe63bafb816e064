import { describe, expect, it } from 'vitest';
import { CARD_BRANDS } from '../../../src/core/card-brand.ts';
import { CardVault } from '../../../src/vault/card-vault.ts';
import { keyIn } from './key-in.ts';

function makeVault(): CardVault {
  return new CardVault({ brands: CARD_BRANDS, minPostalCodeLength: 5, wallMs: () => Date.UTC(2026, 10, 15) });
}

describe('CardVault with a field that is keyed twice', () => {
  function withFirst(): CardVault {
    const vault = makeVault();
    keyIn(vault, 'payment-card-number', '5555555555554444');
    return vault;
  }

  it('completes the second entry when it equals the first, and shows nothing of it', () => {
    expect(keyIn(withFirst(), 'payment-card-number-matcher', '5555555555554444')).toEqual({
      length: 16,
      masked: '*'.repeat(16),
      status: 'complete',
      brand: null,
      reason: null,
      refutesSecurityCode: false,
    });
  });

  it.each(['5555555555554445', '5555555555554453', '1555555555554444'])(
    'rejects the second entry %s, which differs',
    (digits) => {
      expect(keyIn(withFirst(), 'payment-card-number-matcher', digits)).toMatchObject({
        status: 'rejected',
        reason: 'input-matching-failed',
      });
    },
  );

  it('rejects a second entry that is ended early, and one that comes without a first', () => {
    const vault = withFirst();
    keyIn(vault, 'payment-card-number-matcher', '555555555555444');
    expect(vault.finish('payment-card-number-matcher', 'key').reason).toBe('input-matching-failed');
    expect(keyIn(makeVault(), 'security-code-matcher', '1234').reason).toBe('input-matching-failed');
  });

  it('gives the time as the reason when the caller never finished', () => {
    const vault = withFirst();
    keyIn(vault, 'payment-card-number-matcher', '55555');
    expect(vault.finish('payment-card-number-matcher', 'timeout').reason).toBe('input-timeout');
  });
});
