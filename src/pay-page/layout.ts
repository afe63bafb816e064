import { assetTags } from './assets.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { LANGUAGES } from './language.ts';
import type { Language } from './language.ts';
import { TEXTS } from './texts.ts';

const NAMES: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch', es: 'Español' };

/** A whole page. All pages load the same, so that each can be checked against the inventory. */
export function document(language: Language, title: string, content: Html): string {
  const others = LANGUAGES.filter((each) => each !== language).map(
    (each) => html`<a href="?lang=${each}" lang="${each}" hreflang="${each}">${NAMES[each]}</a>`,
  );
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex, nofollow" />
        <title>${title}</title>
        ${assetTags()}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${content}
          <nav aria-label="${TEXTS[language].language}">${others}</nav>
        </main>
      </body>
    </html> `.text.replace(/\n\s+/g, '\n');
}
