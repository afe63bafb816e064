import { open } from 'node:fs/promises';

/** The sound of a WAV file. */
export interface WavAudio {
  readonly sampleRate: number;
  /** One array of 16 bit samples per channel. */
  readonly channels: readonly Int16Array[];
}

/** The file is no WAV that can be used; the message says what was found and what is needed. */
export class WavError extends Error {
  override readonly name = 'WavError';
}

const HEADER_BYTES = 44;
const PCM = 1;
/** WAVE_FORMAT_EXTENSIBLE, whose first two bytes of the sub-format say the real one. */
const EXTENSIBLE = 0xfffe;

/** Reads a file of 16 bit PCM. Rejects with `WavError`, or with the system's error if it cannot be read. */
export async function readWav(path: string): Promise<WavAudio> {
  await using file = await open(path);
  const stats = await file.stat();
  // Devices and pipes may never end.
  if (!stats.isFile() && !stats.isDirectory()) throw new WavError('expected a regular file');
  return parseWav(await file.readFile());
}

export function parseWav(bytes: Buffer): WavAudio {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    throw new WavError('not a WAV file: expected a RIFF/WAVE header');
  }
  const format = chunkOf(bytes, 'fmt ');
  const data = chunkOf(bytes, 'data');
  if (format === null || format.length < 16) throw new WavError('not a WAV file: expected a fmt chunk');
  if (data === null) throw new WavError('not a WAV file: expected a data chunk');
  const tag = format.readUInt16LE(0);
  const coding = tag === EXTENSIBLE && format.length >= 26 ? format.readUInt16LE(24) : tag;
  const bits = format.readUInt16LE(14);
  if (coding !== PCM || bits !== 16) {
    throw new WavError(
      `expected 16 bit PCM, found ${coding === PCM ? `${bits} bit PCM` : `coding ${coding}`}`,
    );
  }
  return { sampleRate: format.readUInt32LE(4), channels: split(data, format.readUInt16LE(2)) };
}

/** The bytes of a WAV file of 16 bit PCM. All channels have the same length. */
export function formatWav({ sampleRate, channels }: WavAudio): Buffer {
  const length = channels[0]?.length ?? 0;
  const frameBytes = 2 * channels.length;
  const bytes = Buffer.alloc(HEADER_BYTES + length * frameBytes);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(PCM, 20);
  bytes.writeUInt16LE(channels.length, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(sampleRate * frameBytes, 28);
  bytes.writeUInt16LE(frameBytes, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(length * frameBytes, 40);
  for (const [channel, samples] of channels.entries()) {
    for (let n = 0; n < length; n++) {
      bytes.writeInt16LE(samples[n] ?? 0, HEADER_BYTES + n * frameBytes + 2 * channel);
    }
  }
  return bytes;
}

function split(data: Buffer, channelCount: number): Int16Array[] {
  if (channelCount < 1) throw new WavError('expected at least one channel');
  const length = Math.floor(data.length / 2 / channelCount);
  const channels = Array.from({ length: channelCount }, () => new Int16Array(length));
  for (const [channel, samples] of channels.entries()) {
    for (let n = 0; n < length; n++) samples[n] = data.readInt16LE(2 * (n * channelCount + channel));
  }
  return channels;
}

/** The body of the first chunk of this name. One that claims to be longer than the file ends with the file. */
function chunkOf(bytes: Buffer, name: string): Buffer | null {
  let at = 12;
  while (at + 8 <= bytes.length) {
    const size = bytes.readUInt32LE(at + 4);
    const body = at + 8;
    if (bytes.toString('latin1', at, at + 4) === name) return bytes.subarray(body, body + size);
    at = body + size + (size & 1);
  }
  return null;
}
