import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyTones } from '../support/dsp/key-tones.ts';
import { talk } from '../support/dsp/talk.ts';

/** Goal: the commands as the contract has them. Method: the program as a person starts it, its files and exit codes. */

const PROGRAM = join(import.meta.dirname, '..', '..', 'src', 'cli', 'tonewall.js');
const DIGITS = '4111#';

let folder = '';
const inFolder = (name: string): string => join(folder, name);

function tonewall(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: 'utf8',
    cwd: folder,
  });
  return { code: status, out: stdout, err: stderr };
}

/** A WAV file written by hand, so that reading and writing are not tested with each other. */
function writeWav(name: string, rate: number, ...channels: Int16Array[]): void {
  const length = channels[0]!.length;
  const bytes = Buffer.alloc(44 + 2 * length * channels.length);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(channels.length, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * 2 * channels.length, 28);
  bytes.writeUInt16LE(2 * channels.length, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(bytes.length - 44, 40);
  for (let n = 0; n < length; n += 1) {
    for (const [c, samples] of channels.entries())
      bytes.writeInt16LE(samples[n]!, 44 + 2 * (n * channels.length + c));
  }
  writeFileSync(inFolder(name), bytes);
}

function samplesOf(name: string): Int16Array {
  const bytes = readFileSync(inFolder(name));
  return Int16Array.from({ length: (bytes.length - 44) / 2 }, (_, n) => bytes.readInt16LE(44 + 2 * n));
}

const keyed = keyTones({ rateHz: 16_000, digits: DIGITS, toneMs: 90, pauseMs: 90, noiseDbm0: -60 });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonewall-commands-'));
  writeWav('keys.wav', 16_000, keyed.samples);
  writeWav(
    'stereo.wav',
    8000,
    talk('rms').subarray(0, 16_000),
    keyTones({ rateHz: 8000, digits: '12', toneMs: 90, pauseMs: 400 }).samples.subarray(0, 16_000),
  );
  writeWav('talk.wav', 8000, talk('rms'));
  writeWav('odd.wav', 11_025, new Int16Array(1000));
  writeFileSync(inFolder('text.wav'), 'not a recording');
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('tonewall mask', () => {
  it('writes the masked recording and what it heard', () => {
    const { code, out, err } = tonewall('mask', 'keys.wav', 'masked.wav', '--report', 'report.json');
    expect([code, out, err]).toEqual([0, '', '']);
    const report = JSON.parse(readFileSync(inFolder('report.json'), 'utf8')) as {
      digits: { digit: string; startSample: number; endSample: number; confidence: number }[];
      maskedSpans: { startSample: number; endSample: number }[];
    };
    expect(Object.keys(report)).toEqual([
      'sampleRate',
      'latencySamples',
      'digits',
      'maskedSpans',
      'speechMaskedRatio',
    ]);
    expect(report).toMatchObject({ sampleRate: 16_000, latencySamples: 160 });
    expect(report.digits.map(({ digit }) => digit).join('')).toBe(DIGITS);
    for (const [i, { onset, end }] of keyed.presses.entries()) {
      const { startSample, endSample, confidence } = report.digits[i]!;
      expect(Math.abs(startSample - onset)).toBeLessThan(160);
      expect(Math.abs(endSample - end)).toBeLessThan(160);
      expect(confidence).toBeGreaterThan(0.5);
      expect(report.maskedSpans.some((span) => span.startSample <= onset && span.endSample >= end)).toBe(
        true,
      );
    }
    const output = samplesOf('masked.wav');
    expect(output).toHaveLength(keyed.samples.length);
    expect(output.subarray(160, 3000)).toEqual(keyed.samples.subarray(0, 2840));
  });

  it('masks one channel of two and delays the other alike', () => {
    expect(tonewall('mask', 'stereo.wav', 'half.wav', '--channel', 'right').code).toBe(0);
    const output = samplesOf('half.wav').filter((_, i) => i % 2 === 0);
    expect(output.subarray(80)).toEqual(talk('rms').subarray(0, 15_920));
    expect(tonewall('verify', 'half.wav').code).toBe(0);
    expect(tonewall('verify', 'stereo.wav').code).toBe(3);
  });

  it('tells how much of the speech it replaced', () => {
    expect(
      tonewall('mask', 'talk.wav', 'talk-masked.wav', '--report', 'talk.json', '--sensitivity', 'normal')
        .code,
    ).toBe(0);
    const { speechMaskedRatio } = JSON.parse(readFileSync(inFolder('talk.json'), 'utf8')) as {
      speechMaskedRatio: number;
    };
    expect(speechMaskedRatio).toBeLessThan(0.007);
  });

  it.each([
    { args: ['missing.wav', 'x.wav'], err: 'missing.wav: no such file' },
    { args: ['text.wav', 'x.wav'], err: 'not a WAV file' },
    { args: ['odd.wav', 'x.wav'], err: 'expected a rate of 8000, 16000, 24000 Hz, found 11025 Hz' },
    { args: ['stereo.wav', 'x.wav'], err: 'expected --channel left or right' },
    { args: ['keys.wav'], err: 'expected IN.wav OUT.wav' },
    { args: ['keys.wav', 'x.wav', '--mode', 'beep'], err: '--mode: expected tone or silence or noise' },
    {
      args: ['keys.wav', 'x.wav', '--lookahead', '1e9'],
      err: '--lookahead: expected a number from 2 to 100',
    },
    { args: ['keys.wav', 'x.wav', '--loud'], err: "Unknown option '--loud'" },
    { args: ['keys.wav', 'nowhere/x.wav'], err: 'nowhere/x.wav: no such file or folder' },
    {
      args: ['keys.wav', 'x.wav', '--report', 'nowhere/x.json'],
      err: 'nowhere/x.json: no such file or folder',
    },
  ])('refuses $args with one line and no file', ({ args, err }) => {
    const result = tonewall('mask', ...args);
    expect(result.code).toBe(2);
    expect(result.err).toContain(err);
    expect(result.err.trimEnd().split('\n')).toHaveLength(1);
    expect(readdirSync(folder).filter((name) => name.startsWith('x.'))).toEqual([]);
  });
});

describe('tonewall verify', () => {
  it('calls a masked recording clean', () => {
    tonewall('mask', 'keys.wav', 'clean.wav');
    expect(tonewall('verify', 'clean.wav')).toEqual({ code: 0, out: 'clean\n', err: '' });
  });

  it('names places and lengths, and digits only when asked', () => {
    const { code, out } = tonewall('verify', 'keys.wav');
    expect(code).toBe(3);
    expect(out.trimEnd().split('\n')).toHaveLength(DIGITS.length);
    expect(out.split('\n')[0]).toMatch(/^0\.(29|30)\d s: (8|9)\d ms$/);
    expect(
      tonewall('verify', 'keys.wav', '--reveal')
        .out.replace(/.* ms /g, '')
        .replaceAll('\n', ''),
    ).toBe(DIGITS);
    const json = JSON.parse(tonewall('verify', 'keys.wav', '--json').out) as {
      clean: boolean;
      findings: object[];
    };
    expect(json.clean).toBe(false);
    expect(json.findings).toHaveLength(DIGITS.length);
    expect(Object.keys(json.findings[0]!)).toEqual(['channel', 'startSample', 'endSample']);
  });
});

describe('tonewall', () => {
  it('lists its commands and helps with each', () => {
    expect(tonewall('--help').out).toContain('mask');
    expect(tonewall('mask', '--help').out).toContain('--sensitivity');
    expect(tonewall('verify', '--help').out).toContain('--reveal');
    expect(tonewall('dance')).toMatchObject({ code: 2, out: '' });
  });
});
