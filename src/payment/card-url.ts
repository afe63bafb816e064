import { isLoopbackHost } from '../core/loopback-host.ts';

/** A provider's settings cannot be used as they stand; the server does not start. The message is for operators. */
export class ProviderSettingsError extends Error {
  override readonly name = 'ProviderSettingsError';
}

/**
 * Parses the address to which card data goes: `https`, or `http` to the machine itself, and no credentials in it.
 * Throws `ProviderSettingsError`.
 */
export function parseCardUrl(text: string): URL {
  if (!URL.canParse(text)) throw new ProviderSettingsError('The provider url is not a valid URL.');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new ProviderSettingsError('The provider url must begin with https://.');
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw new ProviderSettingsError(
      'The provider url must begin with https://: card data may leave in the clear to this machine only.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new ProviderSettingsError(
      'The provider url must not hold credentials: use username and passwordEnv.',
    );
  }
  return url;
}
