import { FarEndFaults, lettersOf } from './far-end-fault.ts';
import { ProviderEndpoint } from './provider-endpoint.ts';
import type { EndpointAct, ReceivedRequest } from './provider-endpoint.ts';
import { stripeRequestProblems } from './stripe-requests.ts';

/** A card error whose message, and a member that nobody reads, quote the request. */
export const STRIPE_QUOTE: EndpointAct = {
  kind: 'echo',
  status: 402,
  quote: (body) => ({
    error: { type: 'card_error', code: 'card_declined', message: `No: ${body}`, param: body },
  }),
};

/** The request of a payment that a fault is about. */
export type StripeStep = 'method' | 'intent' | 'confirm' | 'cancel' | 'retrieve';

/** A charge that was made. */
export interface StripeCharge {
  readonly intent: string;
  readonly idempotencyKey: string;
  readonly amount: number;
  readonly currency: string;
}

interface Intent {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  status: string;
  lastPaymentError: object | null;
}

interface Kept {
  readonly request: string;
  readonly act: EndpointAct;
}

const CARD_ERRORS: ReadonlyMap<string, { readonly code: string; readonly decline_code?: string }> = new Map([
  ['4000000000000002', { code: 'card_declined', decline_code: 'generic_decline' }],
  ['4000000000009995', { code: 'card_declined', decline_code: 'insufficient_funds' }],
  ['4000000000000069', { code: 'expired_card' }],
  ['4000000000000127', { code: 'incorrect_cvc' }],
]);
/** A bank that wants to see the payer. */
const ASKS_PAYER = '4000002760003184';
/** Fails the Luhn check: no PaymentMethod is made of it. */
const NO_CARD_NUMBER = '4242424242424241';

/**
 * Stripe on the loopback interface, as far as a charge needs it: PaymentMethods, PaymentIntents, and the first answer
 * again under the same key, 500 included. Cards behave like Stripe's published test numbers.
 */
export class FakeStripe {
  static readonly apiKey = 'sk_test_fake';
  /** Oldest first. */
  readonly ledger: StripeCharge[] = [];
  /** What Stripe's OpenAPI document has against requests that came. */
  readonly problems: string[] = [];
  readonly endpoint: ProviderEndpoint;
  /** What goes wrong. A request that is refused is not kept under its key. */
  readonly faults = new FarEndFaults<StripeStep>();
  /** The next confirmation fails, before or after the charge, with a 500 that is kept under its key. */
  failsNext: 'before' | 'after' | null = null;
  readonly #cards = new Map<string, string>();
  readonly #intents = new Map<string, Intent>();
  readonly #kept = new Map<string, Kept>();
  #count = 0;

  private constructor(endpoint: ProviderEndpoint) {
    this.endpoint = endpoint;
    endpoint.decide = (request) => this.#answer(request);
  }

  static async open(options: { readonly tls?: boolean } = {}): Promise<FakeStripe> {
    return new FakeStripe(await ProviderEndpoint.open(options));
  }

  /** Keys are forgotten, as they are after a day. */
  forgetKeys(): void {
    this.#kept.clear();
  }

  statusOf(intentId: string): string | undefined {
    return this.#intents.get(intentId)?.status;
  }

  setStatus(intentId: string, status: string): void {
    const intent = this.#intents.get(intentId);
    if (intent !== undefined) intent.status = status;
  }

  close(): Promise<void> {
    return this.endpoint.close();
  }

