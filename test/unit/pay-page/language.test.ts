import { describe, expect, it } from 'vitest';
import { pickLanguage } from '../../../src/pay-page/language.ts';

describe('pickLanguage', () => {
  it.each([
    [undefined, undefined, 'en'],
    [undefined, 'de', 'de'],
    [undefined, 'de;q=0.2, es;q=0.9', 'es'],
    [undefined, 'de;q=0, en', 'en'],
    [undefined, 'fr, pt-BR', 'en'],
    [undefined, ';;,q=1,,*', 'en'],
    [undefined, 'DE-at', 'de'],
    ['es', 'de', 'es'],
    ['fr', 'de', 'de'],
    [['es', 'de'], 'de', 'de'],
  ])('picks of choice %j and browser "%s" %s', (chosen, accepted, language) => {
    expect(pickLanguage(chosen, accepted)).toBe(language);
  });
});
