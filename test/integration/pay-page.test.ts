import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Simulator } from '../../src/payment/simulator/simulator.ts';
import { EventStream } from '../acceptance/driver/event-stream.ts';
import { GOOD_CARD, LINK_PROFILE, look, openLink, send, tell } from '../support/pay-page-client.ts';
import type { OpenedLink } from '../support/pay-page-client.ts';
import { RunningApp } from '../support/running-app.ts';

/** Goal: the payer's page as a browser without scripts and a back end see it. Method: the whole product over HTTP. */
let app: RunningApp;
beforeAll(async () => {
  app = await RunningApp.start({}, {}, [LINK_PROFILE]);
});
afterAll(() => app.stop());

function charges(): number {
  const provider = app.app.providers.ofProfile('link');
  return provider instanceof Simulator
    ? provider.ledger.filter(({ outcome }) => outcome === 'approved').length
    : -1;
}

async function payment({ id }: OpenedLink): Promise<Record<string, unknown>> {
  return (await app.call('GET', `/v1/payments/${id}`)).body;
}

/** Everything the agent was told so far, as `event` and the word that matters. */
async function told({ id, agentToken, eventsUrl }: OpenedLink): Promise<string[]> {
  const events = await EventStream.open(eventsUrl, agentToken);
  await events.next('payment-result').finally(() => events.close());
  return events.events
    .filter(({ data }) => data['paymentId'] === id)
    .map(({ event, data }) => {
      const words = [data['state'] ?? data['field'] ?? data['outcome'], data['masked'] ?? data['reason']];
      return [event, ...words.filter((word) => typeof word === 'string')].join(' ');
    });
}

