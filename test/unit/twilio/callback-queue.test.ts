import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/app/system-random.ts';
import type { PostResult } from '../../../src/twilio/callback-client.ts';
import { CallbackQueue } from '../../../src/twilio/callback-queue.ts';
import type { Callback } from '../../../src/twilio/callback-queue.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { RecordingMeter } from '../../support/recording-meter.ts';

const URL_A = new URL('https://merchant.example/a');
const OK: PostResult = { type: 'answered', status: 200 };

/** A receiver that answers when the test says so. */
function setUp() {
  const clock = new FakeClock();
  const meter = new RecordingMeter();
  const bodies: string[] = [];
  const answers: ((result: PostResult) => void)[] = [];
  const queue = new CallbackQueue(
    {
      clock,
      meter,
      logger: new RecordingLogger(),
      random: systemRandom,
      authToken: 'token',
      post: (_url, _headers, body) => {
        bodies.push(body);
        return new Promise((resolve) => answers.push(resolve));
      },
    },
    'pay_a',
  );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    clock,
    meter,
    bodies,
    queue,
    answer: async (result: PostResult) => {
      answers.shift()?.(result);
      await turn();
    },
  };
}

function partial(shown: string, capture = 'security-code'): Callback {
  return { url: URL_A, form: { Capture: capture, SecurityCode: shown }, isPartial: true };
}

function whole(name: string): Callback {
  return { url: URL_A, form: { Name: name }, isPartial: false };
}

describe('CallbackQueue', () => {
  it('sends one after the other, and of waiting partial ones of a field the newest', async () => {
    const { queue, bodies, answer } = setUp();
    for (const callback of [whole('a'), partial('x'), partial('xx'), partial('x', 'postal-code'), whole('b')])
      queue.push(callback);
    for (let count = 0; count < 4; count += 1) await answer(OK);
    expect(bodies).toEqual([
      'Name=a',
      'Capture=security-code&SecurityCode=xx',
      'Capture=postal-code&SecurityCode=x',
      'Name=b',
    ]);
    await queue.settled();
    queue.push(whole('c'));
    expect(bodies.at(-1)).toBe('Name=c');
  });

  it.each<PostResult>([
    { type: 'failed', code: 'TIMEOUT' },
    { type: 'answered', status: 500 },
    { type: 'answered', status: 429 },
  ])('tries three times after %o, then goes on with the next', async (result) => {
    const { queue, bodies, answer, clock, meter } = setUp();
    queue.push(whole('a'));
    queue.push(whole('b'));
    await answer(result);
    clock.advance(499);
    expect(bodies).toHaveLength(1);
    clock.advance(1);
    await answer(result);
    await answer(result);
    clock.advance(2000);
    await answer(result);
    await answer(result);
    expect(bodies).toEqual(['Name=a', 'Name=a', 'Name=a', 'Name=b']);
    expect(meter.value('status_callbacks_total', { result: 'failed' })).toBe(1);
  });

  it.each<PostResult>([
    { type: 'answered', status: 404 },
    { type: 'answered', status: 302 },
    { type: 'failed', code: 'ADDRESS_FORBIDDEN' },
  ])('does not repeat after %o', async (result) => {
    const { queue, bodies, answer } = setUp();
    queue.push(whole('a'));
    queue.push(whole('b'));
    await answer(result);
    expect(bodies).toEqual(['Name=a', 'Name=b']);
  });

  it('keeps fifty behind a receiver that does not answer, partial ones last', async () => {
    const { queue, bodies, answer, meter } = setUp();
    queue.push(whole('first'));
    queue.push(whole('second'));
    queue.push(partial('x'));
    for (let count = 0; count < 49; count += 1) queue.push(whole(String(count)));
    expect(meter.value('status_callbacks_total', { result: 'dropped' })).toBe(1);
    for (let count = 0; count < 60; count += 1) await answer(OK);
    expect(bodies).toHaveLength(51);
    expect(bodies[1]).toBe('Name=second');
    expect(bodies.at(-1)).toBe('Name=48');
  });

  it('blots out what looks like a card number', async () => {
    const { queue, bodies, meter } = setUp();
    queue.push(whole('paid with 4111 1111 1111 1111'));
    expect(bodies[0]).not.toContain('1111');
    expect(meter.value('digit_leak_blocked_total', { sink: 'http' })).toBe(1);
  });
});
