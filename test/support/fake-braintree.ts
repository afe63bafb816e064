import { readFileSync } from 'node:fs';
import { buildSchema, GraphQLError, graphqlSync } from 'graphql';
import { FarEndFaults, lettersOf } from './far-end-fault.ts';
import { ProviderEndpoint } from './provider-endpoint.ts';
import type { EndpointAct, ReceivedRequest } from './provider-endpoint.ts';

const SCHEMA = buildSchema(
  readFileSync(new URL('../fixtures/braintree/schema.graphql', import.meta.url), 'utf8'),
);

/** What a request is for. */
export type BraintreeStep = 'tokenise' | 'store' | 'charge' | 'find';

const STEPS: readonly (readonly [field: string, step: BraintreeStep])[] = [
  ['tokenizeCreditCard(', 'tokenise'],
  ['vaultPaymentMethod(', 'store'],
  ['chargePaymentMethod(', 'charge'],
  ['search ', 'find'],
];

interface Transaction {
  readonly id: string;
  readonly orderId: string;
  readonly amount: { readonly value: string; readonly currencyCode: string };
  readonly paymentMethodSnapshot: object;
  status: string;
  statusHistory: object[];
}

interface ChargeInput {
  readonly apiRequestKey: string;
  readonly paymentMethodId: string;
  readonly transaction: {
    readonly amount: string;
    readonly merchantAccountId: string;
    readonly orderId: string;
    readonly paymentInitiator: string;
  };
}

/** Declined by the processor with 2001 ("Insufficient Funds"), rejected by the gateway for the code, by card number. */
const DECLINED = '4000000000009995';
const REJECTED = '4000000000000127';

/**
 * Braintree's GraphQL API, as far as we use it. Documents and variables are held against the schema, and replies have
 * what the document asks for.
 */
export class FakeBraintree {
  static readonly publicKey = 'v4ndq314c2s5c28r';
  static readonly privateKey = '93b78bc88be90d93';
  static readonly merchantAccountId = 'tonewall_gbp';
  static readonly currency = 'GBP';
  readonly endpoint: ProviderEndpoint;
  readonly faults = new FarEndFaults<BraintreeStep>();
  /** Every transaction, oldest first. */
  readonly transactions: Transaction[] = [];
  /** Whether `apiRequestKey` does anything; whether the search finds new transactions. */
  hasRequestKeys = true;
  isSearchBlind = false;
  readonly #singleUse = new Map<string, string>();
  readonly #byKey = new Map<string, { readonly input: string; readonly transaction: Transaction }>();
  #count = 0;

  private constructor(endpoint: ProviderEndpoint) {
    this.endpoint = endpoint;
    endpoint.decide = (request) => this.#answer(request);
  }

  static async open(options: { readonly tls?: boolean } = {}): Promise<FakeBraintree> {
    return new FakeBraintree(await ProviderEndpoint.open(options));
  }

  /** How often money moved. */
  get charges(): number {
    return this.transactions.filter(({ status }) => status === 'SUBMITTED_FOR_SETTLEMENT').length;
  }

  close(): Promise<void> {
    return this.endpoint.close();
  }

