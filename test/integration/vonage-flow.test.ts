import { afterEach, describe, expect, it } from 'vitest';
import { findRecoverableDigits } from '../../src/dsp/recording-verifier.ts';
import type { SimulatedPhone } from '../../src/simulator/vonage/simulated-phone.ts';
import type { SimulatorFaults } from '../../src/simulator/vonage/vonage-simulator.ts';
import { PhoneScene } from '../support/phone-scene.ts';
import type { PhoneSceneOptions } from '../support/phone-scene.ts';

const TOPOLOGIES = ['A', 'B', 'C'] as const;
const CARD = '4242424242424242';
const SECOND_AGENT = 'sip:second@desk.example';

let scene: PhoneScene;

afterEach(async () => scene.stop());

async function start(options: PhoneSceneOptions, faults: SimulatorFaults = {}): Promise<void> {
  scene = await PhoneScene.start(options, faults);
}

/** A caller and an agent who are connected. */
async function connected(options: PhoneSceneOptions) {
  await start(options);
  const call = await scene.incoming();
  await scene.untilMedia(call.callId, options.join === 'always' ? 'bridge' : 'direct');
  return call;
}

async function openPayment(callId: string): Promise<string> {
  const opened = await scene.app.openPayment(callId);
  expect(opened.status).toBe(201);
  const id = opened.body['id'] as string;
  await scene.untilPayment(id, 'capturing');
  return id;
}

