import type { EndpointAct } from './provider-endpoint.ts';

/** What goes wrong with a request to a far end that keeps a ledger. */
export type FarEndFault =
  /** Answered before anything is done, and not remembered. */
  | { readonly kind: 'refuse'; readonly act: EndpointAct }
  /** Is carried out, but this happens to the answer. */
  | { readonly kind: 'spoil'; readonly act: EndpointAct }
  /** Is carried out, and the answer is changed. */
  | { readonly kind: 'change'; readonly change: (body: object) => object };

/** The faults of one far end, by what its requests are for. */
export class FarEndFaults<Step extends string> {
  #injected: { readonly step: Step; readonly fault: FarEndFault; times: number }[] = [];

  /** Spoils the next `times` requests of a step; every one if not given. */
  inject(step: Step, fault: FarEndFault, times = Infinity): void {
    this.#injected.push({ step, fault, times });
  }

  heal(): void {
    this.#injected = [];
  }

  /** Answers a request of a step by `carryOut`, with what goes wrong at it. */
  answer(step: Step, carryOut: () => EndpointAct): EndpointAct {
    const fault = this.#take(step);
    if (fault?.kind === 'refuse') return fault.act;
    const act = carryOut();
    if (fault?.kind === 'spoil') return fault.act;
    return fault?.kind === 'change' && act.kind === 'json' ? { ...act, body: fault.change(act.body) } : act;
  }

  #take(step: Step): FarEndFault | null {
    const found = this.#injected.find((candidate) => candidate.step === step && candidate.times > 0);
    if (found === undefined) return null;
    found.times -= 1;
    return found.fault;
  }
}

/** An id without digits, so that none holds those of a card by chance. */
export function lettersOf(count: number): string {
  return String(count)
    .padStart(6, '0')
    .replace(/\d/g, (digit) => 'ABCDEFGHIJ'[Number(digit)] ?? '');
}