  #answer({ path, headers, body }: ReceivedRequest): EndpointAct {
    const { publicKey, privateKey } = FakeBraintree;
    const credentials = Buffer.from(`${publicKey}:${privateKey}`).toString('base64');
    const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
    const step = STEPS.find(([field]) => query.includes(field))?.[1] ?? 'find';
    return this.faults.answer(step, () => {
      if (path !== '/graphql' || headers['braintree-version'] === undefined)
        return { kind: 'json', status: 404, body: {} };
      if (headers.authorization !== `Basic ${credentials}`) return errorReply('AUTHENTICATION', '');
      return this.#execute(query, variables);
    });
  }

  #execute(source: string, variableValues: Record<string, unknown>): EndpointAct {
    const { data, errors } = graphqlSync({
      schema: SCHEMA,
      source,
      variableValues,
      rootValue: {
        tokenizeCreditCard: ({ input }: { input: { creditCard: { number: string } } }) =>
          this.#tokenise(input.creditCard.number),
        vaultPaymentMethod: ({ input }: { input: { paymentMethodId: string } }) =>
          this.#store(input.paymentMethodId),
        chargePaymentMethod: ({ input }: { input: ChargeInput }) => ({ transaction: this.#charge(input) }),
        search: {
          transactions: ({ input }: { input: { orderId: { is: string } } }) => this.#find(input.orderId.is),
        },
      },
    });
    const extensions = { requestId: 'a-uuid-for-the-request' };
    if (errors === undefined) return { kind: 'json', body: { data, extensions } };
    const shown = errors.map((error) => ({
      message: error.message,
      path: error.path,
      extensions: { errorClass: 'VALIDATION', errorType: 'developer_error', ...error.extensions },
    }));
    return { kind: 'json', body: { data, errors: shown, extensions } };
  }

  #tokenise(number: string): object {
    const id = `tokencc_bh_${lettersOf((this.#count += 1)).toLowerCase()}`;
    this.#singleUse.set(id, number);
    return { paymentMethod: { id, details: detailsOf(number) } };
  }

  #store(token: string): object {
    const number = this.#takeSingleUse(token);
    if (number === DECLINED) {
      const processorResponse = { legacyCode: '2001', message: 'Insufficient Funds' };
      return { paymentMethod: null, verification: { status: 'PROCESSOR_DECLINED', processorResponse } };
    }
    const id = `cGF5bWVudG1ldGhvZF${lettersOf((this.#count += 1))}`;
    return { paymentMethod: { id, details: detailsOf(number) }, verification: { status: 'VERIFIED' } };
  }

  #charge(input: ChargeInput): Transaction {
    const known = this.hasRequestKeys ? this.#byKey.get(input.apiRequestKey) : undefined;
    if (known !== undefined) {
      if (known.input !== JSON.stringify(input))
        throw validation('A request with this key had other values.', '');
      return known.transaction;
    }
    const { amount, merchantAccountId, orderId, paymentInitiator } = input.transaction;
    if (merchantAccountId !== FakeBraintree.merchantAccountId)
      throw validation('Merchant account ID is invalid.', '91513');
    if (paymentInitiator !== 'MOTO') throw validation('Not a telephone order.', '');
    const number = this.#takeSingleUse(input.paymentMethodId);
    const transaction: Transaction = {
      id: `dHJhbnNhY3Rpb25f${lettersOf((this.#count += 1))}`,
      orderId,
      amount: { value: amount, currencyCode: FakeBraintree.currency },
      paymentMethodSnapshot: detailsOf(number),
      ...outcomeOf(number),
    };
    this.transactions.push(transaction);
    this.#byKey.set(input.apiRequestKey, { input: JSON.stringify(input), transaction });
    return transaction;
  }

  #find(orderId: string): object {
    const found = this.isSearchBlind
      ? []
      : this.transactions.filter((candidate) => candidate.orderId === orderId);
    return { edges: found.map((node) => ({ node })) };
  }

  #takeSingleUse(token: string): string {
    const number = this.#singleUse.get(token);
    if (number === undefined) throw validation('Unknown or expired single-use payment method.', '91565');
    this.#singleUse.delete(token);
    return number;
  }
}

function outcomeOf(number: string): Pick<Transaction, 'status' | 'statusHistory'> {
  if (number === DECLINED) {
    const processorResponse = { legacyCode: '2001', message: 'Insufficient Funds' };
    const event = { __typename: 'ProcessorDeclinedEvent', status: 'PROCESSOR_DECLINED', processorResponse };
    return { status: event.status, statusHistory: [event] };
  }
  if (number === REJECTED) {
    const event = {
      __typename: 'GatewayRejectedEvent',
      status: 'GATEWAY_REJECTED',
      gatewayRejectionReason: 'CVV',
    };
    return { status: event.status, statusHistory: [event] };
  }
  const processorResponse = { legacyCode: '1000', message: 'Approved' };
  return {
    status: 'SUBMITTED_FOR_SETTLEMENT',
    statusHistory: [
      { __typename: 'SubmittedForSettlementEvent', status: 'SUBMITTED_FOR_SETTLEMENT' },
      { __typename: 'AuthorizedEvent', status: 'AUTHORIZED', processorResponse },
    ],
  };
}

function detailsOf(number: string): object {
  return { __typename: 'CreditCardDetails', brandCode: 'VISA', last4: number.slice(-4) };
}

function validation(message: string, legacyCode: string): GraphQLError {
  return new GraphQLError(message, { extensions: { errorClass: 'VALIDATION', legacyCode } });
}

/** An error that comes before anything is carried out, or in place of it. */
export function errorReply(errorClass: string, legacyCode: string): EndpointAct {
  const extensions = { errorClass, errorType: 'developer_error', legacyCode };
  return {
    kind: 'json',
    body: { data: null, errors: [{ message: 'An error.', extensions }], extensions: { requestId: 'a-uuid' } },
  };
}
