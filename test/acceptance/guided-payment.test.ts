import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeWithSpandsp, spandspMissing } from '../support/dsp/spandsp.ts';
import { EventStream } from './driver/event-stream.ts';
import { keyed } from './driver/keypad.ts';
import { Leg } from './driver/leg.ts';
import { PayConnector } from './driver/pay-connector.ts';
import { Product } from './driver/product.ts';

/**
 * Goal: the product's main job, seen from outside. Method: the server runs as `npm start` runs it; a driver that
 * knows only the contract opens the legs, keys a card, processes it and reads what the Generic Pay Connector got;
 * SpanDSP listens to everything the agent's leg heard.
 */
const CARD = '5555341244441115';
const CODE = '927';
const EXPIRY = '1229';
const POSTCODE = '94111';

const PROFILE = {
  id: 'card-gbp',
  name: 'Card payment (GBP)',
  method: 'guided',
  operation: 'charge',
  currency: 'GBP',
  fields: ['payment-card-number', 'expiration-date', 'security-code', 'postal-code'],
  brands: ['visa', 'mastercard', 'amex'],
  firstDigitTimeoutSeconds: 60,
  interDigitTimeoutSeconds: 20,
  maxAttempts: 3,
};

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function startProduct(): Promise<{ product: Product; connector: PayConnector }> {
  const connector = await PayConnector.open();
  cleanUps.push(() => connector.close());
  const provider = {
    kind: 'generic-pay-connector',
    url: connector.url,
    username: 'merchant',
    passwordEnv: 'PSP_PASSWORD',
    idempotent: true,
  };
  const product = await Product.start([{ ...PROFILE, provider }], { PSP_PASSWORD: 'open-sesame' });
  cleanUps.push(() => product.stop());
  return { product, connector };
}

async function openLegs(product: Product, topology: string, callerRate: number, agentRate: number) {
  const call = await product.call('POST', '/v1/calls', {
    topology,
    sampleRate: callerRate,
    reference: 'order 17',
  });
  expect(call.status).toBe(201);
  const legs = call.json['legs'] as Record<string, { uri: string }>;
  const open = async (leg: string, rate: number) => {
    const opened = await Leg.open(legs[leg]?.uri ?? '', rate);
    cleanUps.push(() => opened.close());
    return opened;
  };
  // The agent listens before the caller's first frame. In the loopback topology the platform routes the caller's own
  // socket to the agent.
  const listening = topology === 'loopback' ? undefined : await open('agent', agentRate);
  const caller = await open('caller', callerRate);
  const agent = listening ?? caller;
  return { callId: call.json['id'] as string, caller, agent };
}

async function keyTheCard(caller: Leg, events: EventStream): Promise<void> {
  for (const [field, keys] of [
    ['payment-card-number', CARD],
    ['expiration-date', EXPIRY],
    ['security-code', CODE],
    ['postal-code', `${POSTCODE}#`],
  ] as const) {
    await events.next('payment-state', (data) => data['field'] === field);
    await caller.play(keyed(keys, caller.rate));
    await events.next('field-complete', (data) => data['field'] === field);
  }
  await events.next('payment-state', (data) => data['state'] === 'ready');
}

async function payOnce(topology: string, callerRate: number, agentRate: number) {
  const { product, connector } = await startProduct();
  const { callId, caller, agent } = await openLegs(product, topology, callerRate, agentRate);
  const opened = await product.call(
    'POST',
    '/v1/payments',
    {
      callId,
      profileId: 'card-gbp',
      payee: 'Jo Smith',
      interactionType: 'call',
      amount: '42.50',
      currency: 'GBP',
    },
    { 'idempotency-key': `order-17-${callerRate}` },
  );
  expect(opened.status).toBe(201);
  const events = await EventStream.open(
    opened.json['eventsUrl'] as string,
    opened.json['agentToken'] as string,
  );
  cleanUps.push(() => events.close());
  await keyTheCard(caller, events);
  const processed = await product.call('POST', `/v1/payments/${opened.json['id'] as string}/process`);
  expect(processed.status).toBe(200);
  const result = await events.next('payment-result');
  await caller.silence(200);
  return { product, connector, events, result, caller, agent };
}

describe.each([
  { topology: 'two-leg', callerRate: 8000, agentRate: 8000 },
  { topology: 'two-leg', callerRate: 16000, agentRate: 16000 },
  { topology: 'two-leg', callerRate: 24000, agentRate: 24000 },
  { topology: 'two-leg', callerRate: 8000, agentRate: 16000 },
  { topology: 'loopback', callerRate: 16000, agentRate: 16000 },
])('a guided payment, $topology, caller at $callerRate Hz, agent at $agentRate Hz', (setting) => {
  it('charges exactly the keyed digits and lets the agent hear none', async ({ skip }) => {
    const { topology, callerRate, agentRate } = setting;
    const { product, connector, events, result, caller, agent } = await payOnce(
      topology,
      callerRate,
      agentRate,
    );

    expect(connector.requests).toHaveLength(1);
    expect(connector.requests[0]?.authorization).toBe(`Basic ${btoa('merchant:open-sesame')}`);
    expect(connector.requests[0]?.body).toMatchObject({
      method: 'charge',
      cardnumber: CARD,
      expiry_month: '12',
      expiry_year: '29',
      cvv: CODE,
      postal_code: POSTCODE,
      amount: '42.50',
      currency_code: 'GBP',
    });
    expect(result.data).toMatchObject({
      outcome: 'approved',
      reference: 'ch_1',
      brand: 'mastercard',
      last4: '1115',
    });

    const progress = events.events.filter((event) => event.event === 'field-progress');
    expect(
      progress.filter((event) => event.data['field'] === 'payment-card-number').at(-1)?.data,
    ).toMatchObject({
      length: 16,
      masked: '****************',
    });
    const complete = await events.next('field-complete', (data) => data['field'] === 'payment-card-number');
    expect(complete.data).toMatchObject({ masked: '************1115', brand: 'mastercard' });
    const said = JSON.stringify(events.events) + product.output;
    for (const secret of [CARD, CARD.slice(0, 12), EXPIRY, POSTCODE]) expect(said).not.toContain(secret);

    // One output frame for each input frame, however long the last is on its way.
    caller.stop();
    await agent.received(caller.framesOut);
    await agent.close();
    expect(agent.framesIn).toBe(caller.framesOut);

    const missing = spandspMissing();
    if (missing !== undefined) skip(missing);
    expect(decodeWithSpandsp(keyed(CARD, agentRate), agentRate)).toBe(CARD);
    expect(decodeWithSpandsp(agent.heard, agentRate)).toBe('');
  });
});

describe('the driver', () => {
  it('imports nothing of the product', () => {
    const files = globSync('driver/*.ts', { cwd: import.meta.dirname });
    expect(files.length).toBeGreaterThan(4);
    for (const file of files)
      expect(readFileSync(join(import.meta.dirname, file), 'utf8')).not.toContain('/src/');
  });
});
