import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { FarEndFaults, lettersOf } from './far-end-fault.ts';
import { ProviderEndpoint } from './provider-endpoint.ts';
import type { EndpointAct, ReceivedRequest } from './provider-endpoint.ts';

/** What we send of "PaymentRequest" (Adyen, Checkout API 71, `POST /payments`), as strictly as Adyen reads it. */
const PaymentRequest = Type.Object(
  {
    merchantAccount: Type.Literal('TonewallMOTO'),
    reference: Type.String({ minLength: 1, maxLength: 80 }),
    merchantOrderReference: Type.Optional(Type.String()),
    amount: Type.Object({
      value: Type.Integer({ minimum: 0 }),
      currency: Type.String({ pattern: '^[A-Z]{3}$' }),
    }),
    shopperInteraction: Type.Literal('Moto'),
    storePaymentMethod: Type.Optional(Type.Literal(true)),
    recurringProcessingModel: Type.Optional(Type.Literal('CardOnFile')),
    shopperReference: Type.Optional(Type.String({ minLength: 3, maxLength: 256 })),
    paymentMethod: Type.Object(
      {
        type: Type.Literal('scheme'),
        number: Type.String({ pattern: '^\\d{12,19}$' }),
        expiryMonth: Type.String({ pattern: '^(0[1-9]|1[0-2])$' }),
        expiryYear: Type.String({ pattern: '^20\\d\\d$' }),
        cvc: Type.Optional(Type.String({ pattern: '^\\d{3,4}$' })),
      },
      { additionalProperties: false },
    ),
    billingAddress: Type.Optional(
      Type.Object({
        city: Type.String(),
        country: Type.String({ pattern: '^[A-Z]{2}$' }),
        houseNumberOrName: Type.String(),
        postalCode: Type.String({ maxLength: 10 }),
        street: Type.String(),
      }),
    ),
  },
  { additionalProperties: false },
);
type PaymentRequest = Static<typeof PaymentRequest>;

/** Money that moved. */
export interface AdyenCharge {
  readonly pspReference: string;
  readonly reference: string;
  readonly value: number;
  readonly currency: string;
}

/** Refusal reasons 12 ("Not enough balance") and 24 ("CVC Declined"), by card number; other cards are authorised. */
const REFUSALS: ReadonlyMap<string, { readonly refusalReason: string; readonly refusalReasonCode: string }> =
  new Map([
    ['4000000000009995', { refusalReason: 'Not enough balance', refusalReasonCode: '12' }],
    ['4000000000000127', { refusalReason: 'CVC Declined', refusalReasonCode: '24' }],
  ]);

/** Adyen's Checkout API, as far as we use it: `POST /payments`, which remembers its answers by idempotency key. */
export class FakeAdyen {
  static readonly apiKey = 'AQEyhmfxK4LJYh1FwV';
  static readonly merchantAccount = 'TonewallMOTO';
  /** Oldest first. */
  readonly ledger: AdyenCharge[] = [];
  /** What is wrong with requests that came. */
  readonly problems: string[] = [];
  readonly endpoint: ProviderEndpoint;
  readonly faults = new FarEndFaults<'payment'>();
  readonly #kept = new Map<string, EndpointAct>();
  #count = 0;

  private constructor(endpoint: ProviderEndpoint) {
    this.endpoint = endpoint;
    endpoint.decide = (request) => this.#answer(request);
  }

  static async open(options: { readonly tls?: boolean } = {}): Promise<FakeAdyen> {
    return new FakeAdyen(await ProviderEndpoint.open(options));
  }

  get url(): string {
    return `${this.endpoint.origin}/v71`;
  }

  close(): Promise<void> {
    return this.endpoint.close();
  }

  #answer({ method, path, headers, body }: ReceivedRequest): EndpointAct {
    if (method !== 'POST' || path !== '/v71/payments')
      this.problems.push(`no such resource: ${method} ${path}`);
    if (headers['x-api-key'] !== FakeAdyen.apiKey) return UNAUTHORISED;
    const key = String(headers['idempotency-key'] ?? '');
    if (!/^[\x21-\x7e]{1,64}$/.test(key)) this.problems.push('an idempotency-key has 1 to 64 characters');
    return this.faults.answer('payment', () => {
      const act = this.#kept.get(key) ?? this.#carryOut(JSON.parse(body));
      this.#kept.set(key, act);
      return act;
    });
  }

  #carryOut(request: unknown): EndpointAct {
    if (!Value.Check(PaymentRequest, request)) {
      this.problems.push(...Value.Errors(PaymentRequest, request).map((error) => JSON.stringify(error)));
      return serviceError(422, '702', 'Structure of PaymentRequest contains the following unknown fields');
    }
    const { reference, amount, paymentMethod } = request;
    const pspReference = `NC${lettersOf((this.#count += 1)).padEnd(14, 'K')}`;
    const refusal = REFUSALS.get(paymentMethod.number);
    if (refusal !== undefined) {
      return json({ pspReference, resultCode: 'Refused', merchantReference: reference, ...refusal });
    }
    if (amount.value > 0) this.ledger.push({ pspReference, reference, ...amount });
    return json({
      additionalData: { cardSummary: paymentMethod.number.slice(-4), ...this.#storing(request) },
      pspReference,
      resultCode: 'Authorised',
      amount,
      merchantReference: reference,
      paymentMethod: { brand: 'visa', type: 'scheme' },
    });
  }

  #storing({ storePaymentMethod, shopperReference }: PaymentRequest): object {
    return storePaymentMethod === undefined
      ? {}
      : {
          'tokenization.storedPaymentMethodId': `M${lettersOf(this.#count).padEnd(15, 'P')}`,
          'tokenization.shopperReference': shopperReference,
          'tokenization.store.operationType': 'created',
        };
  }
}

const UNAUTHORISED = serviceError(401, '000', 'HTTP Status Response - Unauthorized');

function serviceError(status: number, errorCode: string, message: string): EndpointAct {
  return { kind: 'json', status, body: { status, errorCode, message, errorType: 'validation' } };
}

function json(body: object): EndpointAct {
  return { kind: 'json', body };
}
