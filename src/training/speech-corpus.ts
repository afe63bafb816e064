/* oxlint-disable typescript/no-non-null-assertion -- typed-array reads, as in src/dsp. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Audio without any key press: 8 kHz samples in 16 bit units. */
export interface Recording {
  readonly name: string;
  readonly samples: Float32Array;
}

const RATE = 8000;

/** Text that every machine with Debian has, read aloud by the synthesisers. */
const TEXT_FILE = '/usr/share/common-licenses/GPL-3';
const ASTERISK = '/usr/share/asterisk';

/** Voices for training; tests use others, so that a figure says something about callers nobody trained on. */
const ESPEAK_VOICES = [
  'en-us',
  'en-gb',
  'en-us+f1',
  'en-us+m3',
  'en-us+croak',
  'en-us+f2',
  'en-gb+f5',
  'es',
  'de',
  'fr',
  'pt+m2',
] as const;
const FLITE_VOICES = ['kal16', 'slt'] as const;

/** Voices that no network is fitted to: they choose among networks that differ by their seed. */
const KEPT_BACK_ESPEAK_VOICES = ['en-gb-x-rp', 'nl', 'sv+f4', 'it+m1'] as const;
const KEPT_BACK_FLITE_VOICES = ['kal'] as const;

/** Who else talks to a receiver that must not take it for a digit. */
const TALKING_ESPEAK_VOICES = ['ru', 'pl+f2', 'tr+m4', 'cmn', 'ja+f1', 'el', 'hi+f4', 'ar', 'fi+m5'] as const;

const PROMPT_FOLDERS = ['en_US_f_Allison', 'es_MX_f_Allison', 'it_IT_m_Carlo'] as const;
const MUSIC = ['macroform-cold_day', 'macroform-robot_dity'] as const;

/** What holds single notes longest, and is no voice: game music, some of it made of plain waves. */
const GAME_MUSIC = [
  { name: 'music-fillets', files: '/usr/share/games/fillets-ng/music/*.ogg' },
  { name: 'music-bubble', files: '/usr/share/games/frozen-bubble/snd/*zik*.ogg' },
] as const;

const PROMPT_SECONDS = 900;
const VOICE_SECONDS = 120;
const MUSIC_SECONDS = 240;
const GAME_MUSIC_SECONDS = 1500;
const TALK_SECONDS = 720;
const DIALOGUE_SECONDS = 3600;

/**
 * Loads the training corpus, synthesising it into `folder` at the first run. The Debian packages that this and the
 * functions below need are named by `npm run train -- --help`.
 */
export function loadSpeechCorpus(folder: string): Recording[] {
  return [
    ...ESPEAK_VOICES.map((voice) => readAloud(folder, 'espeak-ng', voice, VOICE_SECONDS)),
    ...FLITE_VOICES.map((voice) => readAloud(folder, 'flite', voice, 2 * VOICE_SECONDS)),
    ...loadPrompts(folder),
    loadDialogue(folder),
    ...loadMusic(folder),
  ];
}

/** Acted dialogue of a game. */
function loadDialogue(folder: string): Recording {
  const files = globSync('/usr/share/games/fillets-ng/sound/*/nl/*.ogg').sort();
  return kept(folder, 'game-nl', DIALOGUE_SECONDS, (file) => toRaw(files, file));
}

function loadPrompts(folder: string): Recording[] {
  return PROMPT_FOLDERS.map((prompts) => {
    const wavs = globSync(`${ASTERISK}/sounds/${prompts}/**/*.wav`).sort();
    return kept(folder, `prompts-${prompts}`, PROMPT_SECONDS, (file) => toRaw(wavs, file));
  });
}

function loadMusic(folder: string): Recording[] {
  return MUSIC.map((piece) =>
    kept(folder, `music-${piece}`, MUSIC_SECONDS, (file) => toRaw([`${ASTERISK}/moh/${piece}.wav`], file)),
  );
}

/** Hours of voices without a tone, those of the corpus at length and more: what a receiver takes for a digit is rare. */
export function loadTalk(folder: string): Recording[] {
  return [
    ...[...ESPEAK_VOICES, ...TALKING_ESPEAK_VOICES].map((voice) =>
      readAloud(folder, 'espeak-ng', voice, TALK_SECONDS),
    ),
    ...FLITE_VOICES.map((voice) => readAloud(folder, 'flite', voice, TALK_SECONDS)),
    ...loadPrompts(folder),
    loadDialogue(folder),
    ...loadMusic(folder),
    ...GAME_MUSIC.map(({ name, files }) =>
      kept(folder, name, GAME_MUSIC_SECONDS, (file) => joinRaw(globSync(files).sort(), file)),
    ),
  ];
}

/** The voices that training leaves out, made in the same way. */
export function loadKeptBackVoices(folder: string): Recording[] {
  const colombian = globSync(`${ASTERISK}/sounds/es/**/*.gsm`).sort();
  return [
    ...KEPT_BACK_ESPEAK_VOICES.map((voice) => readAloud(folder, 'espeak-ng', voice, TALK_SECONDS)),
    ...KEPT_BACK_FLITE_VOICES.map((voice) => readAloud(folder, 'flite', voice, TALK_SECONDS)),
    kept(folder, 'prompts-es_CO', PROMPT_SECONDS, (file) => toRaw(colombian, file)),
  ];
}

