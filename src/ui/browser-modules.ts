import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { PUBLIC, typeOf } from './public-files.ts';
import type { PublicFile } from './public-files.ts';

/**
 * Lit and the parts it is made of, by the names under which its code and ours import them. They are served from the
 * installed packages: no bundler, no other host, and what the lockfile pins is what the browser runs.
 */
const VENDOR: Readonly<Record<string, string>> = {
  lit: 'lit/index.js',
  'lit-html': 'lit-html/lit-html.js',
  'lit-html/is-server.js': 'lit-html/is-server.js',
  'lit-element/lit-element.js': 'lit-element/lit-element.js',
  '@lit/reactive-element': '@lit/reactive-element/reactive-element.js',
};
/** Imported by relative paths from within the packages. */
const VENDOR_PARTS = ['@lit/reactive-element/css-tag.js'];

const PACKAGES = new URL('../', import.meta.resolve('lit'));
const SPECIFIER = /(\bfrom\s*|\bimport\s*)(["'])([^"']+)\2/g;
const SCRIPT = typeOf('.js');

/** Every module of a folder of browser code, without types. */
export function browserModules(folder: string): PublicFile[] {
  return readdirSync(new URL(`${folder}/`, PUBLIC), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const file = `${folder}/${name}`;
      const text = stripTypeScriptTypes(readFileSync(new URL(file, PUBLIC), 'utf8'));
      return { path: file.replace(/\.ts$/, '.js'), type: SCRIPT, body: withBrowserSpecifiers(text) };
    });
}

/** The library code that browser modules import. */
export function vendorModules(): PublicFile[] {
  return [...Object.values(VENDOR), ...VENDOR_PARTS].map((file) => {
    const text = readFileSync(new URL(file, PACKAGES), 'utf8').replace(/\n\/\/# sourceMappingURL=.*/, '');
    return { path: `vendor/${file}`, type: SCRIPT, body: withBrowserSpecifiers(text) };
  });
}

/** Browsers know neither package names nor TypeScript: both kinds of import become addresses of ours. */
function withBrowserSpecifiers(text: string): string {
  return text.replace(SPECIFIER, (whole, keyword: string, quote: string, specifier: string) => {
    const vendor = VENDOR[specifier];
    if (vendor !== undefined) return `${keyword}${quote}/assets/vendor/${vendor}${quote}`;
    return specifier.startsWith('.')
      ? `${keyword}${quote}${specifier.replace(/\.ts$/, '.js')}${quote}`
      : whole;
  });
}
