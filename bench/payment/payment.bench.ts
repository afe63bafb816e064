import { runWorld } from '../../test/support/simulation/payment-world.ts';
import type { Bench, BenchRow, BenchSize } from '../bench.ts';

const WORLDS = { smoke: 20, full: 1000 } as const;
const PAYMENTS = 20;
/** What the deterministic simulation has to reach for a nightly run of a million payments to be worth while. */
const REQUIRED_PER_SECOND = 1000;

/** The payment core (flow, reconciler, journal model) in its simulated world, crashes and faults included. */
export const bench: Bench = {
  name: 'payment',
  method: `Payments that begin, fail, crash and are settled in a simulated world: real flow and reconciler, virtual time, ${PAYMENTS} payments and 4 crashes to a seed.`,
  async run(size: BenchSize): Promise<readonly BenchRow[]> {
    const worlds = WORLDS[size];
    const startedMs = performance.now();
    let violations = 0;
    for (let seed = 1; seed <= worlds; seed += 1) {
      violations += (await runWorld({ seed, payments: PAYMENTS, crashes: 4, bank: 'tokens' })).violations
        .length;
    }
    const seconds = (performance.now() - startedMs) / 1000;
    return [
      {
        what: 'simulated payments',
        ours: (worlds * PAYMENTS) / seconds,
        unit: '/s',
        peer: REQUIRED_PER_SECOND,
        peerName: '/s required',
      },
      { what: 'broken promises', ours: violations, unit: '', peer: 0, peerName: 'allowed' },
    ];
  },
};
