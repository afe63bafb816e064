import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import type { Random } from '../core/random.ts';
import { backOffMs, pause } from '../core/back-off.ts';
import type { WireResult } from './card-http-client.ts';
import { NOT_SENT, UNKNOWN } from './provider-result.ts';
import type { ProviderResult } from './provider.ts';

/** How long and how often one request is tried. */
export interface DeliveryRules {
  /** The wait for one answer, connect included. */
  readonly attemptTimeoutMs: number;
  /** How long connecting is tried again while nothing has left. */
  readonly connectWindowMs: number;
  /** Repeats after an attempt on which the far end may have acted; 0 unless it recognises the key. */
  readonly repeatsMax: number;
}

export interface DeliveryDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Logger;
}

export type Reply = Extract<WireResult, { kind: 'reply' }>;

/** Why a delivery ended without a decision: proof that nothing was done, or the far end may have acted. */
export type Undelivered = 'nothing-done' | 'unclear';

/**
 * What an adapter reads in a reply: the decision; `nothing-done` when the far end says that it did not act on this
 * attempt and may be asked again; null when it may have acted.
 */
export type Reading<T> = T | 'nothing-done' | null;

const BACK_OFF = { firstMs: 250, maxMs: 4000 };
/** A far end may ask for a longer pause than ours, but an agent waits: beyond this its wish is not granted. */
const RETRY_AFTER_MS_MAX = 4000;

/**
 * Sends one request, always under the same key, until its outcome is clear or the rules forbid another try:
 *
 * | so far            | this attempt            | then                                           |
 * |-------------------|-------------------------|------------------------------------------------|
 * | anything          | explicit decision       | that decision                                  |
 * | nothing done      | not sent, nothing done  | again inside the window, then `nothing-done`   |
 * | anything          | no decision, repeatable | again, then `unclear`                          |
 * | may have acted    | not sent, nothing done  | again, then `unclear`                          |
 *
 * `read` returns what a reply says; `repeated` tells it that an earlier attempt may have been acted on, so that the
 * answer "duplicate" is no decision. `isRepeat`: that is so from the start.
 */
export async function deliverUntil<T extends object>(
  rules: DeliveryRules,
  { clock, random, meter, logger }: DeliveryDependencies,
  send: (timeoutMs: number) => Promise<WireResult>,
  read: (reply: Reply, repeated: boolean) => Reading<T>,
  isRepeat = false,
): Promise<T | Undelivered> {
  const connectUntilMs = clock.monotonicMs() + rules.connectWindowMs;
  let mayHaveActed = isRepeat;
  let repeats = 0;
  for (let tries = 0; ; tries += 1) {
    const result = await send(rules.attemptTimeoutMs);
    const reading = result.kind === 'reply' ? read(result, mayHaveActed) : null;
    if (reading !== null && reading !== 'nothing-done') return reading;
    logger.warn(
      'A payment provider gave no decision',
      result.kind === 'reply' ? { status: result.status } : { code: result.cause },
    );

    mayHaveActed ||= result.kind !== 'not-sent' && reading !== 'nothing-done';
    const pauseMs = Math.max(backOffMs(BACK_OFF, tries, random), retryAfterMs(result));
    const again = mayHaveActed ? repeats < rules.repeatsMax : clock.monotonicMs() + pauseMs < connectUntilMs;
    if (!again || isClosed(result)) return mayHaveActed ? 'unclear' : 'nothing-done';

    if (mayHaveActed) repeats += 1;
    meter.counter('payment_retries_total', { reason: reasonOf(result) }).add(1);
    await pause(clock, pauseMs);
  }
}

/** `deliverUntil` for a request that ends a payment: without a decision it is `failed`, with proof, or `unknown`. */
export async function deliver(
  ...[rules, dependencies, send, read, isRepeat]: Parameters<typeof deliverUntil<ProviderResult>>
): Promise<ProviderResult> {
  const result = await deliverUntil(rules, dependencies, send, read, isRepeat);
  if (result === 'nothing-done') return NOT_SENT;
  return result === 'unclear' ? UNKNOWN : result;
}

/** The pause that a reply asks for, in seconds (RFC 9110, 10.2.3; its other form, a date, is not used for this). */
function retryAfterMs(result: WireResult): number {
  const seconds =
    result.kind === 'reply' ? /^\d{1,4}$/.exec(result.headers?.['retry-after'] ?? '')?.[0] : undefined;
  return Math.min(RETRY_AFTER_MS_MAX, Number(seconds ?? 0) * 1000);
}

function isClosed(result: WireResult): boolean {
  return result.kind !== 'reply' && result.cause === 'closed';
}

function reasonOf(result: WireResult): 'connect' | 'timeout' | 'busy' {
  if (result.kind === 'reply') return 'busy';
  return result.kind === 'not-sent' ? 'connect' : 'timeout';
}
