import type { Locator, Page, Route } from 'playwright-core';
import type { Stage } from './stages.ts';
import { STAGED_PROFILES } from './staged-payment.ts';

/** Opens the workspace with a server that says what the stage has it say. Resolves with the panel when it shows it. */
export async function showStage(page: Page, base: string, stage: Stage): Promise<Locator> {
  // A page that is open already would take the new fragment for a move within it, and its stream is still waiting.
  await page.goto('about:blank');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.route('**/v1/**', (route) => answer(route, stage));
  const payment = stage.payment === null ? '' : `&payment=${stage.payment.id}`;
  await page.goto(`${base}/workspace#call=${stage.call.id}${payment}&token=staged`);
  const panel = page.locator('secure-payments');
  if (stage.fails === 'token') {
    await panel.locator('.notice').waitFor();
    return panel;
  }
  const first = stage.payment === null ? panel.locator('form') : panel.locator('[data-part=say]');
  await first.waitFor();
  await panel.locator('[data-masking=unknown]').waitFor({ state: 'detached' });
  if (stage.fails === 'stream') await panel.locator('.notice.wait').waitFor();
  if (stage.pick !== undefined) await panel.locator('select').selectOption({ label: stage.pick });
  for (const name of stage.press ?? []) await panel.getByRole('button', { name, exact: true }).click();
  return panel;
}

async function answer(route: Route, { payment, call, fails }: Stage): Promise<void> {
  const { pathname } = new URL(route.request().url());
  if (fails === 'token')
    return route.fulfill({ status: 401, json: { code: 'CREDENTIAL_INVALID', title: '' } });
  if (pathname.endsWith('/events')) {
    // Unless it fails, the stream stays open and silent: the route is never answered.
    return fails === 'stream' ? route.abort() : undefined;
  }
  if (pathname.endsWith('/profiles')) return route.fulfill({ json: { profiles: STAGED_PROFILES } });
  if (pathname.startsWith('/v1/calls/')) return route.fulfill({ json: call });
  if (pathname === '/v1/payments')
    return route.fulfill({ json: { payments: payment === null ? [] : [payment] } });
  return route.fulfill({ json: payment });
}
