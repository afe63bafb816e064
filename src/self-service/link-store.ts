import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { PaymentState } from '../core/payment-state.ts';
import type { Random } from '../core/random.ts';
import type { Journal } from '../journal/journal.ts';
import { commit } from '../payment/commit.ts';
import type { SelfServicePayment } from './self-service-payment.ts';

const BEFORE_PROCESSING: readonly PaymentState[] = ['connecting', 'capturing', 'ready'];

export interface LinkStoreDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly journal: Journal;
}

/** Stores what becomes of links in the background: one change of a payment after the other, each as it is by then. */
export class LinkStore {
  readonly #deps: LinkStoreDependencies;
  readonly #storing = new Map<string, Promise<unknown>>();

  constructor(deps: LinkStoreDependencies) {
    this.#deps = deps;
  }

  /** `actor`: who ends the payment, if it has ended. */
  save(payment: SelfServicePayment, actor: string): void {
    const { id } = payment;
    const before = this.#storing.get(id) ?? Promise.resolve();
    const stored = before.then(() => commit(this.#deps, id, () => this.#write(payment, actor)));
    this.#storing.set(id, stored);
    void stored.then(() => {
      if (this.#storing.get(id) === stored) this.#storing.delete(id);
    });
  }

  /** Resolves when everything of this payment is stored. */
  async stored(id: string): Promise<void> {
    await this.#storing.get(id);
  }

  async allStored(): Promise<void> {
    await Promise.all(this.#storing.values());
  }

  /** The charge itself, and what follows from it, is stored by `runTry`. */
  async #write(payment: SelfServicePayment, actor: string): Promise<void> {
    const { journal } = this.#deps;
    const { id, state } = payment;
    if (state === 'capturing') await journal.moveState(id, ['connecting'], 'capturing', 'payer');
    if (state === 'connecting') await journal.moveState(id, ['capturing'], 'connecting', 'system');
    if (state === 'canceled' || state === 'expired') {
      await journal.moveState(id, BEFORE_PROCESSING, state, actor);
    }
    await journal.saveLink(payment.link);
  }
}
