import { formatAmount } from '../../../src/core/money.ts';
import { CardDigits, jsonBody } from '../../../src/payment/card-body.ts';
import { CardHttpClient } from '../../../src/payment/card-http-client.ts';
import type { WireResult } from '../../../src/payment/card-http-client.ts';
import type { ProviderDependencies } from '../../../src/payment/provider-dependencies.ts';
import { NO_DETAILS, NOT_SENT, UNKNOWN } from '../../../src/payment/provider-result.ts';
import type { DirectProvider, ProviderRequest, ProviderResult } from '../../../src/payment/provider.ts';
import { promiseFor } from './outcome-promises.ts';
import type { CardDetails } from '../../../src/vault/card-details.ts';

export type NaiveFlaw =
  | 'new-key-per-repeat'
  | 'no-repeat'
  | 'timeout-is-failed'
  | 'amount-unchecked'
  | 'payment-unchecked'
  | 'page-is-declined'
  | 'garbage-is-failed'
  | 'busy-is-declined'
  | 'not-sent-is-unknown'
  | 'decline-without-code'
  | 'quotes-the-far-end'
  | 'leaves-a-timer';

/** Ways in which an adapter that sends the card with the charge can be wrong, and one promise that each breaks. */
export const NAIVE_FLAWS: readonly { readonly flaw: NaiveFlaw; readonly breaks: string }[] = [
  { flaw: 'new-key-per-repeat', breaks: promiseFor('lost-answer') },
  { flaw: 'no-repeat', breaks: promiseFor('lost-answer') },
  { flaw: 'timeout-is-failed', breaks: promiseFor('never-answers') },
  { flaw: 'amount-unchecked', breaks: promiseFor('wrong-amount') },
  { flaw: 'payment-unchecked', breaks: promiseFor('wrong-payment') },
  { flaw: 'page-is-declined', breaks: promiseFor('error-page') },
  { flaw: 'garbage-is-failed', breaks: promiseFor('garbage') },
  { flaw: 'busy-is-declined', breaks: promiseFor('busy-once') },
  { flaw: 'not-sent-is-unknown', breaks: promiseFor('refused') },
  { flaw: 'decline-without-code', breaks: promiseFor('decline') },
  { flaw: 'quotes-the-far-end', breaks: 'does not say the digits that the far end quotes' },
  { flaw: 'leaves-a-timer', breaks: promiseFor('approve') },
];

interface Answer {
  readonly charge_id?: string | null;
  readonly token_id?: string | null;
  readonly error_code?: string | null;
  readonly error_message?: string;
  readonly amount?: string;
  readonly transaction_id?: string;
}

/**
 * The shortest adapter that keeps the contract, for the processor of the Generic Pay Connector; and, with a flaw, one
 * that does not.
 */
export class NaiveConnector implements DirectProvider {
  readonly kind = 'generic-pay-connector';
  readonly traits = {
    tokenises: false,
    keyLifetimeMs: 60_000,
    replays: 'all',
    lookup: 'none',
    lookupConsistent: false,
    maxKeyLength: 36,
  } as const;
  readonly #client: CardHttpClient;
  readonly #dependencies: ProviderDependencies;
  readonly #flaw: NaiveFlaw | null;

  constructor(url: string, dependencies: ProviderDependencies, flaw: NaiveFlaw | null) {
    this.#client = new CardHttpClient({ url, clock: dependencies.clock });
    this.#dependencies = dependencies;
    this.#flaw = flaw;
  }

  async execute(request: ProviderRequest, card: CardDetails): Promise<ProviderResult> {
    if (this.#flaw === 'leaves-a-timer') this.#dependencies.clock.after(60_000, () => undefined);
    const first = await this.#send(request, card);
    if (this.#flaw === 'timeout-is-failed' && first.kind === 'unclear') return NOT_SENT;
    const decided = this.#read(request, first);
    if (decided !== null || this.#flaw === 'no-repeat') return decided ?? UNKNOWN;
    const again = this.#flaw === 'new-key-per-repeat' ? `${request.idempotencyKey}2` : request.idempotencyKey;
    const repeated = { ...request, idempotencyKey: again };
    const result = this.#read(repeated, await this.#send(repeated, card));
    return result?.outcome === 'failed' && first.kind !== 'not-sent' ? UNKNOWN : (result ?? UNKNOWN);
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  #send(request: ProviderRequest, card: CardDetails): Promise<WireResult> {
    const parts = jsonBody([
      ['transaction_id', request.idempotencyKey],
      ['cardnumber', new CardDigits('payment-card-number', 0, card.length('payment-card-number'))],
      ['amount', formatAmount(request.amountMinor ?? 0, request.currency)],
    ]);
    return this.#client.send({ parts, card, timeoutMs: 10_000 });
  }

  #read(request: ProviderRequest, result: WireResult): ProviderResult | null {
    const flaw = this.#flaw;
    if (result.kind === 'not-sent') return flaw === 'not-sent-is-unknown' ? UNKNOWN : NOT_SENT;
    if (result.kind === 'unclear') {
      return flaw === 'garbage-is-failed' && result.cause === 'garbage' ? NOT_SENT : null;
    }
    if (result.status === 500 && flaw === 'page-is-declined') return declined('error');
    if (result.status === 429) return flaw === 'busy-is-declined' ? declined('busy') : null;
    const answer = result.body as Answer | null;
    if (answer === null) return null;
    if (typeof answer.error_code === 'string') {
      const quoted = { ...declined('invalid'), message: `${JSON.stringify(answer)}.` };
      if (flaw === 'quotes-the-far-end') return quoted;
      return {
        ...declined(answer.error_code),
        ...(flaw === 'decline-without-code' && { declineCode: null }),
      };
    }
    const { amountMinor, currency, idempotencyKey } = request;
    const amount = formatAmount(amountMinor ?? 0, currency);
    if (flaw !== 'amount-unchecked' && (answer.amount ?? amount) !== amount) return null;
    const key = answer.transaction_id ?? idempotencyKey;
    if (flaw !== 'payment-unchecked' && key !== idempotencyKey) return null;
    const reference = answer.charge_id ?? null;
    return { ...NO_DETAILS, outcome: 'approved', reference, message: 'The payment was approved.' };
  }
}

function declined(declineCode: string): ProviderResult {
  return { ...NO_DETAILS, outcome: 'declined', declineCode, message: 'The payment provider declined.' };
}
