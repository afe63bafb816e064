import { createPublicKey, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';
import type { Exchange, ExchangeLeg } from './exchange.ts';
import { problemWith } from './request-schemas.ts';
import type { CallChangeBody, MessageBody, NewCallBody } from './request-schemas.ts';

/** Requests in one window of a second, as the platform limits them. */
const CREATES_MAX = 3;
const CHANGES_MAX = 15;

/**
 * What goes wrong with a request: it fails and nothing was done, it is done and the answer fails, the answer never
 * comes, or it is refused as one too many.
 */
export type RequestFault = 'fail' | 'done-but-fails' | 'hang' | 'too-many';

export interface RestRequest {
  readonly method: string;
  /** Such as `create`, `transfer`, `hangup`, `stream`, `message`. */
  readonly operation: string;
  readonly body: unknown;
}

export interface RestServerSettings {
  readonly applicationId: string;
  /** Of the application, PEM. */
  readonly publicKey: string;
  readonly exchange: Exchange;
  readonly takeMessage: (messageId: string, message: MessageBody) => void;
  readonly fault?: (operation: string, index: number) => RequestFault | null;
  /** The platform's is a second. */
  readonly rateWindowMs: number;
}

interface Answer {
  readonly status: number;
  readonly body: object | null;
}

/** The platform's REST API: as strict as the original about tokens, bodies and the rate of requests. */
export class RestServer {
  /** Every request that was let in, in order. */
  readonly requests: RestRequest[] = [];
  /** Bodies that were refused, with what was wrong. */
  readonly refusals: string[] = [];
  readonly #settings: RestServerSettings;
  readonly #key: KeyObject;
  readonly #server: Server;
  readonly #seenTokens = new Set<unknown>();
  readonly #creates: number[] = [];
  readonly #changes: number[] = [];

  constructor(settings: RestServerSettings) {
    this.#settings = settings;
    this.#key = createPublicKey(settings.publicKey);
    this.#server = createServer((request, response) => {
      void this.#serve(request).then((answer) => {
        if (answer === null) return;
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(answer.body === null ? undefined : JSON.stringify(answer.body));
      });
    });
  }

  /** Resolves with the address to use as `VONAGE_API_HOST`. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Null: no answer at all. */
  async #serve(request: IncomingMessage): Promise<Answer | null> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (!(await this.#isAuthorized(request.headers.authorization))) return problem(401, 'Unauthorized');
    const text = Buffer.concat(chunks).toString('utf8');
    const body: unknown = text === '' ? null : JSON.parse(text);
    const method = request.method ?? '';
    const path = request.url ?? '';
    const operation = operationOf(method, path, body);
    if (operation === null) return problem(404, 'Not Found');
    if (this.#isTooMany(operation, body)) return problem(429, 'Too Many Requests');
    const fault = this.#settings.fault?.(operation, this.requests.length) ?? null;
    this.requests.push({ method, operation, body });
    if (fault === 'too-many') return problem(429, 'Too Many Requests');
    if (fault === 'fail') return problem(503, 'Service Unavailable');
    const answer = this.#perform(operation, path, body);
    if (fault === 'hang') return null;
    return fault === 'done-but-fails' ? problem(500, 'Internal Server Error') : answer;
  }

  async #isAuthorized(header: string | undefined): Promise<boolean> {
    const token = /^Bearer (.+)$/.exec(header ?? '')?.[1];
    if (token === undefined) return false;
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: ['RS256'],
        requiredClaims: ['exp', 'iat'],
      });
      const isFresh = payload.jti !== undefined && !this.#seenTokens.has(payload.jti);
      this.#seenTokens.add(payload.jti);
      return isFresh && payload['application_id'] === this.#settings.applicationId;
    } catch {
      return false;
    }
  }

  #isTooMany(operation: string, body: unknown): boolean {
    const isCreate =
      operation === 'create' || (operation === 'transfer' && JSON.stringify(body).includes('"connect"'));
    const [times, limit] = isCreate ? [this.#creates, CREATES_MAX] : [this.#changes, CHANGES_MAX];
    const nowMs = performance.now();
    while ((times[0] ?? nowMs) <= nowMs - this.#settings.rateWindowMs) times.shift();
    if (times.length >= limit) return true;
    times.push(nowMs);
    return false;
  }

  #perform(operation: string, path: string, body: unknown): Answer {
    if (operation === 'create') return this.#create(body);
    if (operation === 'message') return this.#message(body);
    const leg = this.#settings.exchange.legs.get(path.split('/')[3] ?? '');
    if (leg === undefined || leg.status === 'over') return problem(404, 'Not Found');
    if (operation === 'look') return { status: 200, body: viewOf(leg) };
    if (operation === 'stream' || operation === 'stop-stream') return this.#stream(leg, operation, body);
    return this.#change(leg, body);
  }

  #create(body: unknown): Answer {
    const wrong = problemWith('call', body);
    if (wrong !== null) return this.#refuse(wrong);
    const { to, ncco, event_url: eventUrl } = body as NewCallBody;
    const leg = this.#settings.exchange.originate(to[0], ncco, eventUrl?.[0] ?? null);
    return { status: 201, body: viewOf(leg) };
  }

  #change(leg: ExchangeLeg, body: unknown): Answer {
    const wrong = problemWith('change', body);
    if (wrong !== null) return this.#refuse(wrong);
    const { exchange } = this.#settings;
    const change = body as CallChangeBody;
    switch (change.action) {
      case 'transfer':
        if (leg.status !== 'answered') return problem(400, 'The leg is not answered');
        exchange.transfer(leg, change.destination.ncco);
        break;
      case 'hangup':
        exchange.hangUp(leg);
        break;
      case 'mute':
      case 'unmute':
        exchange.change(leg, { isMuted: change.action === 'mute' });
        break;
      case 'earmuff':
      case 'unearmuff':
        exchange.change(leg, { isEarmuffed: change.action === 'earmuff' });
        break;
    }
    return { status: 204, body: null };
  }

  #stream(leg: ExchangeLeg, operation: string, body: unknown): Answer {
    const wrong = operation === 'stream' ? problemWith('stream', body) : null;
    if (wrong !== null) return this.#refuse(wrong);
    const music = operation === 'stream' ? ((body as { stream_url: string[] }).stream_url[0] ?? null) : null;
    this.#settings.exchange.change(leg, { music });
    return { status: 200, body: { message: 'Stream changed', uuid: leg.uuid } };
  }

  #message(body: unknown): Answer {
    const wrong = problemWith('message', body);
    if (wrong !== null) return this.#refuse(wrong);
    const messageId = randomUUID();
    this.#settings.takeMessage(messageId, body as MessageBody);
    return { status: 202, body: { message_uuid: messageId } };
  }

  #refuse(what: string): Answer {
    this.refusals.push(what);
    return problem(400, what);
  }
}

function viewOf({ uuid, status, direction, conversation }: ExchangeLeg): object {
  return { uuid, status, direction, conversation_uuid: conversation };
}

function problem(status: number, title: string): Answer {
  return { status, body: { type: 'about:blank', title } };
}

/** What a request asks for; null when the platform has nothing there. */
function operationOf(method: string, path: string, body: unknown): string | null {
  if (method === 'POST' && path === '/v1/messages') return 'message';
  if (method === 'POST' && path === '/v1/calls') return 'create';
  const rest = /^\/v1\/calls\/[\w-]+(\/stream)?$/.exec(path);
  if (rest === null) return null;
  if (rest[1] !== undefined) return method === 'PUT' ? 'stream' : method === 'DELETE' ? 'stop-stream' : null;
  if (method === 'GET') return 'look';
  return method === 'PUT' ? String((body as { readonly action?: unknown } | null)?.action) : null;
}
