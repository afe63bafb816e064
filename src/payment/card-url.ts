/** A provider's settings cannot be used as they stand; the server does not start. The message is for operators. */
export class ProviderSettingsError extends Error {
  override readonly name = 'ProviderSettingsError';
}

/** Hosts that never leave the machine. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

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
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
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