describe('the pay page', () => {
  it('takes a card by a plain form, and tells the agent everything but its digits', async () => {
    const link = await openLink(app);
    const shown = await look(link.url);
    expect(shown.status).toBe(200);
    for (const text of ['£42.50', 'Jo Smith', 'order 17', 'Card number']) expect(shown.text).toContain(text);
    expect(await tell(`${link.url}/opened`)).toBe(204);
    for (const length of ['1', '2', '16']) {
      expect(await tell(`${link.url}/progress`, { field: 'payment-card-number', length })).toBe(204);
    }

    const paid = await send(link.url, GOOD_CARD);
    expect(paid).toMatchObject({ status: 200 });
    expect(paid.text).toContain('Your payment has been made');
    expect(paid.text).toContain('************4242');
    expect(await told(link)).toEqual([
      'link-state created',
      'payment-state connecting',
      'link-state opened',
      'payment-state capturing',
      'field-progress payment-card-number *',
      'field-progress payment-card-number **',
      'field-progress payment-card-number ****************',
      'field-complete payment-card-number ************4242',
      'field-complete expiration-date ****',
      'field-complete security-code ***',
      'link-state submitted',
      'payment-state processing',
      'payment-state approved',
      'payment-result approved',
    ]);
    expect(await payment(link)).toMatchObject({
      state: 'approved',
      method: 'self-service',
      result: { brand: 'visa', last4: '4242' },
      link: { to: null, state: 'submitted' },
    });
  });

  it('does nothing for the previews that a messenger makes of a link', async () => {
    const link = await openLink(app);
    for (const agent of ['WhatsApp/2', 'facebookexternalhit/1.1', 'TelegramBot']) {
      expect((await look(link.url, { 'user-agent': agent })).status).toBe(200);
    }
    expect((await fetch(link.url, { method: 'HEAD' })).status).toBe(200);
    expect(await payment(link)).toMatchObject({ state: 'connecting', link: { state: 'created' } });
  });

  it('says at the fields what is wrong with them, and charges nothing', async () => {
    const before = charges();
    const link = await openLink(app);
    const wrong = await send(link.url, {
      'payment-card-number': '4242424242424241',
      'expiration-date': '13/29',
      'security-code': '12',
    });
    expect(wrong.text).toMatch(/id="payment-card-number"[^>]*autofocus aria-invalid="true"/);
    expect(wrong.text).toContain('This is not a valid card number.');
    expect(wrong.text).toContain('This date is not valid');
    expect(wrong.text).toContain('does not have the right length');
    expect(wrong.text).not.toContain('4242');
    expect(await payment(link)).toMatchObject({ state: 'capturing', link: { triesLeft: 3 } });
    const empty = await send(link.url, {});
    expect(empty.text).toContain('This is not a valid card number.');
    expect(charges()).toBe(before);
  });

  it('takes another card after one was declined, until no try is left', async () => {
    const link = await openLink(app);
    const declined = { ...GOOD_CARD, 'payment-card-number': '4000000000000002' };
    const first = await send(link.url, declined);
    expect(first.text).toContain('declined and nothing was charged');
    expect(first.text).toContain('2 tries are left.');
    expect(await payment(link)).toMatchObject({ state: 'capturing', result: null });
    await send(link.url, declined);
    const last = await send(link.url, declined);
    expect(last.text).toContain('Your card was declined.');
    expect(await payment(link)).toMatchObject({
      state: 'declined',
      result: { declineCode: 'card_declined' },
    });
    const late = await send(link.url, GOOD_CARD);
    expect(late.text).toContain('Your card was declined.');
  });

  it('charges the other card that is tried after a decline, once', async () => {
    const before = charges();
    const link = await openLink(app);
    await send(link.url, { ...GOOD_CARD, 'payment-card-number': '4000000000000002' });
    const paid = await send(link.url, GOOD_CARD);
    expect(paid.text).toContain('Your payment has been made');
    expect(charges()).toBe(before + 1);
    expect(await told(link)).toContain('field-rejected payment-card-number card-declined');
  });

  it('tells a payer whose outcome is not known that he must not pay again', async () => {
    const link = await openLink(app);
    const doubtful = await send(link.url, { ...GOOD_CARD, 'payment-card-number': '4000000000000119' });
    expect(doubtful.text).toContain('do not pay again');
    expect(doubtful.text).not.toContain('<form');
    expect(doubtful.headers.get('refresh')).toBe('15');
  });

  it('charges once when two browsers send a card at the same time', async () => {
    const before = charges();
    const link = await openLink(app);
    const pages = await Promise.all([1, 2, 3].map(() => send(link.url, GOOD_CARD)));
    for (const { text } of pages) expect(text).toContain('Your payment has been made');
    expect(charges()).toBe(before + 1);
  });

  it('says that it is paid to who comes back, and takes no second card', async () => {
    const before = charges();
    const link = await openLink(app);
    await send(link.url, GOOD_CARD);
    const back = await look(link.url);
    expect(back.text).toContain('Your payment has been made');
    expect(back.text).not.toContain('<form');
    expect(back.text).not.toContain('Jo Smith');
    await send(link.url, GOOD_CARD);
    expect(charges()).toBe(before + 1);
  });

  it('answers wrong, canceled and replaced links in one way', async () => {
    const canceled = await openLink(app);
    await app.call('POST', `/v1/payments/${canceled.id}/cancel`);
    const replaced = await openLink(app);
    const renewed = await app.call('POST', `/v1/payments/${replaced.id}/resend`);
    const base = new URL('/pay/', replaced.url).href;
    const pages = await Promise.all(
      [canceled.url, replaced.url, `${base}${'a'.repeat(32)}`, `${base}4242`, `${base}%00`].map((url) =>
        look(url),
      ),
    );
    expect(pages.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    expect(new Set(pages.map(({ text }) => text)).size).toBe(1);
    expect((await send(canceled.url, GOOD_CARD)).status).toBe(404);
    expect((await look(String(renewed.body['payUrl']))).status).toBe(200);
    expect(renewed.body['link']).toMatchObject({ state: 'created', to: '+44*******123' });
  });

  it.each([
    { accept: 'de-CH,fr;q=0.9', query: '', lang: 'de', text: 'Kartennummer' },
    { accept: 'fr, es-MX;q=0.8, en;q=0.7', query: '', lang: 'es', text: 'Número de tarjeta' },
    { accept: 'fr', query: '', lang: 'en', text: 'Card number' },
    { accept: 'de', query: '?lang=es', lang: 'es', text: 'Número de tarjeta' },
  ])('speaks $lang for "$accept" $query', async ({ accept, query, lang, text }) => {
    const link = await openLink(app);
    const page = await look(`${link.url}${query}`, { 'accept-language': accept });
    expect(page.text).toContain(`<html lang="${lang}">`);
    expect(page.text).toContain(text);
  });

  it('keeps text of the payment from being read as HTML', async () => {
    const link = await openLink(app, { payee: '<script>"&\'', reference: '"><img src=x>' });
    const page = await look(link.url);
    expect(page.text).toContain('&lt;script&gt;&quot;&amp;&#39;');
    expect(page.text).not.toContain('<img');
  });

  it('refuses what is no form, too much of it, and counts that make no sense', async () => {
    const link = await openLink(app);
    const json = await fetch(link.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"payment-card-number":"4242424242424242"}',
    });
    expect(json.status).toBe(415);
    expect((await send(link.url, { 'payment-card-number': '4'.repeat(5000) })).status).toBe(413);
    for (const form of [{ field: 'pan', length: '1' }, { field: 'security-code', length: '123' }, {}]) {
      expect(await tell(`${link.url}/progress`, form as Record<string, string>)).toBe(400);
    }
    expect(await tell(`${link.url}/progress`, { field: 'security-code', length: '99' })).toBe(204);
    expect(await payment(link)).toMatchObject({ state: 'connecting' });
  });
});

