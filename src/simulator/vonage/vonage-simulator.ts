import { generateKeyPairSync } from 'node:crypto';
import type { AudioGraph } from './audio-graph.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeLeg } from './exchange.ts';
import type { CallEndpoint, MessageBody } from './request-schemas.ts';
import { RestServer } from './rest-server.ts';
import type { RequestFault } from './rest-server.ts';
import { SimulatedPhone } from './simulated-phone.ts';
import { WebhookSender } from './webhook-sender.ts';
import type { WebhookFault } from './webhook-sender.ts';

const APPLICATION_ID = 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab';
const SIGNATURE_SECRET = 'simulated-signature-secret';
const NUMBER = '447700900000';

/** Faults to inject, asked one by one with the number of the request, webhook or socket. */
export interface SimulatorFaults {
  request?: (operation: string, index: number) => RequestFault | null;
  webhook?: (what: string, index: number) => WebhookFault | null;
  socket?: (index: number) => 'refuse' | null;
}

export interface SimulatedMessage extends MessageBody {
  readonly messageId: string;
}

/**
 * Vonage for tests and the demo: its REST API on a port of this machine, its webhooks, its media sockets, and phones
 * that people can be played with. It keeps a record of who heard whom.
 */
export class VonageSimulator {
  readonly faults: SimulatorFaults;
  readonly messages: SimulatedMessage[] = [];
  readonly exchange: Exchange;
  readonly rest: RestServer;
  readonly webhooks: WebhookSender;
  readonly #phones = new Map<string, SimulatedPhone>();
  readonly #privateKey: string;
  #apiHost = '';
  #webhookBase = '';

  private constructor(faults: SimulatorFaults, rateWindowMs: number) {
    this.faults = faults;
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.#privateKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    this.webhooks = new WebhookSender({
      signatureSecret: SIGNATURE_SECRET,
      applicationId: APPLICATION_ID,
      fault: (what, index) => this.faults.webhook?.(what, index) ?? null,
    });
    this.exchange = new Exchange({
      webhooks: this.webhooks,
      eventUrl: () => `${this.#webhookBase}/event`,
      phoneAt: (endpoint) => this.#phones.get(addressOf(endpoint)) ?? null,
      socketFault: (index) => this.faults.socket?.(index) ?? null,
    });
    this.rest = new RestServer({
      applicationId: APPLICATION_ID,
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      exchange: this.exchange,
      takeMessage: (messageId, message) => this.messages.push({ ...message, messageId }),
      fault: (operation, index) => this.faults.request?.(operation, index) ?? null,
      rateWindowMs,
    });
  }

  /** `rateWindowMs`: shorter than a second for a server whose clock is faster than that of the world. */
  static async start(faults: SimulatorFaults = {}, rateWindowMs = 1000): Promise<VonageSimulator> {
    const simulator = new VonageSimulator(faults, rateWindowMs);
    simulator.#apiHost = await simulator.rest.listen();
    return simulator;
  }

  /** The environment variables with which a server uses this instead of Vonage. */
  get environment(): Readonly<Record<string, string>> {
    return {
      VONAGE_APPLICATION_ID: APPLICATION_ID,
      VONAGE_PRIVATE_KEY: this.#privateKey,
      VONAGE_SIGNATURE_SECRET: SIGNATURE_SECRET,
      VONAGE_NUMBER: NUMBER,
      VONAGE_API_HOST: this.#apiHost,
    };
  }

  /** Who heard whom, at every moment. */
  get graph(): AudioGraph {
    return this.exchange.graph;
  }

  /** Names the server whose webhooks are called, by the base of its address. */
  serve(publicUrl: string): void {
    this.#webhookBase = `${publicUrl}/webhooks/vonage`;
  }

  /** The phone with this number, SIP address or user name; a new one if there is none. */
  phone(address: string): SimulatedPhone {
    const phone = this.#phones.get(address) ?? new SimulatedPhone(address);
    this.#phones.set(address, phone);
    return phone;
  }

  /** A phone calls our number. Resolves with its leg when it has been answered, or given up. */
  call(from: SimulatedPhone): Promise<ExchangeLeg> {
    return this.exchange.receive(from, async (leg) => {
      const parameters = {
        to: NUMBER,
        from: from.address,
        uuid: leg.uuid,
        conversation_uuid: String(leg.conversation),
        region_url: 'https://api-eu-3.vonage.com',
      };
      const answer = await this.webhooks.get(`${this.#webhookBase}/answer`, 'answer', parameters);
      const fallback = {
        ...parameters,
        reason: 'timeout',
        original_request: { url: 'answer', type: 'answer' },
      };
      return answer ?? this.webhooks.post(`${this.#webhookBase}/fallback`, 'fallback', fallback);
    });
  }

  /** The carrier reports what became of a text message. */
  async reportMessage(message: SimulatedMessage, status: string): Promise<void> {
    const body = { message_uuid: message.messageId, to: message.to, channel: 'sms', status };
    const url = message.webhook_url ?? `${this.#webhookBase}/message-status`;
    await this.webhooks.post(url, 'message-status', { ...body, timestamp: new Date().toISOString() });
  }

  async stop(): Promise<void> {
    this.exchange.stop();
    await this.rest.close();
  }
}

function addressOf(endpoint: CallEndpoint): string {
  switch (endpoint.type) {
    case 'phone':
      return endpoint.number;
    case 'sip':
    case 'websocket':
      return endpoint.uri;
    case 'app':
      return endpoint.user;
  }
}
