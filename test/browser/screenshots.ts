import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { Demo } from '../support/browser/demo-windows.ts';
import { launchBrowser } from '../support/browser/launch.ts';
import { smallPicture } from '../support/browser/small-picture.ts';
import { showStage } from '../support/browser/staged-panel.ts';
import { STAGES } from '../support/browser/stages.ts';
import { RunningApp } from '../support/running-app.ts';

/** Makes the pictures under docs/images/screens: every state of the panel in three looks, and the pages of the demo. */
const FOLDER = join(import.meta.dirname, '../../docs/images/screens');
const LOOKS = {
  light: { colorScheme: 'light', viewport: { width: 430, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 430, height: 800 } },
  // The panel's frame takes 18 px.
  narrow: { colorScheme: 'light', viewport: { width: 338, height: 800 } },
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

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const browser = await launchBrowser();
const camera = await Camera.with(browser);
await takeStates(browser, camera);
await takeDemo(camera);
await browser.close();
