import { describe, expect, it } from 'vitest';
import { parseCardUrl, ProviderSettingsError } from '../../../src/payment/card-url.ts';

describe('parseCardUrl', () => {
  it.each([
    'https://psp.example/pay',
    'https://psp.example:8443/pay?m=7',
    'http://localhost:8080/pay',
    'http://127.0.0.1/pay',
    'http://127.8.9.10/pay',
    'http://[::1]:9000/pay',
  ])('accepts %s', (url) => {
    expect(parseCardUrl(url).href).toBe(url);
  });

  it.each([
    'http://psp.example/pay',
    'http://127.0.0.1.psp.example/pay',
    'http://localhost.psp.example/pay',
    'http://10.0.0.1/pay',
    'http://[::2]/pay',
    'ftp://psp.example/pay',
    'file:///etc/passwd',
    'https://user:secret@psp.example/pay',
    'https://user@psp.example/pay',
    'psp.example/pay',
    '',
  ])('refuses %j', (url) => {
    expect(() => parseCardUrl(url)).toThrow(ProviderSettingsError);
  });

  it('says what is wrong without quoting the URL', () => {
    expect(() => parseCardUrl('http://user:secret@psp.example/')).toThrow(
      'The provider url must begin with https://: card data may leave in the clear to this machine only.',
    );
  });
});
