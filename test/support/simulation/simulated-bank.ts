import type {
  DirectProvider,
  LookUp,
  PaymentProvider,
  ProviderRequest,
  ProviderResult,
  Tokenised,
  TokenProvider,
} from '../../../src/payment/provider.ts';
import { NOT_SENT, NOT_TOKENISED, UNKNOWN } from '../../../src/payment/provider-result.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Money that moved, or was refused, at the bank's side: nothing of the program can change it afterwards. */
export interface BankEntry {
  readonly key: string;
  readonly paymentReference: string;
  readonly approved: boolean;
}

/** What happens to one request on the wire. */
type WireFault = 'none' | 'not-sent' | 'lost-before' | 'lost-after' | 'stall';

/** Habits that a test plants, to see that they are noticed. */
export type BankMutation = 'none' | 'new-key-per-repeat' | 'timeout-is-failed' | 'unsent-repeat-is-failed';

export type BankKind = 'tokens' | 'tokens-without-keys' | 'direct';

const STALL_MS = 15_000;
const KEY_LIFETIME_MS = 3_600_000;

/** The far end: decides once for each key, forgets nothing, and is reached over a bad line. */
export class SimulatedBank {
  readonly entries: BankEntry[] = [];
  /** Faults stop at some time, so that everything can come to an end. */
  isLineGood = false;
  readonly #decisions = new Map<string, ProviderResult>();
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  decide(request: ProviderRequest, isKeyed: boolean): ProviderResult {
    const known = isKeyed ? this.#decisions.get(request.idempotencyKey) : undefined;
    if (known !== undefined) return known;
    const approved = this.#random.next() < 0.8;
    this.entries.push({ key: request.idempotencyKey, paymentReference: request.reference ?? '', approved });
    const result: ProviderResult = approved
      ? { ...PLAIN, outcome: 'approved', reference: `ch_${this.entries.length}`, message: 'Approved.' }
      : { ...PLAIN, outcome: 'declined', declineCode: 'card_declined', message: 'Declined.' };
    this.#decisions.set(request.idempotencyKey, result);
    return result;
  }

  find(request: ProviderRequest): ProviderResult | null {
    return this.#decisions.get(request.idempotencyKey) ?? null;
  }

  fault(): WireFault {
    if (this.isLineGood) return 'none';
    const draw = this.#random.next();
    if (draw < 0.05) return 'not-sent';
    if (draw < 0.15) return 'lost-before';
    if (draw < 0.25) return 'lost-after';
    return draw < 0.28 ? 'stall' : 'none';
  }

  /** How long an exchange takes. */
  delayMs(): number {
    return this.#random.between(20, 400);
  }
}

const PLAIN = { reference: null, brand: null, last4: null, declineCode: null };

/** An adapter of one process to the bank. `pause` never resolves once the process is dead. */
export function providerAt(
  bank: SimulatedBank,
  kind: BankKind,
  pause: (ms: number) => Promise<void>,
  mutation: BankMutation,
): PaymentProvider {
  const isKeyed = kind === 'tokens';
  let repeats = 0;

  async function exchange(asked: ProviderRequest, isRepeat: boolean): Promise<ProviderResult> {
    repeats += 1;
    const isNewKey = mutation === 'new-key-per-repeat' && isRepeat;
    const request = isNewKey ? { ...asked, idempotencyKey: `${asked.idempotencyKey}_${repeats}` } : asked;
    const unknown: ProviderResult =
      mutation === 'timeout-is-failed' ? { ...UNKNOWN, outcome: 'failed' } : UNKNOWN;
    const fault = bank.fault();
    await pause(fault === 'stall' ? STALL_MS : bank.delayMs());
    if (fault === 'not-sent') return isRepeat && mutation !== 'unsent-repeat-is-failed' ? UNKNOWN : NOT_SENT;
    if (fault === 'lost-before') return unknown;
    const result = bank.decide(request, isKeyed);
    // The answer is on its way: a crash here is a charge whose answer nobody heard.
    await pause(bank.delayMs());
    return fault === 'none' ? result : unknown;
  }

  async function lookUp(request: ProviderRequest): Promise<LookUp> {
    const fault = bank.fault();
    await pause(bank.delayMs());
    return (fault === 'none' ? bank.find(request) : null) ?? 'undecided';
  }

  const common = { kind: 'simulator', close: () => Promise.resolve() } as const;
  if (kind === 'direct') {
    const direct: DirectProvider = {
      ...common,
      traits: {
        tokenises: false,
        keyLifetimeMs: 0,
        replays: 'none',
        lookup: 'by-reference',
        lookupConsistent: true,
        maxKeyLength: 64,
      },
      execute: (request) => exchange(request, false),
      lookUp,
    };
    return direct;
  }
  const tokens: TokenProvider = {
    ...common,
    traits: {
      tokenises: true,
      keyLifetimeMs: isKeyed ? KEY_LIFETIME_MS : 0,
      replays: isKeyed ? 'all' : 'none',
      lookup: 'by-reference',
      lookupConsistent: false,
      maxKeyLength: 64,
    },
    tokenise: async (): Promise<Tokenised> => {
      const fault = bank.fault();
      await pause(bank.delayMs());
      return fault === 'none'
        ? { kind: 'token', token: 'tok_a', brand: 'visa', last4: '1486' }
        : NOT_TOKENISED;
    },
    charge: (request, _token, isRepeat) => exchange(request, isRepeat),
    lookUp,
  };
  return tokens;
}
