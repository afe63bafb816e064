import { execFileSync, spawnSync } from 'node:child_process';
import { toInt16 } from './key-tones.ts';
import { throughMuLaw } from './mu-law.ts';
import { bytesOf } from './spandsp.ts';

/** Codecs by name: `amr475` is AMR narrow band at 4.75 kbit/s, `opus12` Opus at 12 kbit/s. */
export type Codec =
  | 'ulaw'
  | 'alaw'
  | 'tandem'
  | 'gsm'
  | 'gsm2'
  | 'amr122'
  | 'amr590'
  | 'amr475'
  | 'gsm-amr122'
  | `opus${8 | 12 | 16 | 24}`;

/** Mode number of sox's AMR encoder. */
const AMR_MODES: Readonly<Record<string, string>> = { amr122: '7', amr590: '2', amr475: '0' };

/** AMR looks 5 ms ahead; GSM full rate does not, and opusdec takes its delay out by itself. */
const AMR_DELAY = 40;

let missing: ReadonlySet<string> | undefined;

/** Why a codec cannot be run at a rate here, or undefined if it can. */
export function codecMissing(codec: Codec, rateHz: number): string | undefined {
  if (rateHz !== 8000 && /gsm|amr|alaw|tandem/.test(codec)) return '8 kHz only';
  missing ??= new Set(
    [
      { name: 'gsm', isThere: soxHas('gsm') },
      { name: 'amr', isThere: soxHas('amr-nb') },
      { name: 'opus', isThere: ['opusenc', 'opusdec'].every(isInstalled) },
    ]
      .filter(({ isThere }) => !isThere)
      .map(({ name }) => name),
  );
  const lacking = [...missing].filter((name) => codec.includes(name));
  return lacking.length === 0
    ? undefined
    : `${lacking.join(', ')} missing (Debian: sox libsox-fmt-all opus-tools)`;
}

/** What a codec leaves of the samples, its delay taken out. GSM and AMR know 8 kHz only. */
export function throughCodec(samples: Int16Array, codec: Codec, rateHz: number): Int16Array {
  switch (codec) {
    case 'ulaw':
      return throughMuLaw(samples);
    case 'alaw':
      return throughALaw(samples);
    case 'tandem':
      return tandem(samples);
    case 'gsm':
      return throughSox(samples, 'gsm', []);
    case 'gsm2':
      return throughCodec(throughCodec(samples, 'gsm', rateHz), 'gsm', rateHz);
    case 'gsm-amr122':
      return throughCodec(throughCodec(samples, 'gsm', rateHz), 'amr122', rateHz);
    case 'amr122':
    case 'amr590':
    case 'amr475':
      return throughSox(samples, 'amr-nb', ['-C', AMR_MODES[codec]!]);
    case 'opus8':
    case 'opus12':
    case 'opus16':
    case 'opus24':
      return throughOpus(samples, Number(codec.slice(4)), rateHz);
  }
}

/** Three exchanges in a row, each from mu-law to A-law with half a decibel of loss. */
function tandem(samples: Int16Array): Int16Array {
  let signal = samples;
  for (let i = 0; i < 3; i += 1) signal = throughALaw(toInt16(throughMuLaw(signal).map((x) => 0.94 * x)));
  return signal;
}

/** ITU-T G.711 A-law there and back: twelve bit magnitude, eight segments, values in the middle of their steps. */
export function throughALaw(samples: Int16Array): Int16Array {
  return samples.map((sample) => {
    const magnitude = (sample < 0 ? -sample - 1 : sample) >> 4;
    const exponent = magnitude < 32 ? 1 : 27 - Math.clz32(magnitude);
    const shift = exponent - 1;
    const middle = ((magnitude >> (shift + 1)) << (shift + 1)) + (1 << shift);
    return (sample < 0 ? -middle : middle) * 16;
  });
}

/** `-R` fixes the dither, `-V1` keeps warnings of clipping away. */
const SOX = ['-R', '-V1'];
const RAW = ['-t', 'raw', '-r', '8000', '-c', '1', '-b', '16', '-e', 'signed'];

function throughSox(samples: Int16Array, format: string, options: readonly string[]): Int16Array {
  const coded = piped('sox', [...SOX, ...RAW, '-', '-t', format, ...options, '-'], bytesOf(samples));
  const decoded = samplesOf(piped('sox', [...SOX, '-t', format, '-', ...RAW, '-'], coded));
  return aligned(decoded, format === 'gsm' ? 0 : AMR_DELAY, samples.length);
}

function throughOpus(samples: Int16Array, kbps: number, rateHz: number): Int16Array {
  const raw = ['--raw', '--raw-rate', String(rateHz), '--raw-chan', '1', '--raw-bits', '16'];
  // Long options, frames of 20 ms as telephony has them; the serial number makes the file reproducible.
  const mode = ['--bitrate', String(kbps), '--framesize', '20', '--speech', '--hard-cbr', '--serial', '1'];
  const coded = piped('opusenc', ['--quiet', ...raw, ...mode, '-', '-'], bytesOf(samples));
  const decoded = piped('opusdec', ['--quiet', '--rate', String(rateHz), '--no-dither', '-', '-'], coded);
  return aligned(samplesOf(decoded), 0, samples.length);
}

function aligned(decoded: Int16Array, delay: number, length: number): Int16Array {
  const out = new Int16Array(length);
  out.set(decoded.subarray(delay, delay + length));
  return out;
}

function piped(program: string, args: readonly string[], input: Buffer): Buffer {
  return execFileSync(program, args, { input, maxBuffer: 2 ** 30, stdio: ['pipe', 'pipe', 'ignore'] });
}

/** 16 bit samples of bytes; as every machine that Node runs on, files and pipes have the lower byte first. */
export function samplesOf(bytes: Uint8Array): Int16Array {
  const samples = new Int16Array(bytes.length >> 1);
  new Uint8Array(samples.buffer).set(bytes.subarray(0, 2 * samples.length));
  return samples;
}

export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--help'], { stdio: 'ignore' }).error === undefined;
}

function soxHas(format: string): boolean {
  const { stdout } = spawnSync('sox', ['--help'], { encoding: 'utf8' });
  return (stdout ?? '').split(/\s+/).includes(format);
}
