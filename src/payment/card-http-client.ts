import { request as requestHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../core/clock.ts';
import { holdsCardNumber } from '../core/digit-filter.ts';
import type { CardDetails } from '../vault/card-details.ts';
import { withCardBody } from './card-body.ts';
import type { BodyPart } from './card-body.ts';
import { connectedEventOf, openCardConnection, overwriteStack } from './card-connection.ts';
import type { CardDestination } from './card-connection.ts';
import { parseCardUrl } from './card-url.ts';
import { takeJsonReply } from './reply-body.ts';
import type { JsonObject } from './reply-body.ts';

/** Why there is no reply. `early-reply`: the far end answered before it had the body. `closed`: we shut down. */
export type WireCause =
  'refused' | 'dns' | 'tls' | 'reset' | 'timeout' | 'garbage' | 'too-large' | 'early-reply' | 'closed';

/**
 * What became of a request. `not-sent` is proof that no byte of the body left this process; after `unclear` the
 * far end may have acted. `body` is null when the reply was not a JSON object.
 */
export type WireResult =
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly body: JsonObject | null;
      /** Those of the headers named in the settings that the reply has; absent when it has none. */
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'not-sent'; readonly cause: WireCause }
  | { readonly kind: 'unclear'; readonly cause: WireCause };

export interface CardHttpClientSettings {
  readonly url: string;
  readonly clock: Clock;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers of replies to pass on, in lower case. */
  readonly replyHeaders?: readonly string[];
  /** Certificate authorities to trust instead of Node's own, PEM. */
  readonly trustedCertificates?: string | undefined;
}

export interface CardRequest {
  /** POST if not given. */
  readonly method?: 'GET' | 'POST';
  /** Path and query in place of those of the URL; starts with a slash. */
  readonly path?: string;
  /** The body; none for GET. */
  readonly parts: readonly BodyPart[];
  /** Whose digits go into the body. */
  readonly card: CardDetails;
  /** For everything from the connect to the last byte of the reply. */
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A decision of a provider has some hundred bytes. */
const REPLY_BYTES_MAX = 64 * 1024;
/** A header that is passed on is a word, a number or a date. */
const HEADER_CHARACTERS_MAX = 40;

/**
 * The only code that sends card digits, and, since it is there, a provider's other requests. One buffer holds the
 * body and is zeroed on every outcome. The header leaves first and the body later, in one write after the connection is up: Node joins header and body into a
 * native buffer that is freed unzeroed when both are written at once, or while TLS is still shaking hands
 * (measured by searching process memory).
 *
 * Nothing foreign leaves it: errors are reduced to a `WireCause`, the request and its socket stay inside.
 */
export class CardHttpClient {
  readonly #url: URL;
  readonly #destination: CardDestination;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #replyHeaders: readonly string[];
  readonly #clock: Clock;
  readonly #running = new Set<() => void>();
  #closed = false;

  /** Throws `ProviderSettingsError` when the URL is not one that may carry card data. */
  constructor({ url, clock, headers, replyHeaders, trustedCertificates }: CardHttpClientSettings) {
    this.#url = parseCardUrl(url);
    const isTls = this.#url.protocol === 'https:';
    this.#destination = {
      // The URL class keeps the brackets of an IPv6 address, the resolver wants none.
      host: this.#url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(this.#url.port || (isTls ? 443 : 80)),
      isTls,
      trustedCertificates,
    };
    this.#clock = clock;
    this.#replyHeaders = replyHeaders ?? [];
    this.#headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'tonewall',
      ...headers,
    };
  }

  /** Sends one request. Never rejects, never follows a redirect, never repeats. */
  async send(request: CardRequest): Promise<WireResult> {
    if (this.#closed) return { kind: 'not-sent', cause: 'closed' };
    return withCardBody(request.parts, request.card, (body) => this.#exchange(request, body));
  }

  /** Ends the requests that are under way, each with its own result, and refuses later ones. */
  close(): void {
    this.#closed = true;
    for (const abort of this.#running) abort();
  }

  #exchange({ method, path, headers, timeoutMs }: CardRequest, body: Uint8Array) {
    return new Promise<WireResult>((resolve) => {
      let written = false;
      let answered = false;
      const request = requestHttp({
        protocol: 'http:',
        method: method ?? 'POST',
        path: path ?? this.#url.pathname + this.#url.search,
        headers: { host: this.#url.host, ...this.#headers, ...headers, 'content-length': body.byteLength },
        // One connection for each request: no pooled one can be half closed when the digits leave.
        createConnection: () => openCardConnection(this.#destination),
      });
      const finish = (result: WireResult) => {
        stopDeadline();
        this.#running.delete(abort);
        // Before the caller zeroes the body: nothing may be left that could still write it.
        request.destroy();
        setImmediate(() => {
          overwriteStack();
          resolve(result);
        });
      };
      const fail = (cause: WireCause) => finish({ kind: written ? 'unclear' : 'not-sent', cause });
      const abort = () => fail('closed');
      const stopDeadline = this.#clock.after(timeoutMs, () => fail('timeout'));
      this.#running.add(abort);

      request.on('error', (error) => fail(causeOf(error)));
      request.on('close', () => {
        if (!answered) fail('reset');
      });
      request.on('response', (response) => {
        answered = true;
        if (written) readReply(response, this.#replyHeaders, finish, fail);
        else fail('early-reply');
      });
      const sendBody = () => {
        if (request.destroyed) return;
        written = true;
        if (body.byteLength > 0) request.write(body);
        request.end();
      };
      request.once('socket', (socket) => {
        // One turn later, when the header has left.
        socket.once(connectedEventOf(this.#destination), () => setImmediate(sendBody));
      });
      request.flushHeaders();
    });
  }
}

function readReply(
  response: IncomingMessage,
  replyHeaders: readonly string[],
  finish: (result: WireResult) => void,
  fail: (cause: WireCause) => void,
): void {
  const reply = new Uint8Array(new ArrayBuffer(REPLY_BYTES_MAX));
  let size = 0;
  response.on('data', (chunk: Uint8Array) => {
    if (size + chunk.byteLength <= REPLY_BYTES_MAX) reply.set(chunk, size);
    size += chunk.byteLength;
    chunk.fill(0);
    if (size > REPLY_BYTES_MAX) {
      reply.fill(0);
      fail('too-large');
    }
  });
  response.on('end', () => {
    finish({
      kind: 'reply',
      status: response.statusCode ?? 0,
      body: takeJsonReply(reply.subarray(0, size)),
      ...headersOf(response, replyHeaders),
    });
  });
  response.on('close', () => {
    reply.fill(0);
    fail('reset');
  });
  response.on('error', () => fail('reset'));
}

function headersOf({ headers }: IncomingMessage, names: readonly string[]) {
  const found = names.flatMap((name) => {
    const value = headers[name];
    const isShort = typeof value === 'string' && value.length <= HEADER_CHARACTERS_MAX;
    return isShort && !holdsCardNumber(value) ? [[name, value] as const] : [];
  });
  return found.length === 0 ? {} : { headers: Object.fromEntries(found) };
}

/** Reduces a foreign error, whose message may hold anything, to a word of ours. */
function causeOf(error: Error): WireCause {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'dns';
  if (code.startsWith('HPE_')) return 'garbage';
  return /^(?:ERR_SSL|ERR_TLS|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code) ? 'tls' : 'reset';
}
