import { isLoopbackHost } from '../core/loopback-host.ts';
import { TwilioError } from './twilio-error.ts';

const MAX_LENGTH = 2048;

/**
 * Parses `StatusCallback`. Without a base it is a whole `https` address, or `http` to this machine. With a base it may
 * be relative to that, and must stay on the base's origin. Throws 21205.
 */
export function parseCallbackUrl(text: string, base: string | null): URL {
  const url = text.length > MAX_LENGTH ? null : URL.parse(text, base === null ? undefined : `${base}/`);
  if (url === null) {
    throw refusal(
      base === null
        ? 'expected a whole address; relative ones need TONEWALL_TWILIO_CALLBACK_BASE.'
        : 'is not a valid address.',
    );
  }
  if (base !== null && url.origin !== new URL(base).origin) {
    throw refusal('must be on the origin of TONEWALL_TWILIO_CALLBACK_BASE.');
  }
  const isLocal = url.protocol === 'http:' && isLoopbackHost(url.hostname);
  if (url.protocol !== 'https:' && !isLocal && base === null) {
    throw refusal('must begin with https://, or with http:// for this machine only.');
  }
  if (url.username + url.password + url.hash !== '') {
    throw refusal('must not hold credentials or a fragment.');
  }
  return url;
}

function refusal(why: string): TwilioError {
  return new TwilioError(21205, `StatusCallback: ${why}`);
}
