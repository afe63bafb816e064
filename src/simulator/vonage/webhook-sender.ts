import { createHash, createSecretKey, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';

/** What the simulator does wrong with a webhook. */
export type WebhookFault = 'drop' | 'twice' | 'late';

export interface WebhookSenderSettings {
  readonly signatureSecret: string;
  readonly applicationId: string;
  /** Asked for each webhook, with what it is about and its number; for tests. */
  readonly fault?: (what: string, index: number) => WebhookFault | null;
}

/** How late a late webhook is. */
const LATE_MS = 300;
/** Vonage waits this long for an answer, and tries twice. */
const ANSWER_MS = 5_000;
const TRIES = 2;

/** Posts webhooks that are signed as the platform signs them, each body with its hash. */
export class WebhookSender {
  readonly #settings: WebhookSenderSettings;
  #count = 0;

  constructor(settings: WebhookSenderSettings) {
    this.#settings = settings;
  }

  get count(): number {
    return this.#count;
  }

  /** The JSON of the answer; null for none, be it that nobody answered or that it was empty. */
  async post(url: string, what: string, body: object): Promise<unknown> {
    const text = JSON.stringify(body);
    return this.#deliver(what, () => this.#send(url, { method: 'POST', body: text }, text));
  }

  /** As `post`, with the content in the address. */
  async get(url: string, what: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
    const query = new URLSearchParams(parameters).toString();
    return this.#deliver(what, () =>
      this.#send(`${url}?${query}`, { method: 'GET' }, JSON.stringify(parameters)),
    );
  }

  /** A token for this content; without content, one for a handshake. */
  async token(content?: string): Promise<string> {
    const { signatureSecret, applicationId } = this.#settings;
    const hash =
      content === undefined ? {} : { payload_hash: createHash('sha256').update(content).digest('hex') };
    return new SignJWT({ ...hash, api_key: 'a1b2c3d', application_id: applicationId })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer('Vonage')
      .setIssuedAt()
      .setJti(randomUUID())
      .sign(createSecretKey(Buffer.from(signatureSecret)));
  }

  async #deliver(what: string, send: () => Promise<Delivery>): Promise<unknown> {
    const fault = this.#settings.fault?.(what, this.#count++) ?? null;
    if (fault === 'drop') return null;
    if (fault === 'late') await new Promise((resolve) => setTimeout(resolve, LATE_MS));
    if (fault === 'twice') await send();
    for (let tries = 1; tries <= TRIES; tries += 1) {
      const answer = await send();
      if (answer.isDone) return answer.body;
    }
    return null;
  }

  async #send(url: string, request: RequestInit, content: string): Promise<Delivery> {
    try {
      const response = await fetch(url, {
        ...request,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await this.token(content)}` },
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const answer = await response.text();
      return { isDone: response.ok, body: answer === '' ? null : JSON.parse(answer) };
    } catch {
      return { isDone: false, body: null };
    }
  }
}

interface Delivery {
  readonly isDone: boolean;
  readonly body: unknown;
}
