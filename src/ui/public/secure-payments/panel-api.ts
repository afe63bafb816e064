import { bodyOf } from './payment-draft.ts';
import type { Call, Credentials, FieldName, Payment, PaymentDraft, Profile } from './types.ts';

/** A request that the server refused, or that did not reach it (`code` is then `OFFLINE`). */
export class ApiProblem extends Error {
  readonly code: string;
  /** The payment that stands in the way, if the server named one. */
  readonly paymentId: string | null;

  constructor(code: string, title: string, paymentId: string | null = null) {
    super(title);
    this.code = code;
    this.paymentId = paymentId;
  }
}

interface IssuedToken {
  readonly agentToken: string;
}

/** The REST API with the agent's token, which travels in a header and is kept in this object only. */
export class PanelApi {
  readonly #base: string;
  readonly #credentials: Omit<Credentials, 'token'>;
  #token: string;

  /** `base` is the origin that the panel was loaded from. */
  constructor(base: string, { token, ...credentials }: Credentials) {
    this.#base = base;
    this.#credentials = credentials;
    this.#token = token;
  }

  get token(): string {
    return this.#token;
  }

  async profiles(): Promise<readonly Profile[]> {
    return (await this.#json<{ profiles: readonly Profile[] }>('GET', '/v1/profiles')).profiles;
  }

  async call(id: string): Promise<Call> {
    return this.#json('GET', `/v1/calls/${encodeURIComponent(id)}`);
  }

  async payment(id: string): Promise<Payment> {
    return this.#json('GET', `/v1/payments/${encodeURIComponent(id)}`);
  }

  /** Newest first. */
  async paymentsOf(callId: string): Promise<readonly Payment[]> {
    const path = `/v1/payments?callId=${encodeURIComponent(callId)}`;
    return (await this.#json<{ payments: readonly Payment[] }>('GET', path)).payments;
  }

  /** `key` makes a repeat safe: it gets the payment that the first request made. */
  async open(callId: string, profile: Profile, draft: PaymentDraft, key: string): Promise<Payment> {
    const body = bodyOf(draft, profile, callId);
    return this.#json('POST', '/v1/payments', body, { 'idempotency-key': key });
  }

  async act(paymentId: string, action: 'more-time' | 'process' | 'cancel'): Promise<Payment> {
    return this.#json('POST', `/v1/payments/${encodeURIComponent(paymentId)}/${action}`);
  }

  async capture(paymentId: string, field: FieldName): Promise<Payment> {
    return this.#json('POST', `/v1/payments/${encodeURIComponent(paymentId)}/capture`, { field });
  }

  /** Gets a fresh token in place of the present one. */
  async renew(): Promise<void> {
    const { kind, id } = this.#credentials;
    const path = kind === 'call' ? `/v1/calls/${id}/agent-session` : `/v1/payments/${id}/agent-token`;
    this.#token = (await this.#json<IssuedToken>('POST', path)).agentToken;
  }

  /** Opens the event stream after the event with the id `lastEventId`. */
  async events(paymentId: string, lastEventId: string, signal: AbortSignal): Promise<Response> {
    return this.#send('GET', `/v1/payments/${encodeURIComponent(paymentId)}/events`, {
      signal,
      headers: lastEventId === '' ? {} : { 'last-event-id': lastEventId },
    });
  }

  async #json<T>(method: string, path: string, body?: object, headers: object = {}): Promise<T> {
    const response = await this.#send(method, path, {
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as T;
  }

  async #send(method: string, path: string, options: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${this.#base}${path}`, {
        ...options,
        method,
        cache: 'no-store',
        credentials: 'omit',
        headers: { ...options.headers, authorization: `Bearer ${this.#token}` },
      });
    } catch {
      throw new ApiProblem('OFFLINE', 'The server cannot be reached.');
    }
    if (response.ok) return response;
    throw await problemOf(response);
  }
}

async function problemOf(response: Response): Promise<ApiProblem> {
  try {
    const { code, title, detail, paymentId } = (await response.json()) as Record<string, string | undefined>;
    const text = [title, detail].filter((part) => part !== undefined).join(' ');
    return new ApiProblem(code ?? 'UNKNOWN', text, paymentId ?? null);
  } catch {
    return new ApiProblem('UNKNOWN', `The server answered ${response.status}.`);
  }
}

/** When the token ends, in milliseconds since 1970; its claims are readable, only its signature is secret. */
export function expiryOf(token: string): number | null {
  try {
    const claims = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const { exp } = JSON.parse(atob(claims)) as { readonly exp?: number };
    return exp === undefined ? null : exp * 1000;
  } catch {
    return null;
  }
}
