import { describe, expect, it } from 'vitest';
import { parseCallbackUrl } from '../../../src/twilio/callback-url.ts';

describe('parseCallbackUrl', () => {
  it.each([
    ['https://merchant.example/status?a=1', null, 'https://merchant.example/status?a=1'],
    ['http://127.0.0.1:3000/status', null, 'http://127.0.0.1:3000/status'],
    ['http://[::1]:3000/', null, 'http://[::1]:3000/'],
    ['/status', 'https://merchant.example/pay', 'https://merchant.example/status'],
    ['status', 'https://merchant.example/pay', 'https://merchant.example/pay/status'],
    ['https://merchant.example/other', 'https://merchant.example', 'https://merchant.example/other'],
    ['/status', 'http://crm.internal:8000', 'http://crm.internal:8000/status'],
  ])('takes %s with the base %s', (text, base, href) => {
    expect(parseCallbackUrl(text, base).href).toBe(href);
  });

  it.each([
    ['status', null],
    ['', null],
    ['http://merchant.example/', null],
    ['http://127.0.0.1.merchant.example/', null],
    ['file:///etc/passwd', null],
    ['https://user@merchant.example/', null],
    ['https://merchant.example/#rc=3', null],
    [`https://merchant.example/${'a'.repeat(3000)}`, null],
    ['https://elsewhere.example/', 'https://merchant.example'],
    ['//elsewhere.example/status', 'https://merchant.example'],
    ['http://merchant.example/', 'https://merchant.example'],
    ['https://merchant.example:8443/', 'https://merchant.example'],
  ])('refuses %s with the base %s', (text, base) => {
    expect(() => parseCallbackUrl(text, base)).toThrow(expect.objectContaining({ code: 21205 }) as Error);
  });
});
