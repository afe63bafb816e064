import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { startDemoServer } from '../../src/demo/demo-server.ts';
import type { DemoServer } from '../../src/demo/demo-server.ts';
import { Demo } from '../support/browser/demo-windows.ts';
import { launchBrowser } from '../support/browser/launch.ts';
import { smallPicture } from '../support/browser/small-picture.ts';
import { showStage } from '../support/browser/staged-panel.ts';
import { STAGES } from '../support/browser/stages.ts';
import { RunningApp } from '../support/running-app.ts';

/**
 * Makes the pictures under docs/images/screens: every state of the panel and of the payer's page in three looks, and the
 * pages of the demo.
 */
const FOLDER = join(import.meta.dirname, '../../docs/images/screens');
const LOOKS = {
  light: { colorScheme: 'light', viewport: { width: 430, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 430, height: 800 } },
  // The panel's frame takes 18 px.
  narrow: { colorScheme: 'light', viewport: { width: 338, height: 800 } },
} as const;

const PAYER_LOOKS = {
  light: { colorScheme: 'light', viewport: { width: 390, height: 720 } },
  dark: { colorScheme: 'dark', viewport: { width: 390, height: 720 } },
  narrow: { colorScheme: 'light', viewport: { width: 320, height: 720 } },
} as const;

/** Writes pictures of pages, made small in a window of their own. */
class Camera {
  readonly #darkroom: Page;

  private constructor(darkroom: Page) {
    this.#darkroom = darkroom;
  }

  static async with(browser: Browser): Promise<Camera> {
    return new Camera(await browser.newPage());
  }

  async take(subject: Page | Locator, name: string): Promise<void> {
    const picture = await subject.screenshot({ animations: 'disabled' });
    writeFileSync(join(FOLDER, `${name}.png`), await smallPicture(this.#darkroom, picture));
  }
}

async function takeStates(browser: Browser, camera: Camera): Promise<void> {
  const app = await RunningApp.start();
  for (const [look, options] of Object.entries(LOOKS)) {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    const page = await context.newPage();
    for (const [name, stage] of Object.entries(STAGES)) {
      const panel = await showStage(page, app.app.url, stage);
      await camera.take(panel, `${name}-${look}`);
    }
    await context.close();
  }
  await app.stop();
}

async function takeDemo(camera: Camera): Promise<void> {
  const demo = await Demo.start();
  const windows = await demo.open();
  await windows.call();
  await windows.proceed();
  await windows.key('5555555');
  await windows.showsDigits('payment-card-number', '*******');
  await camera.take(windows.workspace, 'workspace-light');
  await camera.take(windows.phone, 'phone-light');
  for (const page of [windows.workspace, windows.phone]) await page.emulateMedia({ colorScheme: 'dark' });
  await windows.key('555554444');
  await windows.showsDigits('payment-card-number', '************4444');
  await camera.take(windows.workspace, 'workspace-dark');
  await camera.take(windows.phone, 'phone-dark');
  await windows.phone.setViewportSize({ width: 360, height: 800 });
  await camera.take(windows.phone, 'phone-narrow');
  await windows.close();
  const other = await demo.open();
  await other.workspace.goto(`${demo.server.url}/workspace`);
  await camera.take(other.workspace, 'workspace-explanation');
  await demo.stop();
}

/** The payer's page: empty, with a mistake, declined, unknown and paid, and a link that leads nowhere. */
async function takePayPage(browser: Browser, camera: Camera): Promise<void> {
  const server = await startDemoServer('0');
  for (const [look, options] of Object.entries(PAYER_LOOKS)) {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    const page = await context.newPage();
    const pay = async (number: string): Promise<void> => {
      await page.getByLabel('Card number').fill(number);
      await page.getByLabel('Expiry date').fill('11 / 35');
      await page.getByLabel('Security code').fill('749');
      await page.getByRole('button', { name: 'Pay' }).click();
    };
    await page.goto(await linkOf(server));
    await camera.take(page, `pay-form-${look}`);
    await pay('5274576394259962');
    await page.locator('#payment-card-number-error').waitFor();
    await camera.take(page, `pay-mistake-${look}`);
    await pay('4000000000009995');
    await page.getByText('declined').first().waitFor();
    await camera.take(page, `pay-declined-${look}`);
    await pay('5274576394259961');
    await page.getByRole('heading', { name: 'Paid' }).waitFor();
    await camera.take(page, `pay-paid-${look}`);
    await page.goto(await linkOf(server));
    await pay('4000000000000119');
    await page.getByText('confirmed').first().waitFor();
    await camera.take(page, `pay-unknown-${look}`);
    await page.goto(`${server.url}/pay/nothing-is-here`);
    await camera.take(page, `pay-gone-${look}`);
    await context.close();
  }
  await server.stop();
}

/** A payment by link, and the link as the text message has it. */
async function linkOf(server: DemoServer): Promise<string> {
  const arrived = Promise.withResolvers<string>();
  server.platform.onMessage = ({ text }) => arrived.resolve(/https?:\S+$/.exec(text)?.[0] ?? '');
  await fetch(`${server.url}/v1/payments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ profileId: 'link-gbp', to: '+447700900123', amount: '42.50', payee: 'Jo Smith' }),
  });
  return arrived.promise;
}

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const browser = await launchBrowser();
const camera = await Camera.with(browser);
await takeStates(browser, camera);
await takeDemo(camera);
await takePayPage(browser, camera);
await browser.close();
