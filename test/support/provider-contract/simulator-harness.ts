import { systemRandom } from '../../../src/app/system-random.ts';
import { Simulator } from '../../../src/payment/simulator/simulator.ts';
import { FakeClock } from '../fake-clock.ts';
import { RecordingLogger } from '../recording-logger.ts';
import { RecordingMeter } from '../recording-meter.ts';
import { contractCard } from './provider-harness.ts';
import type { ProviderHarness, ProviderSubject, Situation } from './provider-harness.ts';

/** The card decides what the simulator does. */
const NUMBERS: Partial<Record<Situation, string>> = {
  decline: '4000000000009995',
  'error-page': '4000000000000119',
  'never-answers': '4000000000000408',
  'lost-answer': '4000000000000093',
};

export const SIMULATOR_HARNESS: ProviderHarness = {
  name: 'simulator',
  without: {
    situations: [
      'wrong-amount',
      'wrong-payment',
      'garbage',
      'huge',
      'refused',
      'busy-once',
      'echo',
      'card-declined',
      'no-token',
    ],
    because: 'it is in this process, and has no card for it',
  },
  open: () => Promise.resolve(openSimulator()),
};

function openSimulator(): ProviderSubject {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const provider = new Simulator({ clock, logger, random: systemRandom, meter: new RecordingMeter() });
  let situation: Situation = 'approve';
  const entries = (outcome: string) =>
    provider.ledger.filter((entry) => entry.operation === 'charge' && entry.outcome === outcome).length;
  return {
    provider,
    clock,
    stage: (next) => {
      situation = next;
      return Promise.resolve(contractCard(NUMBERS[next]));
    },
    said: () => JSON.stringify([logger.lines, provider.ledger]),
    charges: () => entries('approved'),
    isHolding: () => situation === 'never-answers' && provider.ledger.length > 0,
    close: () => provider.close(),
  };
}
