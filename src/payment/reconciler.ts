import type { Cancel, Clock } from '../core/clock.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import type { Random } from '../core/random.ts';
import type { Journal, OutcomeRecord, UnknownAttempt } from '../journal/journal.ts';
import { outcomeOf, requestOf } from './attempt-request.ts';
import { backOffMs } from '../core/back-off.ts';
import { tokenResult } from './provider-result.ts';
import { makesTokens } from './provider.ts';
import type { LookUp, PaymentProvider } from './provider.ts';
import { settlingStep } from './settling-step.ts';
import type { SettlingStep } from './settling-step.ts';

export interface ReconcilerDependencies {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Logger;
  /** Null when the profile is not configured any more. */
  readonly providerOf: (profileId: string) => PaymentProvider | null;
  /** An outcome that was unknown is stored; called once for each. */
  readonly onSettled: (paymentId: string, outcome: OutcomeRecord) => void;
}

/** How often the journal is asked which outcomes are unknown. */
const LOOK_MS = 2000;
/** Asked about or repeated at the same time. */
const PARALLEL_MAX = 8;
/** reliability: repeats wait up to 30 s at first; what stays unknown for long is asked about every 5 minutes. */
const BACK_OFF_EARLY = { firstMs: 1000, maxMs: 30_000 };
const BACK_OFF_LATE = { firstMs: 30_000, maxMs: 300_000 };
const EARLY_TRIES = 10;
/** After this long a person should know, whatever the program still does: repeats, which decide, or look-ups. */
const ESCALATE_MS = { repeat: 15 * 60_000, 'look-up': 2 * 60_000, 'take-token': 0, person: 0 };

/** Who writes its outcomes into the audit log. */
const ACTOR = 'reconciler';

/**
 * Settles outcomes that are `unknown`: repeats the charge under the same key while the provider recognises it, asks
 * the provider after that, and goes on asking; a person is asked for when it can do nothing, or nothing has helped
 * (`payments_escalated`, `tonewall payments`). It never gives up, and never charges under a new key.
 *
 * What an operator settles meanwhile is noticed and told too.
 */
export class Reconciler {
  readonly #deps: ReconcilerDependencies;
  readonly #running = new Map<string, Promise<void>>();
  /** What the last look found due: what nobody has tried yet first, so that a crowd of old ones starves none. */
  #due: UnknownAttempt[] = [];
  /** Payments by the key of their unknown attempt, as the journal had them last. */
  #known = new Map<string, string>();
  #stopTimer: Cancel | null = null;
  #looking: Promise<void> | null = null;
  #isClosed = false;

  constructor(deps: ReconcilerDependencies) {
    this.#deps = deps;
  }

  /** Looks at once, and then again and again. */
  start(): void {
    this.#looking = this.#lookAndGoOn();
  }

