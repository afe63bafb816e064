import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRecoverableDigits } from '../../src/dsp/recording-verifier.ts';
import { keyTone } from '../../src/simulator/key-tones.ts';
import { Leg } from '../acceptance/driver/leg.ts';
import { keyPress } from '../support/leg-client-audio.ts';
import { LegClient } from '../support/leg-client.ts';
import { keyCard, RunningApp } from '../support/running-app.ts';

const RATE = 8000;
const FRAME = RATE / 50;

/**
 * Goal: with media in worker processes a call is what it is without, and a worker that dies takes its own calls'
 * sockets along and nothing else.
 * Method: the running product with two workers; one of them is killed.
 */
let app: RunningApp;
beforeEach(async () => {
  app = await RunningApp.start({ TONEWALL_WORKERS: '2', TONEWALL_OVERLOAD_LATENESS_MS: '1000' });
});
afterEach(() => app.stop());

/** The processes that this one has started: the workers, while nothing else runs. */
function workerPids(): number[] {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
  return children
    .split(' ')
    .filter((pid) => pid !== '')
    .map(Number);
}

async function echo(leg: LegClient, frames = 5): Promise<void> {
  const count = leg.messages.length;
  leg.sendSamples(new Int16Array(frames * FRAME), FRAME);
  await leg.messagesReceived(count + frames);
}

async function untilMetric(line: string): Promise<void> {
  await expect
    .poll(async () => (await (await fetch(`${app.app.url}/metrics`)).text()).split('\n'), { timeout: 20_000 })
    .toContain(line);
}

describe('media in workers', () => {
  it('masks and captures a card from tones, and charges it', async () => {
    const { body: call } = await app.call('POST', '/v1/calls', { topology: 'loopback', sampleRate: RATE });
    const { uri } = (call['legs'] as { readonly caller: { readonly uri: string } }).caller;
    const leg = await Leg.open(uri, RATE);
    const { body } = await app.openPayment(call['id'] as string);
    const paymentId = body['id'] as string;
    await app.untilState(paymentId, 'capturing');
    const said = Int16Array.from(
      '4242424242424242#1229123'.split('').flatMap((key) => [...keyTone(key, RATE)]),
    );
    await leg.play([...said]);
    await app.untilState(paymentId, 'ready');
    const { body: processed } = await app.call('POST', `/v1/payments/${paymentId}/process`);
    expect(processed).toMatchObject({ state: 'approved', result: { last4: '4242' } });
    await leg.close();
    expect(leg.heard.length).toBeGreaterThan(said.length / 2);
    expect(findRecoverableDigits(Int16Array.from(leg.heard), RATE)).toEqual([]);
    expect(findRecoverableDigits(said, RATE)).toHaveLength(24);
  });

  it('carries both legs of a call, and counts what every process counts', async () => {
    const { body } = await app.call('POST', '/v1/calls', { topology: 'two-leg', sampleRate: RATE });
    const legs = body['legs'] as Record<'caller' | 'agent', { readonly uri: string }>;
    const caller = await LegClient.connect(legs.caller.uri, RATE);
    const agent = await LegClient.connect(legs.agent.uri, RATE);
    await untilMetric('tonewall_media_connections{leg="agent"} 1');
    // The agent's first message may still be on its way when the caller's frames come.
    agent.sendSamples(new Int16Array(FRAME).fill(99), FRAME);
    expect([...(await caller.samplesReceived(1))]).toEqual(Array(FRAME).fill(99));
    caller.sendSamples(new Int16Array(10 * FRAME), FRAME);
    await agent.messagesReceived(10);
    await untilMetric('tonewall_media_frames_total{leg="agent",dir="out"} 10');
    expect((await app.call('GET', `/v1/calls/${body['id'] as string}`)).body).toMatchObject({
      legs: { caller: { state: 'open', sampleRate: RATE }, agent: { state: 'open', sampleRate: RATE } },
      masking: 'armed',
    });
    await app.call('DELETE', `/v1/calls/${body['id'] as string}`);
    expect((await agent.closed).code).toBe(1000);
  });

  it('loses the sockets of a killed worker only, empties the field, and takes the call back', async () => {
    const calls = [await app.openCall(), await app.openCall()];
    for (const { leg } of calls) await echo(leg);
    const payments: string[] = [];
    for (const { id, leg } of calls) {
      const { body } = await app.openPayment(id);
      payments.push(body['id'] as string);
      await app.untilState(body['id'] as string, 'capturing');
      for (const key of '42424242') leg.tellKey(key);
    }
    const lengthOf = async (n: number): Promise<unknown> => {
      const { body } = await app.call('GET', `/v1/payments/${payments[n]}`);
      return (body['fields'] as { readonly length: number }[])[0]?.length;
    };
    for (const n of [0, 1]) await expect.poll(() => lengthOf(n)).toBe(8);

    const [killed = 0] = workerPids();
    process.kill(killed, 'SIGKILL');
    const lost = await Promise.race(calls.map(({ leg }, n) => leg.closed.then(() => n)));
    const kept = 1 - lost;
    await echo(calls[kept]!.leg);
    await expect.poll(() => lengthOf(lost)).toBe(0);
    expect(await lengthOf(kept)).toBe(8);

    await expect.poll(() => workerPids().filter((pid) => pid !== killed).length).toBe(2);
    const renewed = await app.call('POST', `/v1/calls/${calls[lost]!.id}/legs/caller/renew`);
    const leg = await LegClient.connect(renewed.body['uri'] as string, RATE);
    await echo(leg);
    keyCard(leg, '4242424242424242');
    expect(await app.untilState(payments[lost]!, 'ready')).toMatchObject({ state: 'ready' });
    leg.sendSamples(keyPress('5', RATE), FRAME);
    const heard = await leg.samplesReceived(30);
    expect(findRecoverableDigits(heard, RATE)).toEqual([]);
  });

  it('takes in a hundred legs that dial at the same time', async () => {
    const calls = await Promise.all(Array.from({ length: 100 }, () => app.openCall()));
    await Promise.all(calls.map(({ leg }) => echo(leg)));
    await untilMetric('tonewall_media_connections{leg="caller"} 100');
    expect(calls.every(({ leg }) => leg.messages.length === 5)).toBe(true);
  });

  it('kills a worker that is stuck, so that its calls can be dialled again', async () => {
    // A call on each, so that both are up: one that is still starting is given four times as long.
    const calls = [await app.openCall(), await app.openCall()];
    for (const { leg } of calls) await echo(leg);
    const stuck = workerPids();
    for (const pid of stuck) process.kill(pid, 'SIGSTOP');
    for (const { leg } of calls) expect((await leg.closed).code).toBe(1006);
    await untilMetric('tonewall_media_workers_lost_total 2');
    const { leg: next } = await app.openCall();
    await echo(next);
  }, 180_000);

  it('leaves no process behind', async () => {
    const own = await RunningApp.start({ TONEWALL_WORKERS: '2' });
    const { leg } = await own.openCall();
    await echo(leg);
    const pids = workerPids();
    await own.stop();
    expect((await leg.closed).code).toBe(1000);
    expect(workerPids().length).toBe(pids.length - 2);
  });
});
