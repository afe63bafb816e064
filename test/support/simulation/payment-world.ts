import { createHash } from 'node:crypto';
import type { Clock } from '../../../src/core/clock.ts';
import type { OutcomeRecord } from '../../../src/journal/journal.ts';
import { Reconciler } from '../../../src/payment/reconciler.ts';
import { runPayment } from '../../../src/payment/payment-flow.ts';
import type { PaymentProvider } from '../../../src/payment/provider.ts';
import { FakeClock } from '../fake-clock.ts';
import { paymentRecord } from '../payment-record.ts';
import { RecordingMeter } from '../recording-meter.ts';
import { TestCard } from '../test-card.ts';
import { MemoryJournal } from './memory-journal.ts';
import type { StoreFault } from './memory-journal.ts';
import { ALL_GUARDS, MemoryStore } from './memory-store.ts';
import type { StoreGuards } from './memory-store.ts';
import { SeededRandom } from './seeded-random.ts';
import { providerAt, SimulatedBank } from './simulated-bank.ts';
import type { BankKind, BankMutation } from './simulated-bank.ts';

export interface WorldSettings {
  readonly seed: number;
  readonly payments: number;
  readonly crashes: number;
  readonly bank: BankKind;
  /** Guards and habits that a mutation check changes. */
  readonly guards?: Partial<StoreGuards>;
  readonly bankMutation?: BankMutation;
  readonly reconciles?: boolean;
  readonly wipes?: boolean;
}

export interface WorldReport {
  /** What went against a promise, in words; empty in a good world. */
  readonly violations: readonly string[];
  readonly charges: number;
  readonly crashes: number;
  /** Of all that happened, in order: equal for equal seeds. */
  readonly hash: string;
}

/** One run of the program, from its start to its crash. */
interface Process {
  isAlive: boolean;
  readonly journal: MemoryJournal;
  readonly provider: PaymentProvider;
  readonly clock: Clock;
  readonly reconciler: Reconciler;
}

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** Payments are started, and crashes happen, within this time; then the line is good until all has ended. */
const BUSY_MS = 60_000;
/** After this much more time everything must have ended. */
const QUIET_MS = 3_600_000;
const STEP_MS = 30_000;

/**
 * The payment side of the program in a world of its own: time, randomness, the disk, the bank and crashes are
 * simulated, the flow and the reconciler are the real ones. One seed is one run.
 */
export async function runWorld(settings: WorldSettings): Promise<WorldReport> {
  const world = new World(settings);
  return world.run();
}

class World {
  readonly #settings: WorldSettings;
  readonly #clock = new FakeClock();
  readonly #random: SeededRandom;
  readonly #store: MemoryStore;
  readonly #bank: SimulatedBank;
  readonly #history = createHash('sha256');
  readonly #cards: TestCard[] = [];
  /** The first thing that anybody was told about a payment, and every later one. */
  readonly #told = new Map<string, string[]>();
  #process: Process;
  #crashes = 0;

  constructor(settings: WorldSettings) {
    this.#settings = settings;
    this.#random = new SeededRandom(settings.seed);
    this.#store = new MemoryStore({ ...ALL_GUARDS, ...settings.guards });
    this.#bank = new SimulatedBank(this.#random);
    this.#process = this.#start();
  }

