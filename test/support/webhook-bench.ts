import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cancel, Clock } from '../../src/core/clock.ts';
import type { OutcomeRecord } from '../../src/journal/journal.ts';
import type { DeliveryUpdate } from '../../src/journal/outbox.ts';
import { openSqliteStore } from '../../src/journal/sqlite-store.ts';
import type { SqliteStore } from '../../src/journal/sqlite-store.ts';
import { WebhookSender } from '../../src/webhooks/webhook-sender.ts';
import type { PostWebhook, WebhookReply, WebhookRequest } from '../../src/webhooks/webhook-post.ts';
import { FakeClock } from './fake-clock.ts';
import { paymentRecord } from './payment-record.ts';
import { RecordingLogger } from './recording-logger.ts';
import { RecordingMeter } from './recording-meter.ts';

/** What the receiver does with one message. `lost`: it takes it, and its answer does not come back. */
export type ReceiverAct =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly delayMs?: number;
      readonly retryAfterMs?: number;
    }
  | { readonly kind: 'lost'; readonly delayMs?: number }
  | { readonly kind: 'stall' };

export interface Arrival {
  readonly id: string;
  readonly request: WebhookRequest;
  readonly atMs: number;
}

export const KEYS = [new Uint8Array(32).fill(7)];

/** A run of the sender that can be killed: then nothing of it ever happens again. */
interface Run {
  readonly sender: WebhookSender;
  isAlive: boolean;
}

/** The sender on a real store, a receiver that does as it is told, and a clock that the test moves. */
export class WebhookBench {
  readonly clock = new FakeClock();
  readonly meter = new RecordingMeter();
  readonly logger = new RecordingLogger();
  readonly store: SqliteStore;
  readonly arrivals: Arrival[] = [];
  /** One for each message that arrives; when there is none left, 204. */
  readonly acts: ReceiverAct[] = [];
  /** Instead of all others, while set. */
  always: ReceiverAct | null = null;
  /** Updates that the store refuses, as on a full disk. */
  updatesToFail = 0;
  open = 0;
  mostOpen = 0;
  readonly #folder: string;
  #run: Run;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'tonewall-webhooks-'));
    this.store = openSqliteStore(join(this.#folder, 'journal.db'), null, true);
    this.#run = this.#start();
  }

  get now(): string {
    return new Date(this.clock.wallMs()).toISOString();
  }

  /** Opens a payment and begins to charge it. */
  openPayment(id: string, reference = 'order-17'): void {
    this.store.createPayment(paymentRecord({ id, reference, createdAt: this.now, updatedAt: this.now }));
    const intent = { idempotencyKey: `att_${id}`, paymentId: id, token: null } as const;
    this.store.beginAttempt(
      { ...intent, operation: 'charge', amountMinor: 4250, currency: 'GBP' },
      'agent',
      this.now,
    );
  }

  settle(id: string, outcome: OutcomeRecord['outcome']): void {
    this.store.settleAttempt(`att_${id}`, outcomeRecord(outcome), 'agent', this.now);
  }

  /** Moves time on, from timer to timer, so that everything in between happens. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.clock.monotonicMs() + ms;
    await turn();
    while (this.clock.monotonicMs() < untilMs) {
      const leftMs = untilMs - this.clock.monotonicMs();
      this.clock.advance(Math.min(this.clock.nextInMs ?? leftMs, leftMs));
      await turn();
    }
  }

  /** Moves time on in steps as if the machine had slept in between: the sender looks once in each. */
  async skip(ms: number, stepMs: number): Promise<void> {
    await turn();
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      this.clock.advance(stepMs);
      await turn();
    }
  }

  /** Ends the sender as SIGTERM does; resolves when it has ended. */
  async stop(): Promise<void> {
    await this.clock.drive(this.#run.sender.close());
    this.#run.isAlive = false;
  }

  async restart(how: 'stop' | 'kill'): Promise<void> {
    if (how === 'stop') await this.stop();
    this.#run.isAlive = false;
    this.#run = this.#start();
    await turn();
  }

  async dispose(): Promise<void> {
    if (this.#run.isAlive) await this.stop();
    this.store.close();
    rmSync(this.#folder, { recursive: true });
  }

  #start(): Run {
    let run: Run | null = null;
    const isAlive = (): boolean => run?.isAlive ?? true;
    const whileAlive = async <T>(work: () => T | Promise<T>): Promise<T> => {
      if (!isAlive()) return new Promise<never>(() => undefined);
      const value = await work();
      return isAlive() ? value : new Promise<never>(() => undefined);
    };
    const clock: Clock = {
      monotonicMs: () => this.clock.monotonicMs(),
      wallMs: () => this.clock.wallMs(),
      after: (delayMs, task): Cancel => this.clock.after(delayMs, () => isAlive() && task()),
    };
    const sender = new WebhookSender({
      clock,
      random: { bytes: (count) => new Uint8Array(count).fill(128) },
      meter: this.meter,
      logger: this.logger,
      keys: KEYS,
      journal: {
        outbox: () => whileAlive(() => this.store.outbox(this.now)),
        updateDelivery: (seq, update) => whileAlive(() => this.#update(seq, update)),
        pruneOutbox: (before) => whileAlive(() => this.store.pruneOutbox(before)),
      },
      post: (request, signal) => whileAlive(() => this.#receive(request, signal)),
    });
    run = { sender, isAlive: true };
    sender.start();
    return run;
  }

  #update(seq: number, update: DeliveryUpdate): void {
    if (this.updatesToFail > 0) {
      this.updatesToFail -= 1;
      throw new Error('the disk is full');
    }
    this.store.updateDelivery(seq, update, this.now);
  }

  #receive: PostWebhook = async (request, signal) => {
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    const act = this.always ?? this.acts.shift() ?? { kind: 'answer', status: 204 };
    this.arrivals.push({ id: request.headers['webhook-id'] ?? '', request, atMs: this.clock.monotonicMs() });
    const cut = new Promise<WebhookReply>((resolve) => {
      signal.addEventListener('abort', () => resolve({ kind: 'no-answer', code: null }));
    });
    const reply = await (act.kind === 'stall' ? cut : Promise.race([cut, this.#reply(act)]));
    this.open -= 1;
    return reply;
  };

  async #reply(act: Exclude<ReceiverAct, { kind: 'stall' }>): Promise<WebhookReply> {
    const { delayMs } = act;
    if (delayMs !== undefined) await new Promise<void>((resolve) => this.clock.after(delayMs, resolve));
    if (act.kind === 'lost') return { kind: 'no-answer', code: 'ECONNRESET' };
    return { kind: 'answered', status: act.status, retryAfterMs: act.retryAfterMs ?? null };
  }
}

export function outcomeRecord(outcome: OutcomeRecord['outcome']): OutcomeRecord {
  return {
    outcome,
    providerReference: 'ch_1',
    brand: 'visa',
    last4: '1111',
    declineCode: null,
    message: 'The payment has ended.',
  };
}

/** Everything that needs no time is done. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
