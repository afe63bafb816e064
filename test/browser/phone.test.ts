import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Demo } from '../support/browser/demo-windows.ts';
import type { DemoWindows } from '../support/browser/demo-windows.ts';
import { Witness } from '../support/browser/witness.ts';

/** Goal: the demo's phone is a phone. Method: what it says and keys arrives in the agent's tab. */
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

/** Resolves when the agent hears something that is as loud as speech. */
async function loudnessHeard(): Promise<void> {
  await demo.phone.evaluate(
    () =>
      new Promise<void>((resolve) => {
        new BroadcastChannel('tonewall-agent-audio').addEventListener('message', (event) => {
          const { data } = event as unknown as { data: Int16Array };
          if (data.some((sample) => Math.abs(sample) > 1000)) resolve();
        });
      }),
  );
}

describe('the phone', () => {
  it('speaks to the agent, who can listen', async () => {
    await demo.call();
    await demo.button('Listen').click();
    expect(await demo.button('Listening').getAttribute('aria-pressed')).toBe('true');
    await Promise.all([loudnessHeard(), demo.phone.getByRole('button', { name: 'Say a sentence' }).click()]);
    expect(demo.witness.errors).toEqual([]);
  });

  it('passes the microphone on', async () => {
    await demo.call();
    const microphone = demo.phone.getByRole('button', { name: 'Use my microphone' });
    // The browser's pretended microphone beeps once a second.
    await Promise.all([loudnessHeard(), microphone.click()]);
    await microphone.click();
    expect(await microphone.getAttribute('aria-pressed')).toBe('false');
  });

  it('keys with mouse and keyboard', async () => {
    await demo.call();
    await demo.proceed();
    await demo.phone.getByRole('button', { name: '5', exact: true }).click();
    await demo.showsDigits('payment-card-number', '*');
    await demo.phone.getByRole('button', { name: '2', exact: true }).focus();
    await demo.phone.keyboard.press('Enter');
    await demo.showsDigits('payment-card-number', '**');
    await demo.key('*');
    await demo.row('payment-card-number', '[data-state=requested]').waitFor();
    expect(await demo.row('payment-card-number').locator('.digits').textContent()).toBe('');
  });

  it.each(['light', 'dark'] as const)('passes WCAG 2.2 AA in the %s theme', async (colorScheme) => {
    const witness = await Witness.watch(demo.phone);
    await demo.phone.emulateMedia({ colorScheme });
    await demo.dial();
    expect(await witness.accessibilityProblems()).toEqual([]);
    expect(witness.errors).toEqual([]);
  });
});