async function untilField(paymentId: string, field: string | null): Promise<void> {
  for (;;) {
    const { body } = await scene.app.call('GET', `/v1/payments/${paymentId}`);
    if (body['field'] === field) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Until so many keys of the card number are there. */
async function untilLength(paymentId: string, length: number): Promise<void> {
  for (;;) {
    const { body } = await scene.app.call('GET', `/v1/payments/${paymentId}`);
    const [field] = body['fields'] as { readonly length: number }[];
    if (field?.length === length) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function untilCallerIsHeard(callId: string): Promise<void> {
  for (;;) {
    const { body } = await scene.app.call('GET', `/v1/calls/${callId}`);
    const { caller } = body['legs'] as { readonly caller: { readonly state: string } };
    if (caller.state === 'open') return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function process(paymentId: string): Promise<void> {
  await scene.untilPayment(paymentId, 'ready');
  const { body } = await scene.app.call('POST', `/v1/payments/${paymentId}/process`);
  expect(body['state']).toBe('approved');
}

/** Keys a card that the network tells and does not sound. */
async function payQuietly(callId: string, caller: SimulatedPhone): Promise<void> {
  const id = await openPayment(callId);
  caller.pressSilently(`${CARD}1229123`);
  await process(id);
}

function readableKeys(samples: Int16Array): number {
  return findRecoverableDigits(samples, 16_000).length;
}

describe('a payment on a call that the platform carries', () => {
  it.each(TOPOLOGIES)(
    'is joined, keyed by audible tones, released and retrieved, topology %s',
    async (topology) => {
      const { caller, callId, legId } = await connected({ topology, join: 'payment' });
      const id = await openPayment(callId);
      const fromMs = performance.now();
      const before = scene.agent.heardSamples;
      await caller.press(CARD);
      await caller.press('1229');
      await caller.press('123');
      await process(id);
      expect(scene.platform.graph.wasHeard(legId, fromMs, performance.now())).toBe(false);
      await scene.untilMedia(callId, 'direct');
      expect(readableKeys(scene.agent.heard().subarray(before))).toBe(0);
      // The parties are together again: what the caller says now reaches the agent as it is.
      const after = scene.agent.heardSamples;
      await caller.press('5555');
      await caller.pause(100);
      expect(readableKeys(scene.agent.heard().subarray(after))).toBe(4);
      expect(scene.platform.exchange.faults).toEqual([]);
      expect(scene.platform.rest.refusals).toEqual([]);
    },
  );

  it.each(TOPOLOGIES)('is taken where media is joined from the start, topology %s', async (topology) => {
    const { caller, callId, legId } = await connected({ topology, join: 'always' });
    await payQuietly(callId, caller);
    expect(scene.platform.graph.wasHeard(legId, 0, performance.now())).toBe(false);
    caller.hangUp();
    await scene.agent.gone();
  });

  it.each(TOPOLOGIES)('can be followed by another one, topology %s', async (topology) => {
    const { caller, callId } = await connected({ topology, join: 'payment' });
    await payQuietly(callId, caller);
    // The second one is opened while the first is still being released.
    await payQuietly(callId, caller);
    await scene.untilMedia(callId, 'direct');
    await payQuietly(callId, caller);
    const { body } = await scene.app.call('GET', `/v1/payments?callId=${callId}`);
    expect(body['payments']).toHaveLength(3);
  });

  it.each(TOPOLOGIES)('goes on when the agent hands over during it, topology %s', async (topology) => {
    const { caller, callId, legId } = await connected({ topology, join: 'payment' });
    const second = scene.platform.phone(SECOND_AGENT);
    const id = await openPayment(callId);
    const fromMs = performance.now();
    caller.pressSilently(CARD);
    await untilField(id, 'expiration-date');
    const { status } = await scene.app.call('POST', `/v1/phone-calls/${callId}/transfer`, {
      agent: SECOND_AGENT,
    });
    expect(status).toBe(200);
    await second.connected();
    await scene.agent.gone();
    await scene.untilMedia(callId, 'bridge');
    caller.pressSilently('*1229');
    await untilField(id, 'security-code');
    caller.pressSilently('123');
    await process(id);
    expect(scene.platform.graph.wasHeard(legId, fromMs, performance.now())).toBe(false);
    await scene.untilMedia(callId, 'direct');
    const before = second.heardSamples;
    await caller.press('55');
    await caller.pause(100);
    expect(readableKeys(second.heard().subarray(before))).toBe(2);
  });

  it.each(TOPOLOGIES)(
    'is canceled when the caller hangs up in the middle of a field, topology %s',
    async (topology) => {
      const { caller, callId } = await connected({ topology, join: 'payment' });
      const id = await openPayment(callId);
      caller.pressSilently(CARD.slice(0, 7));
      caller.hangUp();
      await scene.untilPayment(id, 'canceled');
      await scene.agent.gone();
      await scene.until(callId, (call) => call['state'] === 'ended');
      expect(scene.agent.isConnected).toBe(false);
    },
  );

  it.each(TOPOLOGIES)('asks for the field again when its socket is lost, topology %s', async (topology) => {
    const { caller, callId, legId } = await connected({ topology, join: 'payment' });
    const id = await openPayment(callId);
    const fromMs = performance.now();
    caller.pressSilently(CARD.slice(0, 7));
    await untilLength(id, 7);
    const legs = [...scene.platform.exchange.legs.values()];
    scene.platform.exchange.dropSocket(legs.find((leg) => leg.socket !== null)!);
    await untilLength(id, 0);
    await untilCallerIsHeard(callId);
    await scene.untilMedia(callId, 'bridge');
    caller.pressSilently(`*${CARD}`);
    await untilField(id, 'expiration-date');
    caller.pressSilently('1229123');
    await process(id);
    expect(scene.platform.graph.wasHeard(legId, fromMs, performance.now())).toBe(false);
  });
});

describe('a call that the platform carries', () => {
  it.each(TOPOLOGIES)(
    'can be one to a contact, who is rung after the agent, topology %s',
    async (topology) => {
      await start({ topology, join: 'payment' });
      const contact = scene.platform.phone('447700900077');
      const agent = scene.platform.phone('jamie');
      const made = await scene.app.call('POST', '/v1/phone-calls', {
        to: '+447700900077',
        agent: 'app:jamie',
      });
      expect(made).toMatchObject({
        status: 201,
        body: { direction: 'outbound', caller: 'none', agent: 'ringing' },
      });
      await agent.connected();
      await contact.connected();
      const callId = made.body['id'] as string;
      await scene.untilMedia(callId, 'direct');
      await payQuietly(callId, contact);
      expect((await scene.app.call('DELETE', `/v1/calls/${callId}`)).status).toBe(204);
      await Promise.all([agent.gone(), contact.gone()]);
    },
  );

  it.each(['busy', 'declines'] as const)('ends when the agent %s', async (answering) => {
    await start({ topology: 'A', join: 'payment' });
    scene.agent.answering = answering;
    const { caller } = await scene.incoming();
    await caller.gone();
    expect(scene.agent.isConnected).toBe(false);
  });

  it('plays music to a caller who waits, and stops it when the agent is there', async () => {
    const url = 'https://example.com/music.mp3';
    await start({ topology: 'A', join: 'always', environment: { TONEWALL_HOLD_MUSIC_URL: url } });
    scene.agent.answering = 'never';
    const { caller, callId, legId } = await scene.incoming();
    const leg = scene.platform.exchange.legs.get(legId)!;
    while (leg.music !== url) await new Promise((resolve) => setTimeout(resolve, 10));
    scene.platform.phone(SECOND_AGENT);
    await scene.app.call('POST', `/v1/phone-calls/${callId}/transfer`, { agent: SECOND_AGENT });
    while (leg.music !== null) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(caller.isConnected).toBe(true);
  });

  it('waits for its turn when many come at once', async () => {
    await start({ topology: 'A', join: 'always' });
    const calls = await Promise.all(Array.from({ length: 5 }, async () => scene.incoming()));
    for (const { callId } of calls) await scene.untilMedia(callId, 'bridge');
    expect(scene.platform.rest.requests.filter(({ operation }) => operation === 'create')).toHaveLength(5);
  });

  it('is hung up when the server stops', async () => {
    const { caller } = await connected({ topology: 'A', join: 'payment' });
    await scene.app.app.drain(Promise.resolve());
    await Promise.all([caller.gone(), scene.agent.gone()]);
    expect([...scene.platform.exchange.legs.values()].every((leg) => leg.status === 'over')).toBe(true);
  });

  it('is refused without an agent, and when there is no platform', async () => {
    const { callId } = await connected({ topology: 'A', join: 'payment' });
    const transfer = await scene.app.call('POST', `/v1/phone-calls/${callId}/transfer`, { agent: 'nobody' });
    expect(transfer).toMatchObject({ status: 422, body: { code: 'DESTINATION_INVALID' } });
    const unknown = await scene.app.call('GET', '/v1/phone-calls/call_unknown');
    expect(unknown).toMatchObject({ status: 404, body: { code: 'CALL_NOT_FOUND' } });
  });
});

describe('a text message', () => {
  it('is sent by the platform, and its fate is told', async () => {
    await start({ topology: 'A', join: 'always' });
    const { sms } = scene.app.app;
    const told: string[] = [];
    sms!.onStatus((messageId, status) => told.push(`${messageId} ${status}`));
    const { messageId } = await sms!.sendSms('+447700900005', 'Pay here: https://pay.example/pay/abc');
    const [message] = scene.platform.messages;
    expect(message).toMatchObject({
      messageId,
      to: '447700900005',
      text: 'Pay here: https://pay.example/pay/abc',
    });
    await scene.platform.reportMessage(message!, 'submitted');
    await scene.platform.reportMessage(message!, 'delivered');
    expect(told).toEqual([`${messageId} submitted`, `${messageId} delivered`]);
    expect(scene.app.lines.join('')).not.toContain('447700900005');
  });

  it('that the platform does not take is an error of ours, without what it was about', async () => {
    await start({ topology: 'A', join: 'always' }, { request: () => 'fail' });
    const sent = scene.app.app.sms!.sendSms('447700900005', 'secret text');
    await expect(sent).rejects.toMatchObject({ code: 'SMS_NOT_SENT' });
    expect(scene.app.lines.join('')).not.toMatch(/secret text|447700900005|Bearer/);
  });
});
