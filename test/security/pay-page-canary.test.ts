import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { EventStream } from '../acceptance/driver/event-stream.ts';
import { PayConnector } from '../acceptance/driver/pay-connector.ts';
import { Product } from '../acceptance/driver/product.ts';
import { findCanary, makeCanary } from '../support/canary.ts';

/**
 * Goal: the digits of a card that is typed into the pay page are nowhere but at the provider. Method: a payment by link
 * with a random card, with a wrong form, a card sent to every wrong place, and a browser that types it; then everything
 * that the server wrote, sent or stored is searched for the card in all the forms that a leak could have.
 */
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start() {
  const connector = await PayConnector.open();
  cleanUps.push(() => connector.close());
  const profile = {
    id: 'link',
    name: 'Link',
    method: 'self-service',
    operation: 'charge',
    currency: 'GBP',
    fields: ['payment-card-number', 'expiration-date', 'security-code'],
    brands: ['mastercard'],
    provider: {
      kind: 'generic-pay-connector',
      url: connector.url,
      username: 'u',
      passwordEnv: 'PSP_PASSWORD',
    },
  };
  const product = await Product.start([profile], { PSP_PASSWORD: 'p', TONEWALL_LOG_LEVEL: 'debug' });
  cleanUps.push(() => product.stop());
  const answers: string[] = [];
  const ask = async (url: string, init: RequestInit = {}): Promise<number> => {
    const response = await fetch(url, init);
    answers.push(`${response.status} ${response.url} ${JSON.stringify([...response.headers])}`);
    answers.push(await response.text());
    return response.status;
  };
  const call = async (...request: Parameters<Product['call']>) => {
    const answer = await product.call(...request);
    answers.push(answer.text);
    return answer;
  };
  return { product, connector, answers, ask, call };
}

const post = (form: Record<string, string>): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams(form),
});

describe('a card typed into the pay page', () => {
  it('is nowhere but at the provider', async () => {
    const canary = makeCanary();
    const { cardNumber, securityCode } = canary;
    const { product, connector, answers, ask, call } = await start();
    const opened = await call('POST', '/v1/payments', {
      profileId: 'link',
      to: '+447700900123',
      amount: '1.00',
    });
    const { id, payUrl, eventsUrl, agentToken } = opened.json as Record<string, string>;
    const events = await EventStream.open(eventsUrl!, agentToken!);
    cleanUps.push(() => events.close());
    const url = payUrl!;
    const form = {
      'payment-card-number': cardNumber.replace(/(.{4})(?=.)/g, '$1 '),
      'expiration-date': '12/29',
      'security-code': securityCode,
    };

    await ask(url);
    await ask(`${url}/opened`, post({}));
    for (let length = 1; length <= 16; length += 1) {
      await ask(`${url}/progress`, post({ field: 'payment-card-number', length: String(length) }));
    }
    expect(await ask(`${url}/progress`, post({ field: cardNumber, length: cardNumber }))).toBe(400);
    await ask(url, post({ ...form, 'expiration-date': '13/29' }));
    expect(await ask(url, { method: 'POST', body: JSON.stringify(form) })).toBe(415);
    expect(await ask(new URL(`/pay/${cardNumber}`, url).href, post(form))).toBe(404);
    await ask(`${url}?lang=en`, post({ ...form, x: 'y'.repeat(5000) }));
    expect(await ask(url, post(form))).toBe(200);
    await events.next('payment-result', (data) => data['outcome'] === 'approved');
    await ask(url);
    await call('GET', `/v1/payments/${id}`);
    await call('GET', '/metrics');

    // The control: where the card belongs, the same search finds it.
    expect(findCanary(canary, JSON.stringify(connector.requests))).toContain('digits');
    const files = globSync('**/*', { cwd: product.folder })
      .map((file) => join(product.folder, file))
      .filter((file) => statSync(file).isFile())
      .map((file) => readFileSync(file));
    expect(Buffer.concat(files).includes(id!)).toBe(true);
    expect(product.output).toContain(id);
    // But for the address with the card in it that this test asked for itself.
    const mine = answers.filter((answer) => !answer.includes(`/pay/${cardNumber}`));
    const leaks = {
      output: findCanary(canary, product.output),
      answers: mine.flatMap((answer) => findCanary(canary, answer)),
      events: findCanary(canary, JSON.stringify(events.events)),
      files: files.flatMap((file) => findCanary(canary, file)),
    };
    expect(leaks).toEqual({ output: [], answers: [], events: [], files: [] });
    // Nor is the number to which the link went where it need not be.
    expect(product.output).not.toContain('7700900123');
    expect(answers.join('')).not.toContain('7700900123');
  }, 60_000);
});
