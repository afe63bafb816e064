import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeMuLaw } from './mu-law.ts';

/**
 * `talk.txt` read aloud by voices that no training has heard, as 8 kHz mu-law:
 *   flite -voice rms -f talk.txt -o t.wav && sox -R t.wav -t ul -r 8000 -c 1 talk-rms.ul
 *   espeak-ng -v en-gb-scotland+f4 -s 165 -f talk.txt -w t.wav && sox -R t.wav -t ul -r 8000 -c 1 talk-scotland.ul
 */
export const VOICES = ['rms', 'scotland'] as const;

/** A voice at 8 kHz, just under a minute. */
export function talk(voice: (typeof VOICES)[number]): Int16Array {
  return Int16Array.from(readFileSync(join(import.meta.dirname, `talk-${voice}.ul`)), decodeMuLaw);
}
