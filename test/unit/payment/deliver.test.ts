import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/app/system-random.ts';
import type { WireResult } from '../../../src/payment/card-http-client.ts';
import { deliver } from '../../../src/payment/deliver.ts';
import { NO_DETAILS } from '../../../src/payment/provider-result.ts';
import type { ProviderResult } from '../../../src/payment/provider.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { RecordingMeter } from '../../support/recording-meter.ts';

/**
 * Goal: the money rules of repeats. Method: a scripted wire; each step names what one attempt ends in and how long
 * it took.
 */
const APPROVED: ProviderResult = { ...NO_DETAILS, outcome: 'approved', reference: 'ch_1', message: 'ok' };
const DECISION: WireResult = { kind: 'reply', status: 200, body: { decided: true } };
const NO_DECISION: WireResult = { kind: 'reply', status: 502, body: null };
const NOTHING_DONE: WireResult = { kind: 'reply', status: 429, body: null };
const REFUSED: WireResult = { kind: 'not-sent', cause: 'refused' };
const TIMEOUT: WireResult = { kind: 'unclear', cause: 'timeout' };
const RESET: WireResult = { kind: 'unclear', cause: 'reset' };

type Step = readonly [result: WireResult, tookMs: number];

async function run(repeatsMax: number, steps: readonly Step[], isRepeat = false) {
  const clock = new FakeClock();
  const meter = new RecordingMeter();
  const logger = new RecordingLogger();
  const seen: boolean[] = [];
  let attempts = 0;
  const rules = { attemptTimeoutMs: 10_000, connectWindowMs: 10_000, repeatsMax };
  const result = await clock.drive(
    deliver(
      rules,
      { clock, meter, logger, random: systemRandom },
      () => {
        const [wire, tookMs] = steps[Math.min(attempts, steps.length - 1)]!;
        attempts += 1;
        return new Promise((resolve) => clock.after(tookMs, () => resolve(wire)));
      },
      (reply, repeated) => {
        seen.push(repeated);
        if (reply.status === 429) return 'nothing-done';
        return reply.body === null ? null : APPROVED;
      },
      isRepeat,
    ),
  );
  const retries = (reason: string) => meter.value('payment_retries_total', { reason });
  return {
    outcome: result.outcome,
    message: result.message,
    attempts,
    seen,
    tookMs: clock.monotonicMs(),
    retries,
    logged: logger.lines,
  };
}

