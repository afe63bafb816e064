import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { EventStream } from '../acceptance/driver/event-stream.ts';
import { keyed } from '../acceptance/driver/keypad.ts';
import { Leg } from '../acceptance/driver/leg.ts';
import { PayConnector } from '../acceptance/driver/pay-connector.ts';
import { Product } from '../acceptance/driver/product.ts';
import { findCanary, formsOf, makeCanary } from '../support/canary.ts';
import type { Canary } from '../support/canary.ts';
import { decodeWithSpandsp, spandspMissing } from '../support/dsp/spandsp.ts';
import { POSTGRES_MISSING, POSTGRES_PASSWORD, PostgresServer } from '../support/postgres-server.ts';
import { ProviderEndpoint } from '../support/provider-endpoint.ts';

/**
 * Goal: the digits of a card are nowhere but at the provider. Method: a whole payment with a random card, keyed as
 * tones and told by events, with a wrong try, a declined field and errors on the way; then everything that the
 * server wrote, sent or stored is searched for the card in all the forms that a leak could have.
 */
const PROFILE = {
  id: 'card',
  name: 'Card',
  method: 'guided',
  operation: 'charge',
  currency: 'GBP',
  fields: ['payment-card-number', 'expiration-date', 'security-code'],
  brands: ['mastercard'],
};

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** The server, and every answer it gives. */
async function startRecorded(environment: Record<string, string>) {
  const connector = await PayConnector.open();
  cleanUps.push(() => connector.close());
  const provider = {
    kind: 'generic-pay-connector',
    url: connector.url,
    username: 'u',
    passwordEnv: 'PSP_PASSWORD',
  };
  const receiver = await ProviderEndpoint.open({
    acts: [{ kind: 'text', status: 204, type: 'text/plain', body: '' }],
  });
  cleanUps.push(() => receiver.close());
  const collector = await ProviderEndpoint.open({
    acts: [{ kind: 'text', status: 200, type: 'application/json', body: '{}' }],
  });
  cleanUps.push(() => collector.close());
  const product = await Product.start([{ ...PROFILE, provider }], {
    OTEL_EXPORTER_OTLP_ENDPOINT: new URL(collector.url).origin,
    PSP_PASSWORD: 'p',
    TONEWALL_WEBHOOK_URL: receiver.url,
    TONEWALL_WEBHOOK_SECRET: `whsec_${'c2VjcmV0'.repeat(4)}`,
    TONEWALL_LOG_LEVEL: 'debug',
    ...environment,
  });
  cleanUps.push(() => product.stop());
  const answers: string[] = [];
  const call = async (...request: Parameters<Product['call']>) => {
    const answer = await product.call(...request);
    answers.push(answer.text);
    return answer;
  };
  return { product, connector, receiver, collector, answers, call };
}

/** Keys a wrong number, the card by tones, the expiry date with a correction, and the code by tones and events. */
async function keyInManyWays(caller: Leg, events: EventStream, canary: Canary): Promise<void> {
  const completed = (field: string) => events.next('field-complete', (data) => data['field'] === field);
  const wrong = `${canary.cardNumber.slice(0, 15)}${(Number(canary.cardNumber[15]) + 1) % 10}`;
  await events.next('payment-state', (data) => data['field'] === 'payment-card-number');
  await caller.play(keyed(wrong, caller.rate));
  await events.next('field-rejected');
  await caller.play(keyed(canary.cardNumber, caller.rate));
  await completed('payment-card-number');
  await caller.play(keyed('12*1229', caller.rate));
  await completed('expiration-date');
  for (const key of canary.securityCode) {
    await caller.play(keyed(key, caller.rate));
    caller.send(`{"event":"websocket:dtmf","digit":"${key}","duration":90}`);
  }
  await completed('security-code');
  await caller.play(keyed(canary.cardNumber.slice(0, 4), caller.rate));
}

function everyFile(folder: string): Buffer[] {
  return globSync('**/*', { cwd: folder })
    .map((file) => join(folder, file))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file));
}

