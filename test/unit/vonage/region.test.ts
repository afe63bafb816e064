import { describe, expect, it } from 'vitest';
import { regionHostOf } from '../../../src/vonage/region.ts';

describe('regionHostOf', () => {
  it.each([
    'https://api-us-3.vonage.com',
    'https://api-eu-4.vonage.com',
    'https://api-ap-3.vonage.com',
    'https://api.nexmo.com',
  ])('takes %s', (address) => {
    expect(regionHostOf(address)).toBe(address);
    expect(regionHostOf(`${address}/v1/calls`)).toBe(address);
  });

  it.each([
    'http://api-us-3.vonage.com',
    'https://api-us-3.vonage.com:8443',
    'https://api-us-3.vonage.com.evil.example',
    'https://evil.example/api-us-3.vonage.com',
    'https://user@evil.example',
    'not an address',
    '',
    undefined,
    17,
  ])('sends no token to %s', (address) => {
    expect(regionHostOf(address)).toBeNull();
  });
});
