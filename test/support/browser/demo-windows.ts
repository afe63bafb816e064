import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { startDemoServer } from '../../../src/demo/demo-server.ts';
import type { DemoServer } from '../../../src/demo/demo-server.ts';
import { launchBrowser } from './launch.ts';
import { Witness } from './witness.ts';

/** The running demo and a browser, for all tests of a file. */
export class Demo {
  readonly server: DemoServer;
  readonly #browser: Browser;

  private constructor(server: DemoServer, browser: Browser) {
    this.server = server;
    this.#browser = browser;
  }

  static async start(): Promise<Demo> {
    const [server, browser] = await Promise.all([startDemoServer('0'), launchBrowser()]);
    return new Demo(server, browser);
  }

  /** Fresh windows: no storage, no call. */
  async open(): Promise<DemoWindows> {
    const context = await this.#browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
    });
    const workspace = await context.newPage();
    const witness = await Witness.watch(workspace);
    return new DemoWindows(this.server, context, workspace, await context.newPage(), witness);
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.server.stop();
  }
}

/** The demo as an evaluator has it: the agent's workspace in one tab, the caller's phone in another. */
export class DemoWindows {
  readonly server: DemoServer;
  readonly context: BrowserContext;
  readonly workspace: Page;
  readonly phone: Page;
  readonly witness: Witness;

  constructor(server: DemoServer, context: BrowserContext, workspace: Page, phone: Page, witness: Witness) {
    this.server = server;
    this.context = context;
    this.workspace = workspace;
    this.phone = phone;
    this.witness = witness;
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  /** Calls, opens the workspace, which takes the newest call, and waits for the form; resolves with the call's id. */
  async call(): Promise<string> {
    const id = await this.dial();
    await this.workspace.goto(`${this.server.url}/workspace#demo`);
    await this.button('Proceed to payment').waitFor();
    return id;
  }

  /** Calls from the phone's page and waits until it is connected. */
  async dial(): Promise<string> {
    await this.phone.goto(`${this.server.url}/phone`);
    const answered = this.phone.waitForResponse('**/demo/calls');
    await this.phone.getByRole('button', { name: 'Call', exact: true }).click();
    const { callId } = (await (await answered).json()) as { callId: string };
    await this.phone.getByText('On the call').waitFor();
    return callId;
  }

  /** Proceeds to the payment and waits until the caller is asked for the first field. */
  async proceed(): Promise<void> {
    await this.button('Proceed to payment').click();
    await this.row('payment-card-number', '[aria-current]').waitFor();
  }

  /** Presses keys on the phone, which puts a tone of 100 ms on the line for each. */
  async key(keys: string): Promise<void> {
    await this.phone.keyboard.type(keys);
  }

  button(name: string): Locator {
    return this.workspace.getByRole('button', { name, exact: true });
  }

  row(field: string, state = ''): Locator {
    return this.workspace.locator(`[data-field=${field}]${state}`);
  }

  /** Waits until the field shows exactly this. */
  async showsDigits(field: string, text: string): Promise<void> {
    const exactly = new RegExp(`^${text.replaceAll('*', '\\*')}$`);
    const state = text === '' ? 'attached' : 'visible';
    await this.row(field).locator('.digits', { hasText: exactly }).waitFor({ state });
  }

  part(name: string): Locator {
    return this.workspace.locator(`[data-part=${name}]`);
  }

  outcome(outcome: string): Locator {
    return this.workspace.locator(`[data-outcome=${outcome}]`);
  }

  /** A request as the back end makes it. */
  async api(method: string, path: string): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.server.apiKey}` },
    });
    const text = await response.text();
    return (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  }
}
