import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import twilio from 'twilio';

export type Form = Readonly<Record<string, string>>;

/** A client's server for status callbacks: checks each signature as Twilio's own package does. */
export class CallbackReceiver {
  /** Every callback, in order. */
  readonly forms: Form[] = [];
  /** Those whose signature is not right. */
  readonly forged: Form[] = [];
  /** The path of each. */
  readonly paths: string[] = [];
  /** Statuses for the next requests; 200 when there is none. */
  readonly statuses: number[] = [];
  /** The idempotency token of every request, refused ones included. */
  readonly tokens: string[] = [];
  readonly url: string;
  readonly #server: Server;
  readonly #authToken: string;
  #changed: () => void = () => undefined;

  private constructor(server: Server, authToken: string) {
    this.#server = server;
    this.#authToken = authToken;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/status?agent=17`;
    server.on('request', (request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      request.on('end', () => {
        this.tokens.push(String(request.headers['i-twilio-idempotency-token']));
        response.statusCode = this.statuses.shift() ?? 200;
        response.end();
        if (response.statusCode === 200) this.#take(request.url ?? '', request.headers, text);
        this.#changed();
      });
    });
  }

  static async open(authToken: string): Promise<CallbackReceiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new CallbackReceiver(server, authToken);
  }

  /** The first callback, past or to come, for which `test` holds. Rejects when one was not signed right. */
  async next(test: (form: Form) => boolean): Promise<Form> {
    for (;;) {
      if (this.forged.length > 0) throw new Error('a callback has a wrong signature');
      const found = this.forms.find(test);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take(path: string, headers: NodeJS.Dict<string | string[]>, text: string): void {
    const form = Object.fromEntries(new URLSearchParams(text));
    const url = `${new URL(this.url).origin}${path}`;
    const signature = String(headers['x-twilio-signature']);
    if (!twilio.validateRequest(this.#authToken, signature, url, form)) this.forged.push(form);
    this.paths.push(path);
    this.forms.push(form);
  }
}
