import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProviderSettings } from '../../src/core/payment-profile.ts';
import { FakeAdyen } from '../support/fake-adyen.ts';
import { FakeBraintree } from '../support/fake-braintree.ts';
import { FakeStripe, STRIPE_QUOTE } from '../support/fake-stripe.ts';
import type { FarEndFault } from '../support/far-end-fault.ts';
import { ENDPOINT_CERTIFICATE, ProviderEndpoint } from '../support/provider-endpoint.ts';
import type { EndpointAct } from '../support/provider-endpoint.ts';
import type { ChildOrder } from './card-memory-child.ts';
import { copiesInMemory, mayReadMemory } from '../support/process-memory.ts';
import { cardNumber } from './card-memory-numbers.ts';

/**
 * Goal: no copy of a card number is left in the process after its charge, however the charge ended. Method: a
 * child keys, charges and wipes cards over plain HTTP, over TLS, with each provider, every card with a number of its
 * own; then every resident page of the child is searched for each number, as ASCII, UTF-16 and bytes 0 to 9, whole and
 * for its middle ten digits. A number that the child was told to keep shows that the search finds what is there.
 */
const CHARGES = 12;
const PROVIDERS = 6;
const PLANTED_INDEX = 1000;
/** Charges take real time here, and a search of the memory more on a machine that is busy. */
const TIMEOUT_MS = 180_000;

const CONNECTOR = {
  kind: 'generic-pay-connector',
  username: 'merchant',
  password: 'open-sesame',
  idempotent: false,
  dialect: 'twilio',
} as const;

const ACTS: EndpointAct[] = [
  { kind: 'json', body: { charge_id: 'ch_1', error_code: null } },
  { kind: 'json', status: 402, body: { charge_id: null, error_code: 'insufficient_funds' } },
  { kind: 'text', status: 500, type: 'text/html', body: '<html>Internal Server Error</html>' },
  // The last charge is the fourth act too: nothing comes after it that could overwrite what it left.
  { kind: 'echo' },
  { kind: 'reset' },
  { kind: 'garbage' },
  { kind: 'huge' },
  { kind: 'truncated' },
];

const PAGE: EndpointAct = { kind: 'text', status: 500, type: 'text/html', body: '<html>Oops</html>' };
const QUOTE: EndpointAct = { kind: 'echo', status: 422, quote: (body) => ({ message: body, echo: body }) };

/** What happens to the request with the card, one after the other; the last one stays. */
const faultsWith = (quote: EndpointAct): readonly (readonly [fault: FarEndFault, times: number])[] => [
  [{ kind: 'change', change: (body) => body }, 4],
  [{ kind: 'spoil', act: { kind: 'reset' } }, 2],
  [{ kind: 'spoil', act: { kind: 'garbage' } }, 2],
  [{ kind: 'refuse', act: PAGE }, 2],
  [{ kind: 'refuse', act: quote }, Infinity],
];

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

describe('card numbers in memory', () => {
  it(
    'are gone from every resident page when their charges have ended',
    async ({ skip }) => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const child = await startChild(seed);
      expect(await child.line()).toBe('planted');
      if (!mayReadMemory(child.pid) && process.env['CI'] !== 'true') {
        skip('this system does not let a process read the memory of its child');
      }
      expect(copiesIn(child.pid, seed, [PLANTED_INDEX])).toEqual([`${PLANTED_INDEX} ascii`]);

      child.go();
      const outcomes = JSON.parse(await child.line()) as string[];
      expect(new Set(outcomes)).toEqual(new Set(['approved', 'declined', 'failed', 'unknown']));
      expect(outcomes).toHaveLength(PROVIDERS * CHARGES);
      const charged = Array.from({ length: PROVIDERS * CHARGES }, (_, index) => index);
      expect({ seed, copies: copiesIn(child.pid, seed, charged) }).toEqual({ seed, copies: [] });
      expect(copiesIn(child.pid, seed, [PLANTED_INDEX])).toEqual([`${PLANTED_INDEX} ascii`]);
      child.go();
    },
    TIMEOUT_MS,
  );
});

async function startChild(seed: number) {
  const order: ChildOrder = {
    seed,
    charges: CHARGES,
    plantedIndex: PLANTED_INDEX,
    providers: await openProviders(),
    certificate: ENDPOINT_CERTIFICATE,
  };
  const script = new URL('./card-memory-child.ts', import.meta.url);
  const child = spawn(process.execPath, [script.pathname, JSON.stringify(order)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  cleanUps.push(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  const iterator = lines[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    go: () => child.stdin.write('go\n'),
    line: async () => String((await iterator.next()).value),
  };
}

/** Opens a far end for each provider that needs one. */
async function openProviders(): Promise<readonly ProviderSettings[]> {
  const [http, https, stripe, adyen, braintree] = await Promise.all([
    ProviderEndpoint.open({ acts: repeated(ACTS) }),
    ProviderEndpoint.open({ acts: repeated(ACTS), tls: true }),
    FakeStripe.open({ tls: true }),
    FakeAdyen.open({ tls: true }),
    FakeBraintree.open({ tls: true }),
  ]);
  for (const farEnd of [http, https, stripe, adyen, braintree]) cleanUps.push(() => farEnd.close());
  for (const [fault, times] of faultsWith(STRIPE_QUOTE)) stripe.faults.inject('method', fault, times);
  for (const [fault, times] of faultsWith(QUOTE)) {
    adyen.faults.inject('payment', fault, times);
    braintree.faults.inject('tokenise', fault, times);
  }
  const { merchantAccount } = FakeAdyen;
  const { publicKey, privateKey, merchantAccountId } = FakeBraintree;
  return [
    { ...CONNECTOR, url: http.url },
    { ...CONNECTOR, url: https.url },
    { kind: 'stripe', url: stripe.endpoint.origin, apiKey: FakeStripe.apiKey },
    { kind: 'adyen', url: adyen.url, apiKey: FakeAdyen.apiKey, merchantAccount },
    { kind: 'braintree', url: braintree.endpoint.origin, publicKey, privateKey, merchantAccountId },
    { kind: 'simulator' },
  ];
}

function repeated(acts: readonly EndpointAct[]): EndpointAct[] {
  return Array.from({ length: CHARGES }, (_, index) => acts[index % acts.length]!);
}

/** The copies of the numbers with these indices that are in the process, such as `7 ascii`. */
function copiesIn(pid: number, seed: number, indices: readonly number[]): string[] {
  return copiesInMemory(pid, new Map(indices.map((index) => [String(index), cardNumber(seed, index)])));
}