function readAloud(
  folder: string,
  program: 'espeak-ng' | 'flite',
  voice: string,
  seconds: number,
): Recording {
  return kept(folder, `${program === 'flite' ? 'flite' : 'espeak'}-${voice}`, seconds, (file) => {
    const [text, wav] = [`${file}.txt`, `${file}.wav`];
    writeFileSync(text, readFileSync(TEXT_FILE, 'utf8').replace(/\s+/g, ' ').slice(0, 12_000));
    if (program === 'flite') execFileSync('flite', ['-voice', voice, '-f', text, '-o', wav]);
    else execFileSync('espeak-ng', ['-v', voice, '-s', '165', '-f', text, '-w', wav]);
    toRaw([wav], file);
  });
}

function kept(folder: string, name: string, seconds: number, make: (file: string) => void): Recording {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.raw`);
  if (!existsSync(file)) make(file);
  return { name, samples: readRaw(file).subarray(0, seconds * RATE) };
}

/**
 * Codecs that the corpus is degraded with; AMR at 4.75 and Opus at 12 kbit/s are the worst of their kind in use, AMR at
 * 12.2 and Opus at 24 the best.
 */
export type Codec = 'mu-law' | 'gsm' | 'amr' | 'amr-12.2' | 'opus' | 'opus-24';

/** Algorithmic delay of the codecs' tools in samples: AMR looks 5 ms ahead, the others compensate theirs. */
const CODEC_DELAY: Readonly<Record<Codec, number>> = {
  'mu-law': 0,
  gsm: 0,
  amr: 40,
  'amr-12.2': 40,
  opus: 0,
  'opus-24': 0,
};

/** Codecs take most of the training's time: of a long recording its beginning is enough. */
const CODEC_SECONDS = 200;

/** Runs 8 kHz samples, at most 200 s of them, through a codec and back, without its delay. */
export function throughCodec(recording: Float32Array, codec: Codec): Float32Array {
  const samples = recording.subarray(0, CODEC_SECONDS * RATE);
  const decoded = toFloats(decodedBytes(samples, codec));
  const delay = CODEC_DELAY[codec];
  const out = new Float32Array(samples.length);
  out.set(decoded.subarray(delay, delay + samples.length));
  return out;
}

function decodedBytes(samples: Float32Array, codec: Codec): Buffer {
  switch (codec) {
    case 'mu-law':
      return throughSox(samples, ['-t', 'ul', '-r', '8000', '-c', '1'], []);
    case 'gsm':
      return throughSox(samples, ['-t', 'gsm'], []);
    case 'amr':
      return throughSox(samples, ['-t', 'amr-nb'], ['-C', '0']);
    case 'amr-12.2':
      return throughSox(samples, ['-t', 'amr-nb'], ['-C', '7']);
    case 'opus':
      return throughOpus(samples, 12);
    case 'opus-24':
      return throughOpus(samples, 24);
  }
}

function throughSox(samples: Float32Array, format: readonly string[], coding: readonly string[]): Buffer {
  const coded = pipe('sox', ['-R', '-V1', ...RAW, '-', ...format, ...coding, '-'], toBytes(samples));
  return pipe('sox', ['-R', '-V1', ...format, '-', ...RAW, '-'], coded);
}

function throughOpus(samples: Float32Array, kilobits: number): Buffer {
  const raw = ['--raw', '--raw-rate', '8000', '--raw-chan', '1', '--raw-bits', '16'];
  const mode = [
    '--bitrate',
    String(kilobits),
    '--framesize',
    '20',
    '--comp',
    '3',
    '--speech',
    '--hard-cbr',
    '--serial',
    '1',
  ];
  return pipe(
    'opusdec',
    ['--quiet', '--rate', '8000', '--no-dither', '-', '-'],
    pipe('opusenc', ['--quiet', ...raw, ...mode, '-', '-'], toBytes(samples)),
  );
}

function pipe(program: string, args: readonly string[], input: Buffer): Buffer {
  return execFileSync(program, args, { input, maxBuffer: 2 ** 30, stdio: ['pipe', 'pipe', 'ignore'] });
}

const EMPTY = Buffer.alloc(0);
const RAW = ['-t', 'raw', '-r', '8000', '-c', '1', '-b', '16', '-e', 'signed'];

/** `-R` fixes sox's dither, `-V1` keeps its clipping warnings out of the training log. */
function toRaw(wavs: readonly string[], file: string): void {
  execFileSync('sox', ['-R', '-V1', ...wavs, ...RAW, file]);
}

/** Files of several rates and channels, one after the other. */
function joinRaw(files: readonly string[], to: string): void {
  writeFileSync(to, Buffer.concat(files.map((file) => pipe('sox', ['-R', '-V1', file, ...RAW, '-'], EMPTY))));
}

function readRaw(file: string): Float32Array {
  return toFloats(readFileSync(file));
}

function toFloats(bytes: Buffer): Float32Array {
  const out = new Float32Array(bytes.length >> 1);
  for (let i = 0; i < out.length; i += 1) out[i] = bytes.readInt16LE(2 * i);
  return out;
}

function toBytes(samples: Float32Array): Buffer {
  const bytes = Buffer.alloc(2 * samples.length);
  for (let i = 0; i < samples.length; i += 1) {
    bytes.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(samples[i] ?? 0))), 2 * i);
  }
  return bytes;
}