  #answer(request: ReceivedRequest): EndpointAct {
    const { method, path, body, headers } = request;
    this.problems.push(...stripeRequestProblems(method, path, body));
    if (headers.authorization !== `Bearer ${FakeStripe.apiKey}`) {
      return error(401, { type: 'invalid_request_error', message: 'Invalid API Key provided.' });
    }
    const [step, intentId] = stepOf(method, path);
    const key = String(headers['idempotency-key'] ?? '');
    return this.faults.answer(step, () => {
      if (key === '') return this.#do(step, intentId, key, body);
      const sent = `${path} ${body}`;
      const known = this.#kept.get(key) ?? { request: sent, act: this.#do(step, intentId, key, body) };
      this.#kept.set(key, known);
      return known.request === sent ? known.act : OTHER_REQUEST;
    });
  }

  #do(step: StripeStep, intentId: string, key: string, body: string): EndpointAct {
    const form = new URLSearchParams(body);
    if (step === 'method') return this.#makeMethod(form);
    if (step === 'intent') return this.#makeIntent(form);
    const intent = this.#intents.get(intentId);
    if (intent === undefined) {
      return error(404, {
        type: 'invalid_request_error',
        code: 'resource_missing',
        message: 'No such intent.',
      });
    }
    if (step === 'confirm') {
      const fails = this.failsNext;
      this.failsNext = null;
      if (fails === 'before') return FAILED;
      const act = this.#confirm(intent, key, form);
      return fails === 'after' ? FAILED : act;
    }
    if (step === 'cancel') {
      if (intent.status === 'succeeded') return unexpectedState(intent);
      intent.status = 'canceled';
    }
    return { kind: 'json', body: shown(intent) };
  }

  #makeMethod(form: URLSearchParams): EndpointAct {
    const number = form.get('card[number]') ?? '';
    if (number === NO_CARD_NUMBER) {
      return error(402, {
        type: 'card_error',
        code: 'incorrect_number',
        message: 'Your card number is incorrect.',
      });
    }
    const id = `pm_${this.#nextId()}`;
    this.#cards.set(id, number);
    const card = { brand: number.startsWith('5') ? 'mastercard' : 'visa', last4: number.slice(-4) };
    return { kind: 'json', body: { id, object: 'payment_method', type: 'card', card } };
  }

  #makeIntent(form: URLSearchParams): EndpointAct {
    const intent: Intent = {
      id: `pi_${this.#nextId()}`,
      amount: Number(form.get('amount')),
      currency: form.get('currency') ?? '',
      status: 'requires_payment_method',
      lastPaymentError: null,
    };
    this.#intents.set(intent.id, intent);
    return { kind: 'json', body: shown(intent) };
  }

  #confirm(intent: Intent, key: string, form: URLSearchParams): EndpointAct {
    const number = this.#cards.get(form.get('payment_method') ?? '');
    if (number === undefined) {
      return error(400, {
        type: 'invalid_request_error',
        code: 'resource_missing',
        message: 'No such method.',
      });
    }
    if (!intent.status.startsWith('requires_')) return unexpectedState(intent);
    const asksPayer = number === ASKS_PAYER ? { code: 'authentication_required' } : undefined;
    const reason = CARD_ERRORS.get(number) ?? asksPayer;
    if (reason !== undefined) {
      const problem = { type: 'card_error', message: 'Your card was declined.', ...reason };
      intent.lastPaymentError = problem;
      intent.status = 'requires_payment_method';
      return error(402, { ...problem, payment_intent: shown(intent) });
    }
    intent.status = 'succeeded';
    const { id, amount, currency } = intent;
    this.ledger.push({ intent: id, idempotencyKey: key, amount, currency });
    return { kind: 'json', body: shown(intent) };
  }

  #nextId(): string {
    this.#count += 1;
    return `test${lettersOf(this.#count)}`;
  }
}

const FAILED = error(500, { type: 'api_error', message: 'An unknown error occurred.' });
const OTHER_REQUEST = error(400, {
  type: 'idempotency_error',
  message: 'Keys for idempotent requests are for one request.',
});

function error(status: number, problem: object): EndpointAct {
  return { kind: 'json', status, body: { error: problem } };
}

function unexpectedState(intent: Intent): EndpointAct {
  return error(400, {
    type: 'invalid_request_error',
    code: 'payment_intent_unexpected_state',
    message: `This PaymentIntent's status is ${intent.status}.`,
    payment_intent: shown(intent),
  });
}

function shown({ id, amount, currency, status, lastPaymentError }: Intent): object {
  return {
    id,
    object: 'payment_intent',
    amount,
    amount_received: status === 'succeeded' ? amount : 0,
    currency,
    status,
    last_payment_error: lastPaymentError,
  };
}

function stepOf(method: string, path: string): [step: StripeStep, intentId: string] {
  if (path === '/v1/payment_methods') return ['method', ''];
  if (path === '/v1/payment_intents') return ['intent', ''];
  const [intentId = '', action] = path.slice('/v1/payment_intents/'.length).split('/');
  if (method === 'GET') return ['retrieve', intentId];
  return [action === 'cancel' ? 'cancel' : 'confirm', intentId];
}
