import { expect } from 'vitest';
import type { Locator } from 'playwright-core';
import type { DemoWindows } from './demo-windows.ts';

/** Waits until the element is there to be seen. Rejects with what was there instead. */
export async function expectVisible(locator: Locator): Promise<void> {
  try {
    await locator.first().waitFor();
  } catch (cause) {
    const shown = await locator.page().locator('body').ariaSnapshot();
    throw new Error(`not seen: ${String(locator)}; the page shows\n${shown}`, { cause });
  }
  expect(await locator.first().isVisible()).toBe(true);
}

/** Waits until the field shows exactly this. */
export async function expectDigits(demo: DemoWindows, field: string, text: string): Promise<void> {
  await demo.showsDigits(field, text);
  expect(await demo.row(field).locator('.digits').textContent()).toBe(text);
}
