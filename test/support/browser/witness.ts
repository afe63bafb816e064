import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** Put into the agent's tab before its scripts run: keeps what the tab sent, received and announced. */
const RECORDER = `
  globalThis.witness = { network: [], announcements: [] };
  const send = globalThis.fetch;
  globalThis.fetch = async (address, options) => {
    witness.network.push(String(address) + ' ' + String(options?.body ?? ''));
    const response = await send(address, options);
    if (response.body === null) return response;
    const [own, kept] = response.body.tee();
    void (async () => {
      try {
        for await (const text of kept.pipeThrough(new TextDecoderStream())) witness.network.push(text);
      } catch {}
    })();
    return new Response(own, { status: response.status, headers: response.headers });
  };
  new MutationObserver(() => {
    const panel = document.querySelector('secure-payments');
    if (panel === null || panel.shadowRoot === null || panel === witness.panel) return;
    witness.panel = panel;
    const note = () => {
      const text = panel.shadowRoot.querySelector('[data-part=announcement]')?.textContent.trim() ?? '';
      if (text !== '' && text !== witness.announcements.at(-1)) witness.announcements.push(text);
    };
    new MutationObserver(note).observe(panel.shadowRoot, { subtree: true, childList: true, characterData: true });
  }).observe(document, { subtree: true, childList: true, attributes: true });
`;

/** The rules of WCAG 2.2, levels A and AA. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

interface Witnessed {
  readonly network: string[];
  readonly announcements: string[];
}

/** Looks over the agent's shoulder: everything that the tab holds, says and sends. */
export class Witness {
  readonly #page: Page;
  readonly #addresses: string[] = [];
  /** Errors of scripts, refusals by the security policy, and other things that a console shows in red. */
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.#page = page;
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    page.on('request', (request) => this.#addresses.push(request.url(), request.postData() ?? ''));
    page.on('framenavigated', (frame) => this.#addresses.push(frame.url()));
  }

  static async watch(page: Page): Promise<Witness> {
    await page.addInitScript(RECORDER);
    return new Witness(page);
  }

  /** What a screen reader was given to say, in order. */
  announcements(): Promise<string[]> {
    return this.#page.evaluate(() => (globalThis as unknown as { witness: Witnessed }).witness.announcements);
  }

  /** Document with the panel's inside, storage, addresses, and everything that was sent and received. */
  async everything(): Promise<string> {
    const inside = await this.#page.evaluate(() => {
      const { witness } = globalThis as unknown as { witness: Witnessed };
      const page = globalThis as unknown as {
        document: {
          documentElement: { outerHTML: string };
          cookie: string;
          querySelector(selector: string): { shadowRoot: { innerHTML: string } } | null;
        };
        sessionStorage: object;
        localStorage: object;
        location: { href: string };
      };
      return [
        page.document.documentElement.outerHTML,
        page.document.querySelector('secure-payments')?.shadowRoot.innerHTML ?? '',
        page.document.cookie,
        JSON.stringify(page.sessionStorage),
        JSON.stringify(page.localStorage),
        page.location.href,
        ...witness.network,
        ...witness.announcements,
      ].join('\n');
    });
    return [inside, ...this.#addresses, ...this.errors].join('\n');
  }

  /** What axe finds against WCAG 2.2 AA, or against some of its rules, with the places. */
  async accessibilityProblems(rules: readonly string[] = RULES): Promise<string[]> {
    await this.#page.evaluate(axe.source);
    return this.#page.evaluate(
      async (runOnly) => {
        const { axe: checker } = globalThis as unknown as { axe: typeof axe };
        const { violations } = await checker.run({ runOnly });
        return violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
        );
      },
      [...rules],
    );
  }
}

/** Every run of `length` digits of `digits` that `text` holds; the last four of a card may be shown. */
export function runsOf(digits: string, text: string, length = 5): string[] {
  const secret = digits.slice(0, -4);
  const runs = Array.from({ length: secret.length - length + 1 }, (_, at) => secret.slice(at, at + length));
  return runs.filter((run) => text.includes(run));
}