  async run(): Promise<WorldReport> {
    const { payments, crashes } = this.#settings;
    for (let index = 0; index < payments; index += 1) {
      this.#clock.after(this.#random.between(0, BUSY_MS), () => void this.#pay(index));
    }
    for (let index = 0; index < crashes; index += 1) {
      this.#clock.after(this.#random.between(0, BUSY_MS), () => this.#crash());
    }
    await this.#pass(BUSY_MS);
    this.#bank.isLineGood = true;
    for (let passedMs = 0; passedMs < QUIET_MS && this.#isOpen(); passedMs += STEP_MS)
      await this.#pass(STEP_MS);
    this.#process.isAlive = false;
    return {
      violations: this.#violations(),
      charges: this.#bank.entries.length,
      crashes: this.#crashes,
      hash: this.#history.digest('hex'),
    };
  }

  /** Lets time pass from timer to timer, and between them everything that needs none. */
  async #pass(ms: number): Promise<void> {
    const untilMs = this.#clock.monotonicMs() + ms;
    await settled();
    for (;;) {
      const nextInMs = this.#clock.nextInMs;
      if (nextInMs === null || this.#clock.monotonicMs() + nextInMs > untilMs) break;
      this.#clock.advance(nextInMs);
      await settled();
    }
    this.#clock.advance(Math.max(0, untilMs - this.#clock.monotonicMs()));
  }

  #start(): Process {
    const process = { isAlive: true } as { isAlive: boolean } & Process;
    // A dead process hears no clock any more.
    const clock: Clock = {
      monotonicMs: () => this.#clock.monotonicMs(),
      wallMs: () => this.#clock.wallMs(),
      after: (ms, task) => this.#clock.after(ms, () => (process.isAlive ? task() : undefined)),
    };
    const pause = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        this.#clock.after(ms, () => (process.isAlive ? resolve() : undefined));
      });
    const journal = new MemoryJournal(
      this.#store,
      () => new Date(this.#clock.wallMs()).toISOString(),
      async () => {
        await pause(this.#random.between(0.1, 4));
        return this.#storeFault();
      },
    );
    const { bank, bankMutation, reconciles } = this.#settings;
    const provider = providerAt(this.#bank, bank, pause, bankMutation ?? 'none');
    const reconciler = new Reconciler({
      journal,
      clock,
      random: this.#random,
      meter: new RecordingMeter(),
      logger: SILENT,
      providerOf: () => provider,
      onSettled: (id, outcome) => this.#tell(id, outcome),
    });
    if (reconciles !== false) reconciler.start();
    return Object.assign(process, { journal, provider, clock, reconciler });
  }

  #crash(): void {
    this.#process.isAlive = false;
    this.#crashes += 1;
    this.#note('crash');
    this.#store.recover(new Date(this.#clock.wallMs()).toISOString());
    this.#process = this.#start();
  }

  async #pay(index: number): Promise<void> {
    const process = this.#process;
    const { journal, provider, clock } = process;
    const payment = paymentRecord({ id: `pay_${index}`, reference: `pay_${index}` });
    this.#store.createPayment(payment);
    const card = new TestCard({ 'payment-card-number': '4539578763621486' });
    this.#cards.push(card);
    if (this.#settings.wipes === false) card.wipe = () => {};
    const run = () =>
      runPayment(
        { journal, provider, clock, random: this.#random, meter: new RecordingMeter(), logger: SILENT },
        payment,
        card,
        'agent',
      );
    // A double click reaches the flow twice only by a bug; the journal must hold against it all the same.
    const runs = index % 5 === 0 ? [run(), run()] : [run()];
    await Promise.all(
      runs.map(async (running) => {
        const outcome = await running;
        // Of two runs, one hears that it must not; which one says nothing of the payment.
        if (process.isAlive && runs.length === 1) this.#tell(payment.id, outcome);
      }),
    );
    if (process.isAlive && !card.isWiped) this.#tell(payment.id, { ...UNWIPED });
  }

  #tell(id: string, { outcome }: Pick<OutcomeRecord, 'outcome'> | typeof UNWIPED): void {
    this.#note(`${id} ${outcome}`);
    this.#told.set(id, [...(this.#told.get(id) ?? []), outcome]);
  }

  #note(text: string): void {
    this.#history.update(`${this.#clock.monotonicMs()} ${text}\n`);
  }

  #storeFault(): StoreFault {
    if (this.#bank.isLineGood) return 'none';
    const draw = this.#random.next();
    if (draw < 0.02) return 'away';
    if (draw < 0.03) return 'lost-before';
    return draw < 0.04 ? 'lost-after' : 'none';
  }

  #isOpen(): boolean {
    const open = ['processing', 'unknown'];
    return [...this.#store.payments.values()].some(({ state }) => open.includes(state));
  }

  #violations(): string[] {
    const violations: string[] = [];
    for (const { id, state } of this.#store.payments.values()) {
      const entries = this.#bank.entries.filter(({ paymentReference }) => paymentReference === id);
      const charges = entries.filter(({ approved }) => approved).length;
      const told = this.#told.get(id) ?? [];
      if (charges > 1) violations.push(`${id} was charged ${charges} times`);
      if (state === 'approved' && charges === 0) violations.push(`${id} is approved and was not charged`);
      if (state !== 'approved' && state !== 'unknown' && charges > 0) {
        violations.push(`${id} is ${state} and was charged`);
      }
      if (this.#mustEnd(entries.length) && (state === 'unknown' || state === 'processing')) {
        violations.push(`${id} is still ${state}`);
      }
      if (told.includes('unwiped')) violations.push(`${id} left its card unwiped`);
      for (const word of told) {
        if (word !== 'unknown' && word !== 'unwiped' && word !== state) {
          violations.push(`${id} was told ${word} and is ${state}`);
        }
      }
    }
    for (const { key } of this.#bank.entries) {
      if (!this.#store.attempts.has(key)) violations.push(`the bank knows ${key}, the journal does not`);
    }
    return violations;
  }

  /** Without a key that the bank recognises, a request that never arrived leaves an outcome to a person. */
  #mustEnd(bankEntries: number): boolean {
    return this.#settings.bank === 'tokens' || bankEntries > 0;
  }
}

const UNWIPED = { outcome: 'unwiped' } as const;

/** Everything that needs no time has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
