import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CuttableNetwork } from '../support/browser/cuttable-network.ts';
import { Demo } from '../support/browser/demo-windows.ts';
import type { DemoWindows } from '../support/browser/demo-windows.ts';
import { expectDigits, expectVisible } from '../support/browser/expectations.ts';

/** Goal: nothing is lost or misread when a line, a page or a network fails. Method: make each of them fail. */
const NUMBER = '5274576394259961';

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

/** The page as a back end's link opens it: with a token in the fragment. */
async function openByLink(base = demo.server.url): Promise<void> {
  const callId = await demo.dial();
  const { workspaceUrl } = await demo.api('POST', `/v1/calls/${callId}/agent-session`);
  await demo.workspace.goto((workspaceUrl as string).replace(demo.server.url, base));
  await demo.workspace.locator('[name=amount]').fill('42.50');
  await demo.proceed();
}

describe('a caller who hangs up while keying', () => {
  it('leaves an empty field and a notice, and at the end of the call a canceled payment', async () => {
    const callId = await demo.call();
    await demo.proceed();
    await demo.key('52745');
    await expectDigits(demo, 'payment-card-number', '*****');
    await demo.phone.getByRole('button', { name: 'Hang up' }).click();
    await expectVisible(demo.workspace.getByText("The caller's line is lost."));
    await expectDigits(demo, 'payment-card-number', '');

    await demo.api('DELETE', `/v1/calls/${callId}`);
    await expectVisible(demo.outcome('canceled'));
    await expectVisible(demo.workspace.getByText('The call has ended.'));
    expect(await demo.button('Take another payment').count()).toBe(0);
    // Nothing in this file gets as far as a charge.
    expect(demo.server.ledger()).toEqual([]);
  });
});

describe('a reload while a field is keyed', () => {
  it('shows the same asterisks again and goes on, with the token nowhere in the address', async () => {
    await openByLink();
    expect(demo.workspace.url()).toBe(`${demo.server.url}/workspace`);
    await demo.key(NUMBER.slice(0, 5));
    await expectDigits(demo, 'payment-card-number', '*****');
    await demo.workspace.reload();
    await expectDigits(demo, 'payment-card-number', '*****');
    await expectVisible(demo.workspace.locator('[data-masking=armed]'));
    await demo.key(NUMBER.slice(5));
    await expectDigits(demo, 'payment-card-number', '************9961');
    expect(demo.workspace.url()).toBe(`${demo.server.url}/workspace`);
    expect(demo.witness.errors).toEqual([]);
  });
});

describe("a reload of the demo's workspace", () => {
  it('takes the call, its payment and its sound up again', async () => {
    await demo.call();
    await demo.proceed();
    await demo.key(NUMBER.slice(0, 5));
    await expectDigits(demo, 'payment-card-number', '*****');
    await demo.workspace.reload();
    await expectDigits(demo, 'payment-card-number', '*****');
    const hears = demo.phone.evaluate(
      () =>
        new Promise<void>((resolve) => {
          new BroadcastChannel('tonewall-agent-audio').addEventListener('message', () => resolve());
        }),
    );
    await demo.key(NUMBER.slice(5));
    await expectDigits(demo, 'payment-card-number', '************9961');
    await hears;
  });
});

describe('a lost connection of the agent', () => {
  it('is shown, and what happened meanwhile is there as soon as it is back', async () => {
    await using network = await CuttableNetwork.before(demo.server.url);
    await openByLink(network.url);
    await demo.key(NUMBER.slice(0, 2));
    await expectDigits(demo, 'payment-card-number', '**');
    network.cut();
    await expectVisible(demo.workspace.getByText('The connection is lost. Trying again…'));
    await demo.key(NUMBER.slice(2, 7));
    network.mend();
    await expectDigits(demo, 'payment-card-number', '*******');
    await demo.workspace.getByText('The connection is lost.').waitFor({ state: 'detached' });
  });
});

describe('a page without parameters', () => {
  it('explains how to open a workspace', async () => {
    await demo.workspace.goto(`${demo.server.url}/workspace`);
    await expectVisible(demo.workspace.getByText('POST /v1/calls/{id}/agent-session'));
    expect(await demo.witness.accessibilityProblems()).toEqual([]);
  });

  it('with a token that is void says that the session has ended', async () => {
    await demo.workspace.goto(`${demo.server.url}/workspace#call=call_x&token=a.b.c`);
    await expectVisible(demo.workspace.getByText('The session has ended.'));
  });
});
