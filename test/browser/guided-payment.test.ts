import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MASKING_DEFAULTS } from '../../src/core/masking.ts';
import { countTones } from '../../src/demo/count-tones.ts';
import { findRecoverableDigits } from '../../src/dsp/recording-verifier.ts';
import { Demo } from '../support/browser/demo-windows.ts';
import type { DemoWindows } from '../support/browser/demo-windows.ts';
import { expectDigits, expectVisible } from '../support/browser/expectations.ts';
import { runsOf } from '../support/browser/witness.ts';

/**
 * Goal: what an agent and a caller see and hear of a payment, and what the agent's computer never gets.
 * Method: a real browser with the workspace in one tab and the phone in another; keys are tones on the line.
 */
const NUMBER = '5274576394259961';
const EXPIRY = '1135';
const CODE = '749';

let running: Demo;
let demo: DemoWindows;
beforeAll(async () => {
  running = await Demo.start();
});
afterAll(() => running.stop());
beforeEach(async () => {
  demo = await running.open();
});
afterEach(() => demo.close());

/** Everything that reaches the agent's headset, since the phone's tab shows it too. */
async function recordHeadset(): Promise<() => Promise<Int16Array>> {
  await demo.phone.evaluate(() => {
    const page = globalThis as unknown as { heard: number[] };
    page.heard = [];
    new BroadcastChannel('tonewall-agent-audio').addEventListener('message', (event) => {
      const { data } = event as unknown as { data: Int16Array };
      for (const sample of data) page.heard.push(sample);
    });
  });
  return async () =>
    Int16Array.from(await demo.phone.evaluate(() => (globalThis as unknown as { heard: number[] }).heard));
}

describe('a guided payment', () => {
  it('goes from Proceed to Approved, and no digit reaches the tab or the headset of the agent', async () => {
    await demo.call();
    const heard = await recordHeadset();
    expect(await demo.part('masking').textContent()).toBe('Masking on');
    expect(await demo.witness.accessibilityProblems()).toEqual([]);

    await demo.proceed();
    expect(await demo.button('Process').isDisabled()).toBe(true);
    await demo.key(NUMBER.slice(0, 6));
    await expectDigits(demo, 'payment-card-number', '******');
    expect(await demo.part('masking').getAttribute('data-masking')).toBe('armed');
    await demo.key(NUMBER.slice(6));
    await expectDigits(demo, 'payment-card-number', `************${NUMBER.slice(-4)}`);
    expect(await demo.row('payment-card-number').locator('[data-brand=mastercard]').textContent()).toBe(
      'Mastercard',
    );
    expect(await demo.witness.accessibilityProblems()).toEqual([]);
    await demo.key(EXPIRY);
    await expectDigits(demo, 'expiration-date', '****');
    await demo.key(CODE);
    await expectDigits(demo, 'security-code', '***');

    await demo.button('Process').click();
    await expectVisible(demo.outcome('approved'));
    expect(await demo.outcome('approved').textContent()).toContain('****9961');
    expect(await demo.witness.accessibilityProblems()).toEqual([]);

    const everything = await demo.witness.everything();
    expect(everything).toContain('field-progress');
    expect(runsOf(NUMBER, everything)).toEqual([]);
    const recording = await heard();
    expect(recording.length).toBeGreaterThan(3 * 16_000);
    expect(findRecoverableDigits(recording, 16_000)).toEqual([]);
    expect(countTones(recording, MASKING_DEFAULTS.frequencyHz, 16_000)).toBeGreaterThan(0);
    expect(demo.witness.errors).toEqual([]);
  });

  it('is announced by counts and words, never by a digit of the card', async () => {
    await demo.call();
    await demo.proceed();
    await demo.key(NUMBER);
    await expectDigits(demo, 'payment-card-number', `************${NUMBER.slice(-4)}`);
    await demo.workspace.getByText('Now: Expiry date').waitFor({ state: 'attached' });
    const announcements = await demo.witness.announcements();
    expect(announcements.filter((text) => /^Card number: \d+ keys$/.test(text)).length).toBeGreaterThan(3);
    expect(announcements).toContain('Now: Expiry date');
    // The only numbers are counts of keys.
    expect(
      announcements
        .flatMap((text) => text.match(/\d+/g) ?? [])
        .map(Number)
        .every((n) => n <= 16),
    ).toBe(true);
  });

  it('gives the caller more time when asked to', async () => {
    await demo.call();
    await demo.proceed();
    await demo.key('52');
    await expectDigits(demo, 'payment-card-number', '**');
    const secondsLeft = async (): Promise<number> =>
      parseInt((await demo.row('payment-card-number').locator('.timer').textContent()) ?? '', 10);
    await expect.poll(secondsLeft, { timeout: 30_000 }).toBeLessThan(18);
    const before = await secondsLeft();
    await demo.button('More time').click();
    // Left alone it only runs down.
    await expect.poll(secondsLeft, { timeout: 30_000 }).toBeGreaterThan(before);
  });

  it('can be taken with the keyboard alone, and is followed by another', async () => {
    await demo.call();
    await demo.workspace.locator('[name=amount]').focus();
    await demo.workspace.keyboard.press('Alt+Enter');
    await expectVisible(demo.row('payment-card-number', '[aria-current]'));
    await demo.key(`${NUMBER}${EXPIRY}${CODE}`);
    await expectVisible(demo.workspace.locator('[data-action=process]:enabled'));
    await demo.workspace.keyboard.press('Alt+Enter');
    await expectVisible(demo.outcome('approved'));
    const focused = () =>
      demo.workspace.evaluate(() => {
        const { document } = globalThis as unknown as {
          document: { activeElement: { shadowRoot: { activeElement: { textContent: string } | null } } };
        };
        return document.activeElement.shadowRoot.activeElement?.textContent ?? '';
      });
    expect(await focused()).toBe('Approved');
    await demo.workspace.keyboard.press('Tab');
    await demo.workspace.keyboard.press('Enter');
    await expectVisible(demo.button('Proceed to payment'));
    expect(await demo.workspace.locator('[name=payee]').inputValue()).toBe('Alex Morgan');
    expect(await demo.workspace.locator('[name=amount]').inputValue()).toBe('');
    await demo.button('Proceed to payment').click();
    await expectVisible(demo.workspace.getByText('Enter an amount such as 42.50.'));
  });
});