describe('a payment by link in the API', () => {
  it('needs a number, and a guided one needs a call', async () => {
    const open = (body: object) => app.call('POST', '/v1/payments', { amount: '1.00', ...body });
    expect(await open({ profileId: 'link' })).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_INVALID' },
    });
    expect(await open({ profileId: 'card' })).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_INVALID' },
    });
    expect(await open({ profileId: 'link', to: '07700900123' })).toMatchObject({ status: 400 });
    expect(await open({ profileId: 'link', to: '+44770090', callId: 'call_x' })).toMatchObject({
      status: 404,
      body: { code: 'CALL_NOT_FOUND' },
    });
    expect(await open({ profileId: 'link', to: '+378282246310005' })).toMatchObject({
      status: 422,
      body: { code: 'CARD_DATA_REFUSED' },
    });
  });

  it('is one of the payments of its call, which has one open payment at a time', async () => {
    const { id: callId } = await app.openCall();
    const link = await openLink(app, { callId });
    const second = await app.openPayment(callId);
    expect(second).toMatchObject({ status: 409, body: { code: 'PAYMENT_OPEN', paymentId: link.id } });
    const listed = await app.call('GET', `/v1/payments?callId=${callId}`);
    expect(listed.body['payments']).toMatchObject([{ id: link.id, link: { state: 'created' } }]);
    expect((await app.call('GET', `/v1/calls/${callId}`)).body).toMatchObject({
      payment: { id: link.id, state: 'connecting' },
    });
    await app.call('DELETE', `/v1/calls/${callId}`);
    expect((await look(link.url)).status).toBe(200);
  });

  it('shows its link to API keys and not to agents', async () => {
    const link = await openLink(app);
    const headers = { authorization: `Bearer ${link.agentToken}` };
    const renewed = await app.call('POST', `/v1/payments/${link.id}/resend`, undefined, headers);
    expect(renewed).toMatchObject({ status: 200, body: { payUrl: null, link: { state: 'created' } } });
    expect((await look(link.url)).status).toBe(404);
    const seen = await app.call('GET', `/v1/payments/${link.id}`, undefined, headers);
    expect(JSON.stringify(seen.body)).not.toContain('/pay/');
  });

  it('answers a repeat with the first payment, without its link', async () => {
    const body = { profileId: 'link', to: '+447700900123', amount: '42.50' };
    const headers = { 'idempotency-key': 'link-1' };
    const first = await app.call('POST', '/v1/payments', body, headers);
    const repeat = await app.call('POST', '/v1/payments', body, headers);
    expect(repeat).toMatchObject({ status: 201, body: { id: first.body['id'], payUrl: null } });
    const other = await app.call('POST', '/v1/payments', { ...body, to: '+447700900124' }, headers);
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_CONFLICT' } });
  });

  it('makes at most five links, and none of a guided or ended payment', async () => {
    const link = await openLink(app);
    const resend = () => app.call('POST', `/v1/payments/${link.id}/resend`);
    for (let links = 2; links <= 5; links += 1) expect((await resend()).status).toBe(200);
    expect(await resend()).toMatchObject({ status: 409, body: { code: 'LINK_LIMIT' } });
    await app.call('POST', `/v1/payments/${link.id}/cancel`);
    expect(await resend()).toMatchObject({ status: 409, body: { code: 'PAYMENT_ENDED' } });
    const { id: callId } = await app.openCall();
    const guided = await app.openPayment(callId);
    const refused = await app.call('POST', `/v1/payments/${String(guided.body['id'])}/resend`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'METHOD_NOT_SUPPORTED' } });
  });

  it('cannot be keyed or processed by an agent', async () => {
    const link = await openLink(app);
    const refused = { status: 409, body: { code: 'METHOD_NOT_SUPPORTED' } };
    const field = 'security-code';
    expect(await app.call('POST', `/v1/payments/${link.id}/capture`, { field })).toMatchObject(refused);
    expect(await app.call('POST', `/v1/payments/${link.id}/process`)).toMatchObject(refused);
  });
});

describe('the pay page under too many requests', () => {
  it('slows down who tries too often, and nobody else', async () => {
    const [slow, other] = [await openLink(app), await openLink(app)];
    const statuses = await Promise.all(
      Array.from({ length: 12 }, () => tell(slow.url, { 'payment-card-number': '1' })),
    );
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(2);
    expect((await look(other.url)).status).toBe(200);
    const guesses = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        look(new URL(`/pay/${'abcdefgh'[index % 8]!.repeat(32)}`, slow.url).href),
      ),
    );
    expect(guesses.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(5);
    expect((await look(other.url)).status).toBe(200);
  });
});
