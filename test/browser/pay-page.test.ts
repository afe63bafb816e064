import type { Browser, BrowserContext, Page } from 'playwright-core';
import axe from 'axe-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startDemoServer } from '../../src/demo/demo-server.ts';
import type { DemoServer } from '../../src/demo/demo-server.ts';
import { EventStream } from '../acceptance/driver/event-stream.ts';
import { launchBrowser } from '../support/browser/launch.ts';

/**
 * Goal: a payer with a phone pays from the link in a text message, while the agent sees asterisks. Method: the demo with
 * its simulated call platform, a real browser as wide as a small phone, and the agent's event stream.
 */
const NUMBER = '5274576394259961';
const AXE_RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

let server: DemoServer;
let browser: Browser;
let context: BrowserContext | null = null;
beforeAll(async () => {
  [server, browser] = await Promise.all([startDemoServer('0'), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
afterEach(async () => {
  await context?.close();
  context = null;
});

/** Opens a payment, and resolves with the link as the text message has it and with what the agent is told. */
async function sendLink() {
  const arrived = Promise.withResolvers<string>();
  server.platform.onMessage = ({ text }) => arrived.resolve(/https?:\S+$/.exec(text)?.[0] ?? '');
  const response = await fetch(`${server.url}/v1/payments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ profileId: 'link-gbp', to: '+447700900123', amount: '42.50', payee: 'Jo Smith' }),
  });
  const opened = (await response.json()) as Record<string, string>;
  const events = await EventStream.open(opened['eventsUrl']!, opened['agentToken']!);
  return { link: await arrived.promise, events };
}

async function openPage(link: string, options: object = {}) {
  context = await browser.newContext({ viewport: { width: 320, height: 640 }, locale: 'en-GB', ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(link);
  return { page, errors };
}

async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async (rules) => {
    const { axe: checker } = globalThis as unknown as { axe: typeof axe };
    const { violations } = await checker.run({ runOnly: rules });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }, AXE_RULES);
}

describe('a payer with the link', () => {
  it('types a card, which the agent sees as asterisks, and pays', async () => {
    const { link, events } = await sendLink();
    const { page, errors } = await openPage(link);
    await events.next('link-state', ({ state }) => state === 'opened');
    expect(await accessibilityProblems(page)).toEqual([]);

    await page.getByLabel('Card number').pressSequentially(NUMBER.slice(0, 6), { delay: 5 });
    await events.next('field-progress', ({ masked }) => masked === '******');
    expect(await page.locator('#brand').textContent()).toBe('Mastercard');
    await page.getByLabel('Card number').pressSequentially(NUMBER.slice(6), { delay: 5 });
    await events.next('field-progress', ({ masked }) => masked === '*'.repeat(16));
    await page.getByLabel('Expiry date').fill('11 / 35');
    await page.getByLabel('Security code').fill('749');
    await page.getByRole('button', { name: 'Pay' }).click();
    await page.getByRole('heading', { name: 'Paid' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect((await events.next('payment-result')).data).toMatchObject({ outcome: 'approved', last4: '9961' });
    expect(JSON.stringify(events.events)).not.toContain(NUMBER.slice(0, 12));

    await page.goBack();
    await page.getByRole('heading', { name: 'Paid' }).waitFor();
    expect(errors).toEqual([]);
    events.close();
  });

  it('is told at the field what is wrong, and can correct it', async () => {
    const { link, events } = await sendLink();
    const { page } = await openPage(link, { colorScheme: 'dark' });
    await page.getByLabel('Card number').fill(`${NUMBER.slice(0, 15)}2`);
    await page.getByRole('button', { name: 'Pay' }).click();
    const number = page.getByLabel('Card number');
    expect(await number.getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('#payment-card-number-error').textContent()).toBe(
      'This is not a valid card number.',
    );
    expect(await number.evaluate((field) => field === field.ownerDocument.activeElement)).toBe(true);
    expect(await accessibilityProblems(page)).toEqual([]);
    await number.fill(NUMBER);
    expect(await number.getAttribute('aria-invalid')).toBeNull();
    expect(events.events.some(({ event }) => event === 'field-rejected')).toBe(false);
    events.close();
  });

  it('pays without scripts, in his language, and fits on a small screen', async () => {
    const { link, events } = await sendLink();
    const { page } = await openPage(link, { javaScriptEnabled: false, locale: 'de-DE' });
    await page.getByLabel('Kartennummer').fill(NUMBER);
    await page.getByLabel('Gültig bis').fill('1135');
    await page.getByLabel('Prüfziffer').fill('749');
    await page.getByRole('button', { name: 'Bezahlen' }).click();
    await page.getByRole('heading', { name: 'Bezahlt' }).waitFor();
    await events.next('payment-result', ({ outcome }) => outcome === 'approved');
    events.close();
    const { page: again } = await openPage((await sendLink()).link);
    const width = await again.locator('html').evaluate((html) => html.scrollWidth);
    expect(width).toBe(320);
  });
});