describe('deliver', () => {
  it('returns the first decision', async () => {
    expect(await run(5, [[DECISION, 100]])).toMatchObject({
      outcome: 'approved',
      attempts: 1,
      seen: [false],
    });
  });

  it('connects again while nothing has left, and says that nothing was repeated', async () => {
    const { outcome, attempts, seen, retries } = await run(0, [
      [REFUSED, 1],
      [REFUSED, 1],
      [DECISION, 100],
    ]);

    expect({ outcome, attempts, seen }).toEqual({ outcome: 'approved', attempts: 3, seen: [false] });
    expect(retries('connect')).toBe(2);
  });

  it('is failed, with proof, when no connect succeeds within ten seconds', async () => {
    const { outcome, attempts, tookMs } = await run(5, [[REFUSED, 1]]);

    expect(outcome).toBe('failed');
    expect(attempts).toBeGreaterThan(4);
    expect(tookMs).toBeLessThanOrEqual(10_000);
  });

  it('is failed after one connect that took the whole time', async () => {
    expect(await run(5, [[{ kind: 'not-sent', cause: 'timeout' }, 10_000]])).toMatchObject({
      outcome: 'failed',
      attempts: 1,
    });
  });

  it.each([
    { name: 'a timeout', wire: TIMEOUT },
    { name: 'a reset', wire: RESET },
    { name: 'an answer without a decision', wire: NO_DECISION },
  ])('is unknown at once after $name when repeats are not safe', async ({ wire }) => {
    expect(await run(0, [[wire, 50]])).toMatchObject({
      outcome: 'unknown',
      message: 'The outcome is being confirmed. Do not take the card again.',
      attempts: 1,
      tookMs: 50,
    });
  });

  it('repeats five times and is then unknown when repeats are safe', async () => {
    const { outcome, attempts, tookMs, retries } = await run(5, [[TIMEOUT, 10_000]]);

    expect({ outcome, attempts }).toEqual({ outcome: 'unknown', attempts: 6 });
    expect(retries('timeout')).toBe(5);
    expect(tookMs).toBeGreaterThanOrEqual(60_000);
    expect(tookMs).toBeLessThanOrEqual(70_000);
  });

  it('takes the decision that a repeat brings, and says that it is a repeat', async () => {
    const { outcome, attempts, seen, retries, logged } = await run(5, [
      [RESET, 5],
      [NO_DECISION, 5],
      [DECISION, 5],
    ]);

    expect({ outcome, attempts, seen }).toEqual({ outcome: 'approved', attempts: 3, seen: [true, true] });
    expect([retries('timeout'), retries('busy')]).toEqual([1, 1]);
    expect(logged.map(({ fields }) => fields)).toEqual([{ code: 'reset' }, { status: 502 }]);
  });

  it('never calls it failed when an earlier attempt may have been acted on', async () => {
    expect(
      await run(5, [
        [TIMEOUT, 10_000],
        [REFUSED, 1],
      ]),
    ).toMatchObject({ outcome: 'unknown', attempts: 6 });
  });

  it('gives a first unclear attempt all its repeats, however long connecting took', async () => {
    const { outcome, attempts } = await run(1, [
      [REFUSED, 4000],
      [REFUSED, 4000],
      [TIMEOUT, 10_000],
      [DECISION, 5],
    ]);

    expect({ outcome, attempts }).toEqual({ outcome: 'approved', attempts: 4 });
  });

  it.each([
    { name: 'failed', steps: [[{ kind: 'not-sent', cause: 'closed' }, 0]] as Step[] },
    { name: 'unknown', steps: [[{ kind: 'unclear', cause: 'closed' }, 0]] as Step[] },
  ])('is $name without another try when the client was closed', async ({ name, steps }) => {
    expect(await run(5, steps)).toMatchObject({ outcome: name, attempts: 1 });
  });

  it('asks again, not as a repeat, when the far end says that it did nothing', async () => {
    const { outcome, attempts, seen } = await run(0, [
      [NOTHING_DONE, 5],
      [DECISION, 5],
    ]);

    expect({ outcome, attempts, seen }).toEqual({ outcome: 'approved', attempts: 2, seen: [false, false] });
  });

  it('is failed when the far end goes on doing nothing, but unknown when it may have acted before', async () => {
    expect(await run(0, [[NOTHING_DONE, 5]])).toMatchObject({ outcome: 'failed' });
    expect(await run(2, [[NOTHING_DONE, 5]], true)).toMatchObject({ outcome: 'unknown', attempts: 3 });
    expect(
      await run(2, [
        [RESET, 5],
        [NOTHING_DONE, 5],
      ]),
    ).toMatchObject({ outcome: 'unknown', attempts: 3 });
  });

  it.each([
    ['1', 1000],
    ['3', 3000],
    // An agent waits: nobody is kept for an hour.
    ['3600', 4000],
  ])('waits for as many seconds as it is told: %s', async (seconds, waitedMs) => {
    const headers = { 'retry-after': seconds };
    const { tookMs } = await run(1, [
      [{ ...NO_DECISION, headers } as WireResult, 0],
      [DECISION, 0],
    ]);

    expect(tookMs).toBe(waitedMs);
  });

  it('waits as it does anyway when it is told nonsense', async () => {
    const headers = { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' };
    const { tookMs } = await run(1, [
      [{ ...NO_DECISION, headers } as WireResult, 0],
      [DECISION, 0],
    ]);

    expect(tookMs).toBeLessThanOrEqual(250);
  });
});