describe('the search for a canary', () => {
  it('finds every form of it', () => {
    const canary = makeCanary();
    const forms = [...formsOf(canary)];
    expect(forms.length).toBeGreaterThan(10);
    for (const [name, form] of forms) {
      expect(
        findCanary(canary, Buffer.concat([Buffer.from('before '), form, Buffer.from(' after')])),
      ).toContain(name);
    }
  });
});

/** Where the payments are journaled, beside or in the server's folder. */
async function journalIn(database: 'SQLite' | 'PostgreSQL') {
  if (database === 'SQLite') return { environment: {}, files: () => [] };
  const postgres = await PostgresServer.start();
  cleanUps.push(() => postgres.close());
  return {
    environment: { TONEWALL_DATABASE: await postgres.database() },
    files: async () => {
      await postgres.query('CHECKPOINT');
      return everyFile(postgres.folder);
    },
  };
}

describe('a card', () => {
  it.for(['SQLite', 'PostgreSQL'] as const)(
    'is nowhere but at the provider after its payment, journaled in %s',
    async (database, { skip }) => {
      const missing = spandspMissing() ?? (database === 'PostgreSQL' ? POSTGRES_MISSING : null);
      if (missing !== null) skip(missing);
      const canary = makeCanary();
      const journal = await journalIn(database);
      const { product, connector, receiver, collector, answers, call } = await startRecorded(
        journal.environment,
      );
      const created = await call('POST', '/v1/calls', { topology: 'two-leg', sampleRate: 8000 });
      const legs = created.json['legs'] as Record<'caller' | 'agent', { readonly uri: string }>;
      const caller = await Leg.open(legs.caller.uri, 8000);
      const agent = await Leg.open(legs.agent.uri, 8000);
      cleanUps.push(() => Promise.all([caller.close(), agent.close()]));
      const callId = created.json['id'] as string;
      const opened = await call('POST', '/v1/payments', { callId, profileId: 'card', amount: '1.00' });
      const paymentId = opened.json['id'] as string;
      const events = await EventStream.open(
        opened.json['eventsUrl'] as string,
        opened.json['agentToken'] as string,
      );
      cleanUps.push(() => events.close());

      await keyInManyWays(caller, events, canary);
      const midway = await call('GET', `/v1/payments/${paymentId}`);
      expect(midway.json['state']).toBe('ready');
      const refused = await call('POST', '/v1/payments', {
        callId,
        profileId: 'card',
        reference: canary.cardNumber,
      });
      expect(refused.status).toBe(422);
      await call('POST', `/v1/payments/${paymentId}/capture`, { field: canary.cardNumber });
      await call('GET', `/v1/payments/${canary.cardNumber}`);
      await call('POST', `/v1/payments/${paymentId}/process`);
      await events.next('payment-result');
      await caller.silence(200);
      await call('GET', `/v1/payments?callId=${callId}`);
      await call('GET', '/metrics');
      await receiver.received(1);
      expect(receiver.requests[0]?.body).toContain(paymentId);

      await collector.received(1);
      const spans = JSON.stringify(collector.requests);
      expect(spans).toContain(paymentId);

      // The control: where the card belongs, the same search finds it.
      expect(findCanary(canary, JSON.stringify(connector.requests))).toContain('digits');
      expect(decodeWithSpandsp(agent.heard, 8000)).toBe('');
      const files = [...everyFile(product.folder), ...(await journal.files())];
      expect(files.length).toBeGreaterThanOrEqual(2);
      expect(Buffer.concat(files).includes(paymentId)).toBe(true);
      expect(product.output).toContain(paymentId);
      expect(product.output).not.toContain(POSTGRES_PASSWORD);
      const leaks = {
        output: findCanary(canary, product.output),
        answers: answers.flatMap((answer) => findCanary(canary, answer)),
        events: findCanary(canary, JSON.stringify(events.events)),
        webhooks: findCanary(canary, JSON.stringify(receiver.requests)),
        spans: findCanary(canary, spans),
        files: files.flatMap((file) => findCanary(canary, file)),
      };
      expect(leaks).toEqual({ output: [], answers: [], events: [], webhooks: [], spans: [], files: [] });
      const heard = Buffer.from(Int16Array.from(agent.heard).buffer);
      expect(findCanary(canary, heard)).toEqual([]);
    },
  );
});
