import { describe, expect, it } from 'vitest';
import { formatWav, parseWav } from '../../../src/audio-file/wav.ts';

/** A WAV file put together by hand, after the RIFF specification: 8 kHz, two samples 1 and -2. */
const MONO = Buffer.from(
  '52494646' + // "RIFF"
    '28000000' + // 40 bytes follow
    '57415645' + // "WAVE"
    '666d7420' + // "fmt "
    '10000000' + // 16 bytes
    '0100' + // PCM
    '0100' + // one channel
    '401f0000' + // 8000 samples per second
    '803e0000' + // 16000 bytes per second
    '0200' + // 2 bytes per frame
    '1000' + // 16 bits
    '64617461' + // "data"
    '04000000' + // 4 bytes
    '0100feff',
  'hex',
);

describe('parseWav', () => {
  it('reads 16 bit PCM', () => {
    expect(parseWav(MONO)).toEqual({ sampleRate: 8000, channels: [Int16Array.from([1, -2])] });
  });

  it('passes chunks it does not know, odd ones with their padding', () => {
    const list = Buffer.from('4c4953540300000061626300', 'hex');
    const bytes = Buffer.concat([MONO.subarray(0, 12), list, MONO.subarray(12)]);
    expect(parseWav(bytes).channels[0]).toEqual(Int16Array.from([1, -2]));
  });

  it('takes what is there of a data chunk that was cut off', () => {
    expect(parseWav(MONO.subarray(0, MONO.length - 1)).channels[0]).toEqual(Int16Array.from([1]));
  });

  it.each([
    ['a text', Buffer.from('hello, I am a text and no sound at all'), /RIFF/],
    ['nothing', Buffer.alloc(0), /RIFF/],
    ['a file without format', Buffer.concat([MONO.subarray(0, 12), MONO.subarray(36)]), /fmt chunk/],
    ['a file without data', MONO.subarray(0, 36), /data chunk/],
    ['8 bits', patched(34, '0800'), /expected 16 bit PCM, found 8 bit PCM/],
    ['µ-law', patched(20, '0700'), /expected 16 bit PCM, found coding 7/],
    ['no channel', patched(22, '0000'), /at least one channel/],
  ])('refuses %s and says what was expected', (_what, bytes, message) => {
    expect(() => parseWav(bytes)).toThrow(message);
  });
});

describe('formatWav', () => {
  it('writes the bytes of the specification', () => {
    expect(formatWav({ sampleRate: 8000, channels: [Int16Array.from([1, -2])] })).toEqual(MONO);
  });

  it('writes two channels that come back apart', () => {
    const stereo = {
      sampleRate: 24_000,
      channels: [Int16Array.from([1, 2, 3]), Int16Array.from([-1, -2, -3])],
    };
    expect(parseWav(formatWav(stereo))).toEqual(stereo);
  });
});

function patched(at: number, hex: string): Buffer {
  const bytes = Buffer.from(MONO);
  Buffer.from(hex, 'hex').copy(bytes, at);
  return bytes;
}
