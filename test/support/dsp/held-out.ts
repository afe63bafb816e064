import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled, samplesOf } from './codecs.ts';
import { toInt16 } from './key-tones.ts';
import { resampled } from './resampled.ts';
import { talk, VOICES } from './talk.ts';

/** Speech and music that no training has heard: these exactly, `src/training` uses others. */

/** Audio without a key press, at 8 kHz. `acted` is dialogue of a game, with the effects of caves and water on it. */
export interface HeldOut {
  readonly name: string;
  readonly kind: 'speech' | 'music' | 'acted';
  readonly load: () => Int16Array;
}

const ASTERISK = '/usr/share/asterisk';
const PROMPTS = [
  { folder: 'fr_CA_f_June', package: 'asterisk-core-sounds-fr-wav' },
  { folder: 'ru_RU_f_IvrvoiceRU', package: 'asterisk-core-sounds-ru-wav' },
  { folder: 'it_IT_f_Menardi', package: 'asterisk-prompt-it-menardi-wav' },
] as const;
const MUSIC = ['macroform-the_simplicity', 'manolo_camp-morning_coffee', 'reno_project-system'] as const;
export const ACTED_NAME = 'acted dialogue';
/** Dialogue of many actors; every sixth line of it is twenty minutes. */
const ACTED = {
  files: '/usr/share/games/fillets-ng/sound/*/cs/*.ogg',
  every: 6,
  package: 'fillets-ng-data-cs',
};
const ESPEAK = ['en-gb-scotland', 'en-us+f3', 'en-us+m7'] as const;
const FLITE = ['awb', 'rms'] as const;

/** Text that every Debian has, as much of it as is read in eight minutes. */
const TEXT = '/usr/share/common-licenses/GPL-3';
const TEXT_LETTERS = 8000;

const CACHE = join(import.meta.dirname, '..', 'bin', 'held-out');

/** What is here of it, and what to install for the rest; without any speech, the two voices in the repository. */
export function heldOut(): { readonly audio: readonly HeldOut[]; readonly missing: readonly string[] } {
  const audio: HeldOut[] = [];
  const missing = new Set<string>();
  for (const { folder, package: name } of PROMPTS) {
    const files = globSync(`${ASTERISK}/sounds/${folder}/**/*.wav`).toSorted();
    if (files.length === 0) missing.add(name);
    else audio.push({ name: `prompts ${folder}`, kind: 'speech', load: () => joined(files.map(readWav)) });
  }
  for (const piece of MUSIC) {
    const file = `${ASTERISK}/moh/${piece}.wav`;
    if (!existsSync(file)) missing.add('asterisk-moh-opsound-wav');
    else audio.push({ name: piece, kind: 'music', load: () => readWav(file) });
  }
  const lines = globSync(ACTED.files)
    .toSorted()
    .filter((_, i) => i % ACTED.every === 0);
  if (lines.length === 0 || !isInstalled('sox')) missing.add(`${ACTED.package} libsox-fmt-all sox`);
  else audio.push(made(ACTED_NAME, 'acted', (raw) => writeFileSync(raw, Buffer.concat(lines.map(rawOf)))));
  const canSpeak = existsSync(TEXT) && isInstalled('sox');
  for (const voice of ESPEAK) {
    const args = (text: string, wav: string): string[] => ['-v', voice, '-s', '165', '-f', text, '-w', wav];
    if (!canSpeak || !isInstalled('espeak-ng')) missing.add('espeak-ng sox');
    else audio.push(synthetic(`espeak-ng ${voice}`, 'espeak-ng', args));
  }
  for (const voice of FLITE) {
    const args = (text: string, wav: string): string[] => ['-voice', voice, '-f', text, '-o', wav];
    if (!canSpeak || !isInstalled('flite')) missing.add('flite sox');
    else audio.push(synthetic(`flite ${voice}`, 'flite', args));
  }
  if (!audio.some(({ kind }) => kind === 'speech'))
    for (const voice of VOICES)
      audio.push({ name: `shipped ${voice}`, kind: 'speech', load: () => talk(voice) });
  return { audio, missing: [...missing] };
}

