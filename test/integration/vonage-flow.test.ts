import { afterEach, describe, expect, it } from 'vitest';
import { PhoneScene } from '../support/phone-scene.ts';
import type { PhoneSceneOptions } from '../support/phone-scene.ts';

let scene: PhoneScene;

afterEach(async () => scene.stop());

const EVERY = (['A', 'B', 'C'] as const).flatMap((topology) =>
  (['always', 'payment'] as const).map((join) => ({ topology, join })),
);

/** Opens a payment, keys a card by tones one can hear, and has it charged. */
async function pay(callId: string, legId: string, caller: { press(keys: string): Promise<void> }) {
  const opened = await scene.app.openPayment(callId);
  expect(opened.status).toBe(201);
  const paymentId = opened.body['id'] as string;
  await scene.untilPayment(paymentId, 'capturing');
  const fromMs = performance.now();
  await caller.press('4242424242424242');
  await caller.press('1229');
  await caller.press('123');
  await scene.untilPayment(paymentId, 'ready');
  expect(scene.platform.graph.wasHeard(legId, fromMs, performance.now())).toBe(false);
  const processed = await scene.app.call('POST', `/v1/payments/${paymentId}/process`);
  expect(processed.body['state']).toBe('approved');
}

async function connected(options: PhoneSceneOptions) {
  scene = await PhoneScene.start(options);
  const call = await scene.incoming();
  await scene.untilMedia(call.callId, options.join === 'always' ? 'bridge' : 'direct');
  return call;
}

describe('a payment on a call that the platform carries', () => {
  it.each(EVERY)('is taken with topology $topology, joined $join', async (options) => {
    const { caller, callId, legId } = await connected(options);
    await pay(callId, legId, caller);
    await scene.untilMedia(callId, options.join === 'always' ? 'bridge' : 'direct');
    expect(scene.platform.exchange.faults).toEqual([]);
    expect(scene.platform.rest.refusals).toEqual([]);
    caller.hangUp();
    await scene.agent.gone();
  });
});
