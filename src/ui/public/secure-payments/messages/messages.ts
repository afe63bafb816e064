import { de } from './de.ts';
import { en } from './en.ts';
import type { Messages } from './en.ts';
import { es } from './es.ts';

export type { Messages };

export const LANGUAGES: Readonly<Record<string, Messages>> = { en, de, es };

/** The texts of the first of these languages that there are texts for, such as `de-AT`; else English. */
export function messagesFor(languages: readonly string[]): {
  readonly language: string;
  readonly texts: Messages;
} {
  for (const tag of languages) {
    const language = tag.toLowerCase().split('-')[0] ?? '';
    const texts = LANGUAGES[language];
    if (texts !== undefined) return { language, texts };
  }
  return { language: 'en', texts: en };
}

/** Puts values in the places of `{name}`. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)).trim();
}

/** The text under `key`, or the one under `fallback` when a newer server uses a word that is not known here. */
export function textOf<T extends Readonly<Record<string, string>>>(
  texts: T,
  key: string,
  fallback: keyof T & string,
): string {
  return texts[key] ?? texts[fallback] ?? '';
}