  /** Stops looking, and waits for what is under way; providers are closed before, so that it ends. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopTimer?.();
    await this.#looking;
    await Promise.all(this.#running.values());
  }

  async #lookAndGoOn(): Promise<void> {
    try {
      await this.#look();
    } catch (error) {
      this.#deps.logger.error('The journal did not say which outcomes are unknown', describeError(error));
    }
    if (this.#isClosed) return;
    this.#stopTimer = this.#deps.clock.after(LOOK_MS, () => {
      this.#looking = this.#lookAndGoOn();
    });
  }

  async #look(): Promise<void> {
    const { journal, clock } = this.#deps;
    // Nothing begins while the journal answers, and what ends meanwhile is not as the answer says.
    this.#due = [];
    const busy = new Set(this.#running.keys());
    const attempts = await journal.unknownAttempts();
    const nowMs = clock.wallMs();
    this.#measure(attempts, nowMs);
    const present = new Map(attempts.map(({ idempotencyKey, paymentId }) => [idempotencyKey, paymentId]));
    for (const [key, paymentId] of this.#known) {
      if (!present.has(key) && !busy.has(key)) await this.#tellSettled(paymentId);
    }
    this.#known = present;
    this.#due = attempts
      .filter(({ idempotencyKey }) => !busy.has(idempotencyKey))
      .filter(({ nextTryAt }) => nextTryAt === null || Date.parse(nextTryAt) <= nowMs)
      .toSorted((a, b) => (a.nextTryAt ?? '').localeCompare(b.nextTryAt ?? ''));
    this.#runDue();
  }

  /** As many as may run at the same time; each that ends makes room for the next. */
  #runDue(): void {
    while (!this.#isClosed && this.#running.size < PARALLEL_MAX) {
      const attempt = this.#due.shift();
      if (attempt === undefined) return;
      this.#run(attempt);
    }
  }

  #run(attempt: UnknownAttempt): void {
    const { idempotencyKey: key, paymentId } = attempt;
    const running = this.#settle(attempt)
      .catch((error: unknown) => {
        this.#deps.logger.error('An unknown outcome was not settled', { paymentId, ...describeError(error) });
      })
      .finally(() => {
        this.#running.delete(key);
        this.#runDue();
      });
    this.#running.set(key, running);
  }

  async #settle(attempt: UnknownAttempt): Promise<void> {
    const { journal, clock, logger, providerOf } = this.#deps;
    const { idempotencyKey: key, paymentId } = attempt;
    const provider = providerOf(attempt.profileId);
    const nowMs = clock.wallMs();
    const step = provider === null ? 'person' : settlingStep(provider.traits, attempt, nowMs);
    const found = await this.#take(step, provider, attempt);
    if (found === 'undecided' || found.outcome === 'unknown') {
      await this.#defer(attempt, step, nowMs);
      return;
    }
    const outcome = outcomeOf(found, attempt);
    await journal.settleAttempt(key, outcome, ACTOR);
    this.#known.delete(key);
    logger.info('An unknown outcome was settled', { paymentId, state: found.outcome });
    this.#deps.onSettled(paymentId, outcome);
  }

  async #take(
    step: SettlingStep,
    provider: PaymentProvider | null,
    attempt: UnknownAttempt,
  ): Promise<LookUp> {
    if (step === 'person' || provider === null) return 'undecided';
    const { token } = attempt;
    if (step === 'take-token' && token !== null) return tokenResult(token);
    const request = requestOf(attempt, attempt);
    if (step === 'repeat' && token !== null && makesTokens(provider)) {
      this.#deps.meter.counter('payment_retries_total', { reason: 'reconcile' }).add(1);
      return provider.charge(request, token, true);
    }
    return (await provider.lookUp?.(request, token)) ?? 'undecided';
  }

  async #defer(attempt: UnknownAttempt, step: SettlingStep, nowMs: number): Promise<void> {
    const { journal, random, logger } = this.#deps;
    const tries = attempt.tries + 1;
    const delayMs =
      tries <= EARLY_TRIES
        ? backOffMs(BACK_OFF_EARLY, attempt.tries, random)
        : backOffMs(BACK_OFF_LATE, tries - EARLY_TRIES, random);
    const needsPerson = nowMs - Date.parse(attempt.begunAt) >= ESCALATE_MS[step];
    if (needsPerson && attempt.escalatedAt === null) {
      logger.error('The outcome of a payment is unknown and needs a person', {
        paymentId: attempt.paymentId,
      });
    }
    await journal.deferAttempt(attempt.idempotencyKey, {
      tries,
      nextTryAt: new Date(nowMs + delayMs).toISOString(),
      escalatedAt: attempt.escalatedAt ?? (needsPerson ? new Date(nowMs).toISOString() : null),
    });
  }

  /** Somebody else settled it: an operator, or a run of this process whose intent had been unclear. */
  async #tellSettled(paymentId: string): Promise<void> {
    const { outcome } = (await this.#deps.journal.payment(paymentId)) ?? { outcome: null };
    if (outcome !== null && outcome.outcome !== 'unknown') this.#deps.onSettled(paymentId, outcome);
  }

  #measure(attempts: readonly UnknownAttempt[], nowMs: number): void {
    const { meter } = this.#deps;
    const oldestMs = Math.min(nowMs, ...attempts.map(({ begunAt }) => Date.parse(begunAt)));
    meter.gauge('payments_unknown', {}).set(attempts.length);
    meter
      .gauge('payments_escalated', {})
      .set(attempts.filter(({ escalatedAt }) => escalatedAt !== null).length);
    meter.gauge('payment_oldest_unknown_seconds', {}).set((nowMs - oldestMs) / 1000);
  }
}
