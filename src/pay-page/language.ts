export const LANGUAGES = ['en', 'de', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The language that was chosen on the page, or the browser's best one that we have, or English. */
export function pickLanguage(chosen: unknown, acceptLanguage: string | undefined): Language {
  const known = (word: string): Language | undefined => LANGUAGES.find((language) => language === word);
  const byChoice = typeof chosen === 'string' ? known(chosen) : undefined;
  if (byChoice !== undefined) return byChoice;
  const ranges = (acceptLanguage ?? '')
    .split(',')
    .slice(0, 20)
    .map((range) => {
      const [tag = '', ...parameters] = range.trim().split(';');
      const quality = /^\s*q=([01](?:\.\d{1,3})?)\s*$/.exec(parameters.join(';'))?.[1];
      return { word: tag.split('-')[0]?.toLowerCase() ?? '', quality: Number(quality ?? 1) };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality);
  return ranges.map(({ word }) => known(word)).find((language) => language !== undefined) ?? 'en';
}
