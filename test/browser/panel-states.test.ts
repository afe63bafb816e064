import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectVisible } from '../support/browser/expectations.ts';
import { launchBrowser } from '../support/browser/launch.ts';
import { showStage } from '../support/browser/staged-panel.ts';
import { STAGES } from '../support/browser/stages.ts';
import { Witness } from '../support/browser/witness.ts';
import { RunningApp } from '../support/running-app.ts';

/**
 * Goal: every state of the panel is complete, accessible and readable, in each theme and at 320 px.
 * Method: the production page with the API's answers staged; axe for WCAG 2.2 AA.
 */
let app: RunningApp;
let browser: Browser;
let context: BrowserContext | null = null;
beforeAll(async () => {
  [app, browser] = await Promise.all([RunningApp.start(), launchBrowser()]);
});
afterEach(() => context?.close());
afterAll(async () => {
  await browser.close();
  await app.stop();
});

async function open(options: Parameters<Browser['newContext']>[0] = {}) {
  context = await browser.newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  return { page, witness: await Witness.watch(page) };
}

describe('every state of the panel', () => {
  it.each([
    ['light', undefined],
    // Nothing but the colours is different.
    ['dark', ['color-contrast']],
  ] as const)('passes WCAG 2.2 AA in the %s theme', async (colorScheme, rules) => {
    const { page, witness } = await open({ colorScheme });
    const problems: Record<string, string[]> = {};
    for (const [name, stage] of Object.entries(STAGES)) {
      await showStage(page, app.app.url, stage);
      problems[name] = await witness.accessibilityProblems(rules);
    }
    expect(Object.entries(problems).filter(([, found]) => found.length > 0)).toEqual([]);
    // What two of the stages make fail shows in the console, too.
    expect(witness.errors.filter((text) => !/net::ERR_FAILED|status of 401/.test(text))).toEqual([]);
  });

  it('fits into 320 px without scrolling sideways, in the language with the longest words', async () => {
    const { page } = await open({ viewport: { width: 320, height: 700 }, locale: 'de-DE' });
    const tooWide: string[] = [];
    for (const [name, { press: _english, ...stage }] of Object.entries(STAGES)) {
      await showStage(page, app.app.url, stage);
      const width = await page.evaluate(
        () =>
          (globalThis as unknown as { document: { documentElement: { scrollWidth: number } } }).document
            .documentElement.scrollWidth,
      );
      if (width > 320) tooWide.push(`${name}: ${width}`);
    }
    expect(tooWide).toEqual([]);
  });
});

describe('an unknown outcome', () => {
  it('is being confirmed, and never looks like a failure or an invitation to take the card again', async () => {
    const { page } = await open();
    const panel = await showStage(page, app.app.url, STAGES['unknown']!);
    const text = await panel.locator('.outcome').innerText();
    expect(text).toContain('Being confirmed – do not take the card again');
    expect(text).not.toMatch(/failed|declined|try again/i);
  });
});

describe('masking in doubt', () => {
  it('is an alarm, shown and spoken, with what to say', async () => {
    const { page } = await open();
    const panel = await showStage(page, app.app.url, STAGES['masking-in-doubt']!);
    expect(await panel.locator('[data-part=masking]').innerText()).toContain('Masking in doubt');
    expect(await panel.getByRole('alert').first().innerText()).toContain('Wait before the caller keys on.');
    expect(await panel.locator('[data-part=say]').innerText()).toContain('Please wait a moment');
  });
});

describe('a self-service payment', () => {
  it('shows how far the link is and the typing as asterisks, with nothing to request or reset', async () => {
    const { page } = await open();
    const panel = await showStage(page, app.app.url, STAGES['link-opened']!);
    expect(await panel.locator('.link [aria-current=step]').innerText()).toContain('Page opened');
    expect(await panel.locator('.digits').first().innerText()).toBe('***********');
    expect(await panel.locator('[data-action=capture]').count()).toBe(0);
  });

  it('needs a phone number with its country code', async () => {
    const { page } = await open();
    const panel = await showStage(page, app.app.url, STAGES['form-self-service']!);
    await panel.locator('[name=amount]').fill('42.50');
    await panel.locator('[name=to]').fill('07700 900123');
    await panel.getByRole('button', { name: 'Proceed to payment' }).click();
    expect(await panel.getByRole('alert').last().innerText()).toContain('country code');
    const sent = page.waitForRequest((request) => request.method() === 'POST');
    await panel.locator('[name=to]').fill('+44 7700 900123');
    await panel.getByRole('button', { name: 'Proceed to payment' }).click();
    expect((await sent).postDataJSON()).toMatchObject({ profileId: 'link-gbp', to: '+447700900123' });
  });
});

describe('the languages', () => {
  it.each([
    ['de-DE', 'Weiter zur Zahlung'],
    ['es-ES', 'Continuar al pago'],
    ['fr-FR', 'Proceed to payment'],
  ])('follow the browser: %s', async (locale, proceed) => {
    const { page } = await open({ locale });
    const panel = await showStage(page, app.app.url, STAGES['form-guided']!);
    await expectVisible(panel.getByRole('button', { name: proceed }));
    expect(await panel.locator('section').getAttribute('lang')).toBe(
      locale === 'fr-FR' ? 'en' : locale.slice(0, 2),
    );
  });
});
