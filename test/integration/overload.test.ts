import { afterEach, describe, expect, it } from 'vitest';
import { findRecoverableDigits } from '../../src/dsp/recording-verifier.ts';
import { keyPress } from '../support/leg-client-audio.ts';
import { RunningApp } from '../support/running-app.ts';

const RATE = 8000;
const FRAME = RATE / 50;

let app: RunningApp;
let isBusy = false;
afterEach(async () => {
  isBusy = false;
  await app.stop();
});

/** Keeps the event loop busy for 90 ms at a time: far more than the 50 ms that a frame may wait. */
function overload(): void {
  isBusy = true;
  const turn = (): void => {
    if (!isBusy) return;
    const until = performance.now() + 90;
    while (performance.now() < until);
    setImmediate(turn);
  };
  turn();
}

async function untilStatus(status: number): Promise<Record<string, unknown>> {
  for (;;) {
    const answer = await app.call('POST', '/v1/calls', { topology: 'loopback', sampleRate: RATE });
    if (answer.status === status) return answer.body;
  }
}

/**
 * Goal: a server without time to spare refuses what is new and goes on with what it has.
 * Method: the event loop of the running product is blocked again and again while a caller keys.
 */
describe('an overloaded server', () => {
  it('refuses new calls with a code, is not ready and says why, and takes calls again afterwards', async () => {
    app = await RunningApp.start();
    overload();
    expect(await untilStatus(503)).toMatchObject({ code: 'OVERLOADED' });
    const ready = await fetch(`${app.app.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'not-ready', reasons: ['overload'] }]);
    expect((await fetch(`${app.app.url}/healthz`)).status).toBe(200);
    isBusy = false;
    expect(await untilStatus(201)).toHaveProperty('id');
  });

  it('answers every frame of an open call, without a readable key', async () => {
    app = await RunningApp.start();
    const { leg } = await app.openCall();
    overload();
    const keys = Int16Array.from('55531290'.split('').flatMap((key) => [...keyPress(key, RATE)]));
    // 200 frames, faster than in real time: as many as a leg may send at once after a jam.
    for (let at = 0; at < keys.length; at += 10 * FRAME) {
      leg.sendSamples(keys.subarray(at, at + 10 * FRAME), FRAME);
      await leg.messagesReceived((at + 10 * FRAME) / FRAME);
    }
    const heard = await leg.samplesReceived(keys.length / FRAME);
    expect(findRecoverableDigits(heard, RATE)).toEqual([]);
    // The same search finds the keys in what was sent.
    expect(findRecoverableDigits(keys, RATE)).toHaveLength(8);
    await untilStatus(503);
  });
});
