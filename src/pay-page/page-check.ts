import { createHash } from 'node:crypto';
import { assetTags, SCRIPT_ASSETS, STYLE_ASSET } from './assets.ts';
import { PAGE_HEADERS } from './page-headers.ts';

/** What a browser got. */
export interface LiveAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Gets one address, without following redirects. */
export type GetPage = (url: string) => Promise<LiveAnswer>;

/** Headers by which somebody on the way could make a browser load, keep or tell more than the page itself asks for. */
const FOREIGN_HEADERS = ['set-cookie', 'link', 'location', 'refresh', 'content-security-policy-report-only'];
/** Elements that load, frame or run something, or change where the page leads. */
const ACTIVE =
  /<(?:script|link|style|iframe|frame|object|embed|applet|img|svg|video|audio|base|template)\b[^>]*>/gi;
const META = /<meta\b[^>]*>/gi;
const KNOWN_METAS = /^<meta (?:charset|name="(?:viewport|robots)")/;
const FORM = /<form\b[^>]*>/gi;
const KNOWN_FORM = /\baction="\?lang=(?:en|de|es)"/;
const HANDLER = /<[^>]+\son[a-z]+\s*=/i;

/**
 * Holds the live page at `url`, and everything that it loads, against what this version ships (PCI DSS 4.0.1, 6.4.3 and
 * 11.6.1): headers, the inventory of scripts and styles, their hashes. Any page of ours will do, also the one that says
 * that a link does not work. Returns what differs, a line each; rejects as `get` does.
 */
export async function checkPage(url: string, get: GetPage): Promise<readonly string[]> {
  const page = await get(url);
  const problems: string[] = [];
  if (page.status !== 200 && page.status !== 404)
    problems.push(`page: status ${page.status}, expected 200 or 404`);
  problems.push(...headerProblems(page), ...contentProblems(page.body));
  for (const { path, type, integrity } of [STYLE_ASSET, ...SCRIPT_ASSETS]) {
    const asset = await get(new URL(path, url).href);
    const hash = `sha256-${createHash('sha256').update(asset.body).digest('base64')}`;
    if (asset.status !== 200) problems.push(`${path}: status ${asset.status}, expected 200`);
    else if (hash !== integrity) problems.push(`${path}: ${hash}, expected ${integrity}`);
    if (asset.headers.get('content-type') !== type) problems.push(`${path}: content-type, expected ${type}`);
  }
  return problems;
}

function headerProblems({ headers }: LiveAnswer): string[] {
  const problems: string[] = [];
  for (const [name, expected] of Object.entries(PAGE_HEADERS)) {
    const value = headers.get(name);
    if (value === undefined) problems.push(`header ${name}: missing, expected ${expected}`);
    else if (value !== expected) problems.push(`header ${name}: ${value}, expected ${expected}`);
  }
  for (const name of FOREIGN_HEADERS) if (headers.has(name)) problems.push(`header ${name}: expected none`);
  return problems;
}

function contentProblems(body: string): string[] {
  const shipped = activeTags(assetTags().text);
  const live = activeTags(body);
  const problems = live
    .filter((tag) => !shipped.includes(tag))
    .map((tag) => `page: ${shortened(tag)}, not in the inventory`);
  problems.push(
    ...shipped.filter((tag) => !live.includes(tag)).map((tag) => `page: ${shortened(tag)} is missing`),
  );
  for (const meta of body.match(META) ?? []) {
    if (!KNOWN_METAS.test(meta)) problems.push(`page: ${shortened(meta)}, not in the inventory`);
  }
  for (const form of body.match(FORM) ?? []) {
    if (!KNOWN_FORM.test(form)) problems.push('page: a form that leads elsewhere');
  }
  if (HANDLER.test(body)) problems.push('page: an inline event handler');
  if (/<script\b[^>]*>[^<]/i.test(body)) problems.push('page: an inline script');
  return problems;
}

/** Spaces and line breaks inside of a tag mean nothing. */
function activeTags(text: string): string[] {
  return (text.match(ACTIVE) ?? []).map((tag) => tag.replace(/\s+/g, ' '));
}

/** On one line, and without what could harm a terminal. */
function shortened(tag: string): string {
  return tag.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200);
}
