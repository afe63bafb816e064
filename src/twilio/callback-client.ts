import { lookup } from 'node:dns';
import type { LookupAddress, LookupAllOptions } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import type { Clock } from '../core/clock.ts';

/** What became of a post. `failed`: no answer, for a reason with a code of Node's or of ours. */
export type PostResult =
  { readonly type: 'answered'; readonly status: number } | { readonly type: 'failed'; readonly code: string };

/** Posts a form; never rejects. */
export type PostForm = (
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<PostResult>;

type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** From connecting to the head of the answer. */
const TIMEOUT_MS = 5000;
const MAX_SOCKETS_PER_HOST = 32;

/**
 * Addresses that no callback has business with: "this network", link-local ones, where clouds serve their machines'
 * credentials, and multicast (IANA special-purpose registries; RFC 3927, RFC 4291).
 */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet('0.0.0.0', 8);
FORBIDDEN.addSubnet('169.254.0.0', 16);
FORBIDDEN.addSubnet('224.0.0.0', 4);
FORBIDDEN.addAddress('::', 'ipv6');
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6');
FORBIDDEN.addSubnet('ff00::', 8, 'ipv6');
/** The metadata services of AWS by IPv6, and of Alibaba Cloud. */
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6');
FORBIDDEN.addAddress('100.100.100.200');

/**
 * The client for status callbacks. It follows no redirect, reads no answer beyond its status, and connects to no
 * forbidden address, whatever a name resolves to at that moment.
 */
export class CallbackClient {
  readonly #clock: Clock;
  readonly #lookup: LookupFunction;
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS_PER_HOST });
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS_PER_HOST });

  /** `resolve`: `lookup` of Node's `dns`. */
  constructor(clock: Clock, resolve: Resolve = lookup) {
    this.#clock = clock;
    this.#lookup = guarded(resolve);
  }

  readonly post: PostForm = (url, headers, body) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && isForbidden(host)) return Promise.resolve(failed('ADDRESS_FORBIDDEN'));
    return new Promise<PostResult>((resolve) => {
      const request = this.#open(url, headers, body);
      const cancel = this.#clock.after(TIMEOUT_MS, () => {
        resolve(failed('TIMEOUT'));
        request.destroy();
      });
      request.on('response', (response) => {
        resolve({ type: 'answered', status: response.statusCode ?? 0 });
        // An answer that does not end keeps the deadline, and loses its socket then.
        response.on('close', cancel);
        response.on('error', () => undefined);
        response.resume();
      });
      request.on('error', (error: Error & { code?: string }) => {
        cancel();
        resolve(failed(/^[A-Z][A-Z0-9_]{0,63}$/.test(error.code ?? '') ? String(error.code) : 'UNKNOWN'));
      });
      request.end(body);
    }).catch(() => failed('UNKNOWN'));
  };

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #open(url: URL, headers: Readonly<Record<string, string>>, body: string): ClientRequest {
    const options = {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      lookup: this.#lookup,
    };
    return url.protocol === 'https:'
      ? httpsRequest(url, { ...options, agent: this.#https })
      : httpRequest(url, { ...options, agent: this.#http });
  }
}

/** Name resolution without the addresses that are forbidden. */
function guarded(resolve: Resolve): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const allowed = error === null ? addresses.filter(({ address }) => !isForbidden(address)) : [];
      const [first] = allowed;
      if (error !== null) done(error, '', 0);
      else if (first === undefined) done(forbiddenError(), '', 0);
      else if (options.all === true) done(null, allowed);
      else done(null, first.address, first.family);
    });
  };
}

function isForbidden(address: string): boolean {
  return FORBIDDEN.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function forbiddenError(): NodeJS.ErrnoException {
  return Object.assign(new Error('the address is forbidden'), { code: 'ADDRESS_FORBIDDEN' });
}

function failed(code: string): PostResult {
  return { type: 'failed', code };
}
