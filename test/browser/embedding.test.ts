import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectVisible } from '../support/browser/expectations.ts';
import { launchBrowser } from '../support/browser/launch.ts';
import { Witness } from '../support/browser/witness.ts';
import { keyCard, RunningApp } from '../support/running-app.ts';

/**
 * Goal: the panel works in a page of another site with one script tag.
 * Method: a page on another origin, with a policy as strict as such a page may have.
 */
let app: RunningApp;
let browser: Browser;
let site: Server;
let origin: string;

beforeAll(async () => {
  site = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://site');
    if (pathname !== '/') return response.writeHead(204).end();
    response.writeHead(200, {
      'content-type': 'text/html',
      'content-security-policy': `default-src 'none'; script-src ${app.app.url}; connect-src ${app.app.url}`,
    });
    return response.end(`<!doctype html><html lang="en"><title>CRM</title><main><h1>CRM</h1>
      <script type="module" src="${app.app.url}/assets/secure-payments/secure-payments.js"></script>
      <secure-payments call="${searchParams.get('call')}" token="${searchParams.get('token')}"
        payee="Jo Smith" amount="12.00" theme="dark"></secure-payments></main>`);
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(site.address() as { readonly port: number }).port}`;
  [app, browser] = await Promise.all([RunningApp.start({ TONEWALL_EMBED_ORIGINS: origin }), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await app.stop();
  await new Promise((resolve) => site.close(resolve));
});

describe('the panel in a page of another site', () => {
  it('takes a payment, and removes the token from the document', async () => {
    const { id, leg } = await app.openCall();
    const { body } = await app.call('POST', `/v1/calls/${id}/agent-session`);
    const page = await browser.newPage({ locale: 'en-GB' });
    const witness = await Witness.watch(page);
    await page.goto(`${origin}/?call=${id}&token=${String(body['agentToken'])}`);
    const panel = page.locator('secure-payments');
    await panel.getByRole('button', { name: 'Proceed to payment' }).click();
    await expectVisible(panel.locator('[data-field=payment-card-number][aria-current]'));
    expect(await panel.getAttribute('token')).toBeNull();

    keyCard(leg, '4242424242424242');
    await panel.locator('[data-action=process]:enabled').click();
    await expectVisible(panel.locator('[data-outcome=approved]'));
    expect(witness.errors).toEqual([]);
    expect(await witness.accessibilityProblems()).toEqual([]);
    await leg.hangUp();
  });
});
