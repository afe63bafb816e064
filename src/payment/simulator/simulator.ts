import { Type } from 'typebox';
import { Check } from 'typebox/schema';
import { CARD_BRANDS } from '../../core/card-brand.ts';
import { NO_CARD } from '../../vault/card-details.ts';
import type { CardDetails } from '../../vault/card-details.ts';
import { CardHttpClient } from '../card-http-client.ts';
import { deliver } from '../deliver.ts';
import type { DeliveryDependencies, DeliveryRules } from '../deliver.ts';
import { NOT_SENT, NOT_TOKENISED, UNKNOWN } from '../provider-result.ts';
import { isProviderId } from '../provider-text.ts';
import type { LookUp, ProviderRequest, ProviderResult, Tokenised, TokenProvider } from '../provider.ts';
import { mapSimulatorOutcome } from './map-simulator-outcome.ts';
import { simulatorChargeRequest, simulatorTokenRequest } from './simulator-request.ts';
import { SimulatorServer } from './simulator-server.ts';
import type { SimulatorLedgerEntry } from './simulator-server.ts';

/** Two answers fit into the 15 s that an agent waits, so that every behaviour can be watched in a demo. */
const RULES: DeliveryRules = { attemptTimeoutMs: 5000, connectWindowMs: 5000, repeatsMax: 1 };

const Token = Type.Object({
  token: Type.String(),
  brand: Type.Union([Type.String(), Type.Null()]),
  last4: Type.Union([Type.String({ pattern: '^\\d{4}$' }), Type.Null()]),
});

/** The embedded test provider: real HTTP exchanges with a server in this process. No money moves. */
export class Simulator implements TokenProvider {
  readonly kind = 'simulator';
  readonly traits = {
    tokenises: true,
    keyLifetimeMs: 3_600_000,
    replays: 'all',
    lookup: 'by-reference',
    lookupConsistent: true,
    maxKeyLength: 64,
  } as const;
  readonly #dependencies: DeliveryDependencies;
  readonly #server: SimulatorServer;
  /** Made with the first payment; resolves to null when there is no server, or none any more. */
  #client: Promise<CardHttpClient | null> | null = null;

  constructor(dependencies: DeliveryDependencies) {
    this.#dependencies = dependencies;
    this.#server = new SimulatorServer(dependencies.clock, dependencies.random);
  }

  /** What it charged, tokenised and declined, oldest first. */
  get ledger(): readonly SimulatorLedgerEntry[] {
    return this.#server.ledger;
  }

  async tokenise(request: ProviderRequest, card: CardDetails): Promise<Tokenised> {
    const client = await this.#started();
    const parts = simulatorTokenRequest(request, card);
    const timeoutMs = RULES.attemptTimeoutMs;
    const result = await client?.send({ path: '/tokens', parts, card, timeoutMs });
    const answer = result?.kind === 'reply' && result.status === 200 ? result.body : null;
    if (!Check(Token, answer) || !isProviderId(answer.token)) return NOT_TOKENISED;
    const brand = CARD_BRANDS.find((word) => word === answer.brand) ?? null;
    return { kind: 'token', token: answer.token, brand, last4: answer.last4 };
  }

  async charge(request: ProviderRequest, token: string, isRepeat: boolean): Promise<ProviderResult> {
    const client = await this.#started();
    if (client === null) return isRepeat ? UNKNOWN : NOT_SENT;
    const parts = simulatorChargeRequest(request, token);
    const headers = { 'idempotency-key': request.idempotencyKey };
    return deliver(
      RULES,
      this.#dependencies,
      (timeoutMs) => client.send({ path: '/charges', parts, card: NO_CARD, timeoutMs, headers }),
      (reply, repeated) => mapSimulatorOutcome(request, reply, repeated),
      isRepeat,
    );
  }

  async lookUp(request: ProviderRequest): Promise<LookUp> {
    const client = await this.#started();
    const result = await client?.send({
      method: 'GET',
      path: `/charges/${request.idempotencyKey}`,
      parts: [],
      card: NO_CARD,
      timeoutMs: RULES.attemptTimeoutMs,
    });
    // Not found is no proof: it forgets its oldest charges.
    return result?.kind === 'reply'
      ? (mapSimulatorOutcome(request, result, true) ?? 'undecided')
      : 'undecided';
  }

  async close(): Promise<void> {
    const client = await this.#client;
    this.#client = Promise.resolve(null);
    client?.close();
    await this.#server.close();
  }

  #started(): Promise<CardHttpClient | null> {
    this.#client ??= this.#start();
    return this.#client;
  }

  async #start(): Promise<CardHttpClient | null> {
    try {
      return new CardHttpClient({ url: await this.#server.listen(), clock: this.#dependencies.clock });
    } catch {
      return null;
    }
  }
}
