import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Demo } from '../support/browser/demo-windows.ts';
import type { DemoWindows } from '../support/browser/demo-windows.ts';
import { expectDigits, expectVisible } from '../support/browser/expectations.ts';

/** Goal: an agent always knows what was refused, why, and what to say. Method: real keys in a real browser. */
const GOOD = '5274576394259961';
/** The last digit is wrong. */
const WRONG = '5274576394259962';
const AMEX = '374245455400126';
/** Declined by the simulated provider. */
const DECLINED = '4000000000000002#';

let running: Demo;
let demo: DemoWindows;
beforeAll(async () => {
  running = await Demo.start();
});
afterAll(() => running.stop());
beforeEach(async () => {
  demo = await running.open();
  await demo.call();
  await demo.proceed();
});
afterEach(() => demo.close());

describe('a refused field', () => {
  it('says why and how often it may be tried, can be reset while it is keyed, and is then keyed again', async () => {
    await demo.key(WRONG);
    const row = demo.row('payment-card-number');
    await expectVisible(row.getByText('Not a valid card number. 2 attempts left'));
    await expectVisible(demo.part('say').getByText('Please key the card number again, slowly.'));
    await demo.workspace
      .getByText('Card number refused: Not a valid card number.')
      .first()
      .waitFor({ state: 'attached' });

    await demo.key('52745');
    await expectDigits(demo, 'payment-card-number', '*****');
    await demo.button('Reset: Card number').click();
    await expectVisible(demo.row('payment-card-number', '[data-state=requested]'));
    await expectDigits(demo, 'payment-card-number', '');

    await demo.key(GOOD);
    await expectDigits(demo, 'payment-card-number', '************9961');
    await expectVisible(demo.row('expiration-date', '[aria-current]'));
  });

  it('asks for no more than the attempts allow, until the agent requests it', async () => {
    await demo.key(`${WRONG}${WRONG}${WRONG}`);
    const row = demo.row('payment-card-number');
    await expectVisible(row.getByText('No attempt left.'));
    await demo.button('Request: Card number').click();
    await expectVisible(demo.row('payment-card-number', '[aria-current]'));
    await demo.key(GOOD);
    await expectDigits(demo, 'payment-card-number', '************9961');
  });
});

describe('a declined card', () => {
  it('shows the outcome, its reason and a next payment', async () => {
    await demo.key(`${DECLINED}1135749`);
    await demo.workspace.locator('[data-action=process]:enabled').click();
    const outcome = demo.outcome('declined');
    await expectVisible(outcome);
    expect(await outcome.textContent()).toContain('Nothing was charged.');
    expect(await outcome.textContent()).toContain('The bank declined the card.');
    expect(await demo.part('say').textContent()).toContain('Would you like to use another one?');
    expect(await demo.witness.accessibilityProblems()).toEqual([]);
    await expectVisible(demo.button('Take another payment'));
    expect(demo.server.ledger().at(-1)?.outcome).toBe('declined');
  });
});

describe('an American Express card', () => {
  it('has the agent ask for the four digits on the front', async () => {
    await demo.key(`${AMEX}1135`);
    await expectVisible(demo.row('security-code', '[aria-current]'));
    await expectVisible(demo.part('say').getByText('four digits on the front'));
    await demo.key('7491');
    await expectVisible(demo.workspace.locator('[data-action=process]:enabled'));
  });
});

describe('Cancel', () => {
  it('asks once, wipes and ends', async () => {
    await demo.key('5274');
    await expectDigits(demo, 'payment-card-number', '****');
    await demo.button('Cancel').click();
    await demo.workspace.keyboard.press('Escape');
    await demo.button('Cancel').click();
    await demo.button('Yes, cancel').click();
    await expectVisible(demo.outcome('canceled'));
    expect(await demo.row('payment-card-number').count()).toBe(0);
  });
});
