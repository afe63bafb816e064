import type { EntryField, RejectionReason } from '../core/capture-field.ts';
import type { Language } from './language.ts';
import { DE } from './texts-de.ts';
import { EN } from './texts-en.ts';
import { ES } from './texts-es.ts';

/** Every word of the pay page. */
export interface Texts {
  readonly title: string;
  readonly titleToken: string;
  readonly amount: string;
  readonly payee: string;
  readonly reference: string;
  readonly description: string;
  readonly fields: Readonly<Record<EntryField, string>>;
  readonly hints: Readonly<Partial<Record<EntryField, string>>>;
  readonly pay: string;
  readonly save: string;
  readonly working: string;
  readonly privacy: string;
  readonly cards: string;
  readonly language: string;
  readonly correct: string;
  readonly triesLeft: (count: number) => string;
  readonly reasons: Readonly<Record<RejectionReason, string>>;
  readonly results: Readonly<
    Record<
      | 'approved'
      | 'saved'
      | 'declined'
      | 'failed'
      | 'unknown'
      | 'processing'
      | 'gone'
      | 'limited'
      | 'unavailable'
      | 'refused'
      | 'broken',
      { readonly title: string; readonly text: string }
    >
  >;
}

export const TEXTS: Readonly<Record<Language, Texts>> = { en: EN, de: DE, es: ES };
