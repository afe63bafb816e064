import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';

/** What the endpoint does with one request. An object answers with that JSON. */
export type EndpointAct =
  | {
      readonly kind: 'json';
      readonly status?: number;
      readonly type?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: object;
    }
  | { readonly kind: 'text'; readonly status: number; readonly type: string; readonly body: string }
  /** Quotes the request's body in its answer, in the words of the Generic Pay Connector if nothing else is said. */
  | { readonly kind: 'echo'; readonly status?: number; readonly quote?: (body: string) => object }
  | { readonly kind: 'hang' }
  /** Reads the request, then resets the connection. */
  | { readonly kind: 'reset' }
  /** Resets the connection as soon as it is there, before TLS and before any byte was read. */
  | { readonly kind: 'reset-on-connect' }
  /** Answers with bytes that are not HTTP. */
  | { readonly kind: 'garbage' }
  /** Answers with 10 MB of JSON. */
  | { readonly kind: 'huge' }
  /** Announces more than it sends. */
  | { readonly kind: 'truncated' }
  /** Sends one byte after the other and never ends. */
  | { readonly kind: 'drip' }
  | { readonly kind: 'gzip'; readonly body: object }
  | { readonly kind: 'redirect' };

export interface ReceivedRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly body: string;
}

const FIXTURES = new URL('../fixtures/tls/', import.meta.url);
/** Trust this to reach a TLS endpoint. */
export const ENDPOINT_CERTIFICATE = readFileSync(new URL('certificate.pem', FIXTURES), 'utf8');

/** A payment provider's HTTP side on the loopback interface that fails in every way that a test scripts. */
export class ProviderEndpoint {
  /** Requests that were read to their end. */
  readonly requests: ReceivedRequest[] = [];
  connections = 0;
  /** What comes next, one act for each request; the last one stays. */
  acts: EndpointAct[] = [];
  /** Decides by the request, in place of `acts`, if set. */
  decide: ((request: ReceivedRequest) => EndpointAct) | null = null;
  /** Requests that were read and will never be answered. */
  held = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  readonly #scheme: string;

  private constructor(isTls: boolean) {
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      this.#receive(request, response);
    };
    this.#scheme = isTls ? 'https' : 'http';
    this.#server = isTls
      ? createHttpsServer(
          { key: readFileSync(new URL('key.pem', FIXTURES)), cert: ENDPOINT_CERTIFICATE },
          listener,
        )
      : createHttpServer(listener);
    this.#server.on('connection', (socket: Socket) => this.#connected(socket));
    this.#server.on('tlsClientError', () => undefined);
  }

  static async open(options: { readonly tls?: boolean; readonly acts?: EndpointAct[] } = {}) {
    const endpoint = new ProviderEndpoint(options.tls ?? false);
    endpoint.acts = options.acts ?? [];
    await new Promise<void>((resolve) => endpoint.#server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  get url(): string {
    return `${this.origin}/pay?merchant=7`;
  }

  get origin(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when `count` requests were read to their end. */
  async received(count: number): Promise<void> {
    if (this.requests.length >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** May be called again. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connected(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    if (this.acts[0]?.kind === 'reset-on-connect') {
      this.#nextAct();
      socket.resetAndDestroy();
    }
  }

  #nextAct(): EndpointAct | undefined {
    return this.acts.length > 1 ? this.acts.shift() : this.acts[0];
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const { headers, method, url } = request;
      const received = { method: method ?? '', headers, path: url ?? '', body };
      this.requests.push(received);
      const act = this.decide === null ? this.#nextAct() : this.decide(received);
      if (act?.kind === 'hang') this.held += 1;
      if (act !== undefined) perform(act, body, request.socket, response);
      this.#waiting = this.#waiting.filter(({ count, resolve }) => {
        if (this.requests.length < count) return true;
        resolve();
        return false;
      });
    });
  }
}

function perform(act: EndpointAct, body: string, socket: Socket, response: ServerResponse): void {
  switch (act.kind) {
    case 'json':
      response.writeHead(act.status ?? 200, {
        'content-type': act.type ?? 'application/json',
        ...act.headers,
      });
      response.end(JSON.stringify(act.body));
      return;
    case 'text':
      response.writeHead(act.status, { 'content-type': act.type });
      response.end(act.body);
      return;
    case 'echo':
      response.writeHead(act.status ?? 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify((act.quote ?? quoteAsConnector)(body)));
      return;
    case 'hang':
      return;
    case 'reset':
    case 'reset-on-connect':
      // A TLS socket cannot send a reset; it goes without the closing message that TLS wants.
      if (socket instanceof TLSSocket) socket.destroy();
      else socket.resetAndDestroy();
      return;
    case 'garbage':
      socket.end('\u0000\u0001 this is not HTTP\r\n\r\n');
      return;
    case 'huge':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"charge_id":"ch_1","error_code":null,"pad":"${'x'.repeat(10_000_000)}"}`);
      return;
    case 'truncated':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
      response.write('{"charge_id":"ch_1","error_code":null}', () => socket.end());
      return;
    case 'drip': {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 10);
      socket.on('close', () => clearInterval(drip));
      return;
    }
    case 'gzip':
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(gzipSync(JSON.stringify(act.body)));
      return;
    case 'redirect':
      response.writeHead(307, { location: '/elsewhere' });
      response.end();
      return;
  }
}

function quoteAsConnector(body: string): object {
  return { charge_id: null, error_code: 'invalid_request', error_message: body, echo: body };
}
