import { describe, expect, it } from 'vitest';
import { twilioSignature } from '../../../src/twilio/signature.ts';

describe('twilioSignature', () => {
  it('is that of the example in the tests of the official libraries', () => {
    const form = {
      CallSid: 'CA1234567890ABCDE',
      Digits: '1234',
      Caller: '+14158675309',
      To: '+18005551212',
      From: '+14158675309',
    };
    expect(twilioSignature('12345', 'https://mycompany.com/myapp.php?foo=1&bar=2', form)).toBe(
      'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
    );
  });
});
