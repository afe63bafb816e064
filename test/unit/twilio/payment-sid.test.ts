import { describe, expect, it } from 'vitest';
import { holdsCardNumber } from '../../../src/core/digit-filter.ts';
import { paymentSid } from '../../../src/twilio/payment-sid.ts';

describe('paymentSid', () => {
  it('has the form that Twilio gives it, is the same for the same payment, and holds no digits', () => {
    const sids = Array.from({ length: 1000 }, (_, index) => paymentSid(`pay_${index}`));
    expect(sids.every((sid) => /^PK[0-9a-fA-F]{32}$/.test(sid) && !holdsCardNumber(sid))).toBe(true);
    expect(new Set(sids).size).toBe(1000);
    expect(paymentSid('pay_0')).toBe(sids[0]);
  });
});
