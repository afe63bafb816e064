import { systemClock } from '../../src/app/system-clock.ts';
import { systemRandom } from '../../src/app/system-random.ts';
import type { ProviderSettings } from '../../src/core/payment-profile.ts';
import { makeId } from '../../src/core/random.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openJournal } from '../../src/journal/open-journal.ts';
import { runPayment } from '../../src/payment/payment-flow.ts';
import { createProvider } from '../../src/payment/provider-registry.ts';
import { makesTokens } from '../../src/payment/provider.ts';
import type { PaymentProvider } from '../../src/payment/provider.ts';
import { Reconciler } from '../../src/payment/reconciler.ts';
import { paymentRecord } from './payment-record.ts';
import { RecordingLogger } from './recording-logger.ts';
import { RecordingMeter } from './recording-meter.ts';
import { SeededRandom } from './simulation/seeded-random.ts';
import { TestCard } from './test-card.ts';

/** Where the process kills itself; `sent` points let the request out and die a moment later. */
export const CRASH_POINTS = [
  'opened',
  'processing-stored',
  'token-made',
  'intent-sent',
  'intent-stored',
  'charge-sent',
  'charge-answered',
  'outcome-sent',
  'outcome-stored',
  'adopted',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** What the parent asks of the child. */
export interface KillOrder {
  /** A path or a URL, as in `TONEWALL_DATABASE`. */
  readonly database: string;
  readonly settings: ProviderSettings;
  readonly certificate: string;
  readonly seed: number;
  readonly card: string;
  /**
   * Null: no crash. Null and `adopted` make no payment: the child ends when the reconciler has seen every unknown
   * outcome.
   */
  readonly crashAt: CrashPoint | null;
}

const SENT_MS_MAX = { 'intent-sent': 3, 'charge-sent': 40, 'outcome-sent': 3 } as const;

/**
 * A run of the payment side that dies where it is told. It says `told ID OUTCOME` whenever somebody would be told.
 */
async function main(order: KillOrder): Promise<void> {
  const random = new SeededRandom(order.seed);
  const die = (): void => void process.kill(process.pid, 'SIGKILL');
  const at = (point: CrashPoint): void => {
    if (order.crashAt === point) die();
  };
  const soonAfter = (point: keyof typeof SENT_MS_MAX): void => {
    if (order.crashAt === point) setTimeout(die, random.between(0, SENT_MS_MAX[point]));
  };
  const tell = (id: string, outcome: string): void => void process.stdout.write(`told ${id} ${outcome}\n`);
  const shared = {
    clock: systemClock,
    random: systemRandom,
    meter: new RecordingMeter(),
    logger: new RecordingLogger(),
  };
  const opened = await openJournal(order.database, shared);
  const journal = crashing(opened, at, soonAfter);
  const real = createProvider(order.settings, { ...shared, trustedCertificates: order.certificate });
  const provider = crashingProvider(real, at, soonAfter);
  const adopting = order.crashAt === 'adopted' || order.crashAt === null;
  const reconciler = new Reconciler({
    ...shared,
    journal: opened,
    providerOf: () => (order.crashAt === 'adopted' ? dyingProvider(real, die) : real),
    onSettled: (id, { outcome }) => tell(id, outcome),
  });
  if (adopting) reconciler.start();
  if (order.crashAt === null || order.crashAt === 'adopted') {
    while ((await opened.unknownAttempts()).some(({ tries }) => tries === 0)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await real.close();
    await reconciler.close();
    await opened.close();
    return;
  }
  const payment = paymentRecord({ id: makeId(systemRandom, 'pay') });
  await opened.createPayment(payment);
  at('opened');
  const card = new TestCard({
    'payment-card-number': order.card,
    'expiration-date': '1230',
    'security-code': '927',
  });
  const { outcome } = await runPayment({ ...shared, journal, provider }, payment, card, 'agent');
  tell(payment.id, outcome);
  at('outcome-stored');
}

type At = (point: CrashPoint) => void;
type SoonAfter = (point: keyof typeof SENT_MS_MAX) => void;

function crashing(journal: Journal, at: At, soonAfter: SoonAfter): Journal {
  return Object.assign(Object.create(journal) as Journal, {
    payment: (id) => journal.payment(id),
    hasAttempt: (key) => journal.hasAttempt(key),
    endUnsent: (id, outcome, actor) => journal.endUnsent(id, outcome, actor),
    moveState: async (...args) => {
      const moved = await journal.moveState(...args);
      at('processing-stored');
      return moved;
    },
    beginAttempt: async (...args) => {
      const begun = journal.beginAttempt(...args);
      soonAfter('intent-sent');
      await begun;
      at('intent-stored');
    },
    settleAttempt: async (...args) => {
      const settled = journal.settleAttempt(...args);
      soonAfter('outcome-sent');
      await settled;
    },
  } satisfies Partial<Journal>);
}

function crashingProvider(real: PaymentProvider, at: At, soonAfter: SoonAfter): PaymentProvider {
  const watched = async <T>(asking: Promise<T>): Promise<T> => {
    soonAfter('charge-sent');
    const answer = await asking;
    at('charge-answered');
    return answer;
  };
  const { kind } = real;
  const close = (): Promise<void> => real.close();
  if (!makesTokens(real)) {
    const { traits } = real;
    return { kind, traits, close, execute: (request, card) => watched(real.execute(request, card)) };
  }
  const { traits } = real;
  return {
    kind,
    traits,
    close,
    tokenise: async (request, card) => {
      const tokenised = await real.tokenise(request, card);
      at('token-made');
      return tokenised;
    },
    charge: (request, token, isRepeat) => watched(real.charge(request, token, isRepeat)),
  };
}

/** Answers the reconciler, and takes the process down before it can store the answer. */
function dyingProvider(real: PaymentProvider, die: () => void): PaymentProvider {
  const dying = async <T>(asking: Promise<T>): Promise<T> => {
    const answer = await asking;
    die();
    return answer;
  };
  const lookUp = real.lookUp === undefined ? {} : { lookUp: real.lookUp.bind(real) };
  const common = { kind: real.kind, close: () => real.close(), ...lookUp };
  if (!makesTokens(real)) {
    return { ...common, traits: real.traits, execute: (request, card) => real.execute(request, card) };
  }
  return {
    ...common,
    traits: real.traits,
    tokenise: (request, card) => real.tokenise(request, card),
    charge: (request, token, isRepeat) => dying(real.charge(request, token, isRepeat)),
    ...(real.lookUp === undefined ? {} : { lookUp: (request, token) => dying(real.lookUp!(request, token)) }),
  };
}

if (import.meta.main) {
  await main(JSON.parse(process.argv[2] ?? '') as KillOrder);
  process.exit(0);
}
