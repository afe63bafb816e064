import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Demo } from '../support/browser/demo-windows.ts';
import { launchBrowser } from '../support/browser/launch.ts';
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

async function takeStates(): Promise<void> {
  const [app, browser] = await Promise.all([RunningApp.start(), launchBrowser()]);
  for (const [look, options] of Object.entries(LOOKS)) {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    const page = await context.newPage();
    for (const [name, stage] of Object.entries(STAGES)) {
      const panel = await showStage(page, app.app.url, stage);
      await panel.screenshot({ path: join(FOLDER, `${name}-${look}.png`), animations: 'disabled' });
    }
    await context.close();
  }
  await browser.close();
  await app.stop();
}

async function takeDemo(): Promise<void> {
  const demo = await Demo.start();
  const windows = await demo.open();
  await windows.call();
  await windows.proceed();
  await windows.key('5555555');
  await windows.showsDigits('payment-card-number', '*******');
  await windows.workspace.screenshot({ path: join(FOLDER, 'workspace-light.png') });
  await windows.phone.screenshot({ path: join(FOLDER, 'phone-light.png') });
  for (const page of [windows.workspace, windows.phone]) await page.emulateMedia({ colorScheme: 'dark' });
  await windows.key('555554444');
  await windows.showsDigits('payment-card-number', '************4444');
  await windows.workspace.screenshot({ path: join(FOLDER, 'workspace-dark.png') });
  await windows.phone.screenshot({ path: join(FOLDER, 'phone-dark.png') });
  await windows.phone.setViewportSize({ width: 360, height: 800 });
  await windows.phone.screenshot({ path: join(FOLDER, 'phone-narrow.png') });
  await windows.close();
  const other = await demo.open();
  await other.workspace.goto(`${demo.server.url}/workspace`);
  await other.workspace.screenshot({ path: join(FOLDER, 'workspace-explanation.png') });
  await demo.stop();
}

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
await takeStates();
await takeDemo();
process.exit(0);
