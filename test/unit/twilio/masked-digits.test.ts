import { describe, expect, it } from 'vitest';
import { maskedCardNumber } from '../../../src/twilio/masked-digits.ts';

describe('maskedCardNumber', () => {
  it.each([
    // The example of Twilio's documentation.
    ['***********4001', 'xxxx-xxxxxx-x4001'],
    ['************1111', 'xxxx-xxxx-xxxx-1111'],
    ['**********0004', 'xxxx-xxxxxx-0004'],
    ['***************1117', 'xxxx-xxxx-xxxx-xxx1-117'],
    ['*****', 'xxxx-x'],
    ['', ''],
  ])('shows %s as %s', (masked, shown) => {
    expect(maskedCardNumber(masked)).toBe(shown);
  });
});
