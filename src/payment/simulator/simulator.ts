import type { CardDetails } from '../../vault/card-details.ts';
import { CardHttpClient } from '../card-http-client.ts';
import { deliver } from '../deliver.ts';
import type { DeliveryDependencies, DeliveryRules } from '../deliver.ts';
import { NOT_SENT } from '../provider-result.ts';
import type { PaymentProvider, ProviderRequest, ProviderResult, ProviderTraits } from '../provider.ts';
import { mapSimulatorOutcome } from './map-simulator-outcome.ts';
import { simulatorRequest } from './simulator-request.ts';
import { SimulatorServer } from './simulator-server.ts';
import type { SimulatorLedgerEntry } from './simulator-server.ts';

/** Two answers fit into the 15 s that an agent waits, so that every behaviour can be watched in a demo. */
const RULES: DeliveryRules = { attemptTimeoutMs: 5000, connectWindowMs: 5000, repeatsMax: 1 };

/** The embedded test provider: a real HTTP exchange with a server in this process. No money moves. */
export class Simulator implements PaymentProvider {
  readonly kind = 'simulator';
  readonly traits: ProviderTraits = {
    tokenises: false,
    keyLifetimeMs: 3_600_000,
    replays: 'all',
    lookup: 'none',
    lookupConsistent: false,
    maxKeyLength: 64,
  };
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

  async execute(request: ProviderRequest, card: CardDetails): Promise<ProviderResult> {
    this.#client ??= this.#start();
    const client = await this.#client;
    if (client === null) return NOT_SENT;
    const parts = simulatorRequest(request, card);
    const headers = { 'idempotency-key': request.idempotencyKey };
    return deliver(
      RULES,
      this.#dependencies,
      (timeoutMs) => client.post({ parts, card, timeoutMs, headers }),
      (reply, repeated) => mapSimulatorOutcome(request, reply, repeated),
    );
  }

  async close(): Promise<void> {
    const client = await this.#client;
    this.#client = Promise.resolve(null);
    client?.close();
    await this.#server.close();
  }

  async #start(): Promise<CardHttpClient | null> {
    try {
      return new CardHttpClient({ url: await this.#server.listen(), clock: this.#dependencies.clock });
    } catch {
      return null;
    }
  }
}