function synthetic(name: string, program: string, args: (text: string, wav: string) => string[]): HeldOut {
  return made(name, 'speech', (raw) => {
    const [text, wav] = [`${raw}.txt`, `${raw}.wav`];
    writeFileSync(text, readFileSync(TEXT, 'utf8').replaceAll(/\s+/g, ' ').slice(0, TEXT_LETTERS));
    execFileSync(program, args(text, wav), { stdio: 'ignore' });
    writeFileSync(raw, rawOf(wav));
  });
}

/** As raw samples at 8 kHz. */
function rawOf(file: string): Buffer {
  const format = ['-t', 'raw', '-r', '8000', '-c', '1', '-b', '16', '-e', 'signed'];
  return execFileSync('sox', ['-R', '-V1', file, ...format, '-'], { maxBuffer: 2 ** 28 });
}

/** Made once, as raw samples, and kept beside the other things that tests build. */
function made(name: string, kind: HeldOut['kind'], make: (raw: string) => void): HeldOut {
  const file = join(CACHE, `${name.replaceAll(/[^a-z0-9]+/g, '-')}.raw`);
  return {
    name,
    kind,
    load: () => {
      if (!existsSync(file)) {
        mkdirSync(CACHE, { recursive: true });
        const partial = `${file}.${process.pid}.${Math.trunc(performance.now() * 1000)}`;
        make(partial);
        renameSync(partial, file);
      }
      return samplesOf(readFileSync(file));
    },
  };
}

/** The samples of a 16 bit mono WAV file at 8 kHz, as Debian's prompts and music are. */
function readWav(file: string): Int16Array {
  const bytes = readFileSync(file);
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32LE(at + 4);
    if (bytes.toString('latin1', at, at + 4) === 'data')
      return samplesOf(bytes.subarray(at + 8, Math.min(bytes.length, at + 8 + size)));
    at += 8 + size + (size & 1);
  }
  return new Int16Array(0);
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const out = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A frame this far below the loudest twentieth is a pause. */
const ACTIVE_DB = 25;

/** Per 20 ms frame, whether someone speaks or plays. */
export function activeFrames(samples: Int16Array, rateHz: number): boolean[] {
  const frame = rateHz / 50;
  const powers = Array.from({ length: Math.floor(samples.length / frame) }, (_, i) => {
    let sum = 0;
    for (let n = i * frame; n < (i + 1) * frame; n += 1) sum += samples[n]! ** 2;
    return sum / frame;
  });
  const loud = powers.toSorted((a, b) => a - b)[Math.floor(powers.length * 0.95)] ?? 0;
  return powers.map((power) => power > loud * 10 ** (-ACTIVE_DB / 10));
}

/** Of each recording; overlap needs no more, and memory would. */
const BACKGROUND_SECONDS = 240;
const backgrounds = new Map<string, Int16Array>();

/** Prompts of three speakers, or music, without pauses, so that a tone at a ratio to it really overlaps. */
export function background(kind: 'speech' | 'music', rateHz: number): Int16Array {
  const known = backgrounds.get(`${kind} ${rateHz}`);
  if (known !== undefined) return known;
  const { audio } = heldOut();
  const natural = audio.filter((item) => item.kind === kind && !/^(espeak|flite)/.test(item.name));
  const chosen = natural.length > 0 ? natural : audio;
  const parts = chosen.map(({ load }) => {
    const samples = load().subarray(0, BACKGROUND_SECONDS * 8000);
    const active = activeFrames(samples, 8000);
    return joined(
      active.flatMap((isActive, i) => (isActive ? [samples.subarray(160 * i, 160 * (i + 1))] : [])),
    );
  });
  const result = toInt16(resampled(joined(parts), 8000, rateHz));
  backgrounds.set(`${kind} ${rateHz}`, result);
  return result;
}
