import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import type { Random } from '../core/random.ts';
import { backOffMs, pause } from './back-off.ts';
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

const BACK_OFF = { firstMs: 250, maxMs: 4000 };

/**
 * Sends one request, always under the same key, until its outcome is clear or the rules forbid another try:
 *
 * | so far            | this attempt            | then                                    |
 * |-------------------|-------------------------|-----------------------------------------|
 * | anything          | explicit decision       | that decision                           |
 * | nothing left      | not sent                | again inside the window, then `failed`  |
 * | anything          | no decision, repeatable | again, then `unknown`                   |
 * | may have acted    | not sent                | again, then `unknown`                   |
 *
 * `read` returns the decision in a reply, or null if there is none; `repeated` tells it that an earlier attempt
 * may have been acted on, so that the answer "duplicate" is no decision. `isRepeat`: that is so from the start.
 */
export async function deliver(
  rules: DeliveryRules,
  { clock, random, meter, logger }: DeliveryDependencies,
  send: (timeoutMs: number) => Promise<WireResult>,
  read: (reply: Reply, repeated: boolean) => ProviderResult | null,
  isRepeat = false,
): Promise<ProviderResult> {
  const connectUntilMs = clock.monotonicMs() + rules.connectWindowMs;
  let mayHaveActed = isRepeat;
  let repeats = 0;
  for (let tries = 0; ; tries += 1) {
    const result = await send(rules.attemptTimeoutMs);
    const decision = result.kind === 'reply' ? read(result, mayHaveActed) : null;
    if (decision !== null) return decision;
    logger.warn(
      'A payment provider gave no decision',
      result.kind === 'reply' ? { status: result.status } : { code: result.cause },
    );

    mayHaveActed ||= result.kind !== 'not-sent';
    const pauseMs = backOffMs(BACK_OFF, tries, random);
    const again = mayHaveActed ? repeats < rules.repeatsMax : clock.monotonicMs() + pauseMs < connectUntilMs;
    if (!again || isClosed(result)) return mayHaveActed ? UNKNOWN : NOT_SENT;

    if (mayHaveActed) repeats += 1;
    meter.counter('payment_retries_total', { reason: reasonOf(result) }).add(1);
    await pause(clock, pauseMs);
  }
}

function isClosed(result: WireResult): boolean {
  return result.kind !== 'reply' && result.cause === 'closed';
}

function reasonOf(result: WireResult): 'connect' | 'timeout' | 'busy' {
  if (result.kind === 'reply') return 'busy';
  return result.kind === 'not-sent' ? 'connect' : 'timeout';
}
