import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { html } from './html.ts';
import type { Html } from './html.ts';

/**
 * A file that the pay page loads, read and hashed when somebody first asks: to strip the types takes a tenth of a
 * start.
 */
export class Asset {
  /** From the root of the server. */
  readonly path: string;
  readonly type: string;
  readonly #read: () => string;
  #body: string | null = null;

  constructor(file: string, type: string, read: (text: string) => string) {
    this.path = `/pay/assets/${file}`;
    this.type = type;
    this.#read = () => read(readFileSync(new URL(file, SRC), 'utf8'));
  }

  get body(): string {
    return (this.#body ??= this.#read());
  }

  /** As the `integrity` attribute has it (W3C Subresource Integrity). */
  get integrity(): string {
    return `sha256-${createHash('sha256').update(this.body).digest('base64')}`;
  }
}

const SRC = new URL('../', import.meta.url);
const SCRIPT = 'text/javascript; charset=utf-8';

/**
 * The script inventory of the page (PCI DSS 6.4.3): the first begins, the others are what it imports, the rules by
 * which the server itself judges a card. They lie under the page as they do under `src`, so that imports find them.
 */
const SCRIPTS = [
  'ui/public/pay/pay.ts',
  'vault/field-rules.ts',
  'vault/card-brand-rules.ts',
  'vault/checksums.ts',
  'vault/expiry-date.ts',
  'vault/typed-entry.ts',
];

export const SCRIPT_ASSETS: readonly Asset[] = SCRIPTS.map(
  (file) => new Asset(file, SCRIPT, (text) => stripTypeScriptTypes(text)),
);

export const STYLE_ASSET = new Asset('ui/public/pay/pay.css', 'text/css; charset=utf-8', (text) => text);

let tags: Html | null = null;

/** Everything that the page loads, with its hash; the only scripts and styles that a page of ours names. */
export function assetTags(): Html {
  return (tags ??= html`<link
      rel="stylesheet"
      href="${STYLE_ASSET.path}"
      integrity="${STYLE_ASSET.integrity}"
    />
    ${SCRIPT_ASSETS.slice(1).map(
      ({ path, integrity }) => html`<link rel="modulepreload" href="${path}" integrity="${integrity}" /> `,
    )}${SCRIPT_ASSETS.slice(0, 1).map(
      ({ path, integrity }) => html`<script type="module" src="${path}" integrity="${integrity}"></script>`,
    )}`);
}
